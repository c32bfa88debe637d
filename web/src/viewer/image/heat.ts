// The heat map of an image: fetched as grey values, coloured here with the colours of the overlay.

import { fetchHeat } from "../../api/images.ts";
import type { Box } from "../../logic/affine.ts";
import { coloured, upscaled } from "../../logic/colour.ts";

const TIMES = 12; // a cell of the map becomes so many pixels wide; the screen does the rest

export interface HeatPicture {
  canvas: HTMLCanvasElement;
  extent: Box;
}

export async function heatPicture(study: string, image: number): Promise<HeatPicture> {
  const { picture, extent } = await fetchHeat(study, image);
  const values = await greyValues(picture);
  const [width, height] = [values.width * TIMES, values.height * TIMES];
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pixels = coloured(upscaled(values.values, values.width, values.height, TIMES));
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  const [x0 = 0, y0 = 0, x1 = 1, y1 = 1] = extent;
  return { canvas, extent: [x0, y0, x1, y1] };
}

async function greyValues(picture: Blob): Promise<{ values: Float32Array; width: number; height: number }> {
  // Without a colour profile the bytes come out as they went in.
  const bitmap = await createImageBitmap(picture, { colorSpaceConversion: "none" });
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("no canvas");
  context.drawImage(bitmap, 0, 0);
  const bytes = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  const values = new Float32Array(bitmap.width * bitmap.height);
  for (let at = 0; at < values.length; at++) values[at] = (bytes[at * 4] ?? 0) / 255;
  return { values, width: bitmap.width, height: bitmap.height };
}
