// From the server's pixels to an image of Cornerstone: `osteon:SOURCE/IMAGE`. The server has decoded the image, so that no
// decoder has to be loaded into the browser.

import { Enums, type Types } from "@cornerstonejs/core";
import { fetchPixels } from "../../api/images.ts";
import type { Image } from "../../api/types.ts";

export const SCHEME = "osteon";

/** What of an image has to be known to show it. */
export type ShownImage = Pick<Image, "index" | "rows" | "columns" | "spacing" | "bits" | "window">;

/** Where the pixels of images come from. */
export interface Source {
  /** Unlike that of any other source. */
  key: string;
  fetch: (image: number) => Promise<{ bits: number; bytes: ArrayBuffer }>;
}

/** The images of a study of the reading room. */
export function sourceOf(study: string): Source {
  return { key: study, fetch: (image) => fetchPixels(study, image) };
}

const images = new Map<string, { source: Source; image: ShownImage }>();

/** Make an image known under an address. */
export function register(source: Source, image: ShownImage): string {
  const imageId = `${SCHEME}:${source.key}/${image.index}`;
  images.set(imageId, { source, image });
  return imageId;
}

/** Forget all images: they are a person's to see while they are logged in. */
export function clearImages(): void {
  images.clear();
}

/** Spacing where it is known; one otherwise, so that lengths come out in pixels. */
export function pixelSpacing(image: ShownImage): { row: number; column: number } {
  return { row: image.spacing?.[0] ?? 1, column: image.spacing?.[1] ?? 1 };
}

/** The window that an image is first shown with, in values of its samples. */
export function storedWindow(image: ShownImage, largest: number): { lower: number; upper: number } {
  return { lower: image.window?.low ?? 0, upper: image.window?.high ?? largest };
}

/** What `registerImageLoader` asks for. */
export function load(imageId: string): { promise: Promise<Types.IImage> } {
  return { promise: fetchImage(imageId) };
}

async function fetchImage(imageId: string): Promise<Types.IImage> {
  const known = images.get(imageId);
  if (known === undefined) throw new Error(`unknown image ${imageId}`);
  const { source, image } = known;
  const { bits, bytes } = await source.fetch(image.index);
  const pixels = bits > 8 ? new Uint16Array(bytes) : new Uint8Array(bytes);
  const largest = bits > 8 ? 65_535 : 255;
  const { lower, upper } = storedWindow(image, largest);
  const { row, column } = pixelSpacing(image);
  return {
    imageId,
    minPixelValue: 0,
    maxPixelValue: largest,
    slope: 1,
    intercept: 0,
    windowCenter: (lower + upper + 1) / 2,
    windowWidth: upper - lower + 1,
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    rows: image.rows,
    columns: image.columns,
    height: image.rows,
    width: image.columns,
    color: false,
    rgba: false,
    numberOfComponents: 1,
    rowPixelSpacing: row,
    columnPixelSpacing: column,
    invert: false,
    photometricInterpretation: "MONOCHROME2",
    sizeInBytes: pixels.byteLength,
    getPixelData: () => pixels,
    dataType: bits > 8 ? "Uint16Array" : "Uint8Array",
    imageFrame: {},
    getCanvas: () => document.createElement("canvas"),
  } as Types.IImage;
}

/** What Cornerstone needs to know of an image besides its pixels. */
export function metadataOf(kind: string, imageId: unknown): Record<string, unknown> | undefined {
  const known = typeof imageId === "string" ? images.get(imageId) : undefined;
  if (known === undefined) return undefined;
  const { image } = known;
  const { row, column } = pixelSpacing(image);
  const bits = image.bits > 8 ? 16 : 8;
  if (kind === Enums.MetadataModules.IMAGE_PIXEL) {
    return {
      bitsAllocated: bits,
      bitsStored: bits,
      highBit: bits - 1,
      samplesPerPixel: 1,
      pixelRepresentation: 0,
      photometricInterpretation: "MONOCHROME2",
    };
  }
  if (kind === Enums.MetadataModules.IMAGE_PLANE) {
    return {
      rows: image.rows,
      columns: image.columns,
      rowCosines: [1, 0, 0],
      columnCosines: [0, 1, 0],
      imageOrientationPatient: [1, 0, 0, 0, 1, 0],
      imagePositionPatient: [0, 0, 0] satisfies Types.Point3,
      pixelSpacing: [row, column],
      rowPixelSpacing: row,
      columnPixelSpacing: column,
      frameOfReferenceUID: imageId,
    };
  }
  return kind === Enums.MetadataModules.GENERAL_SERIES ? { modality: "DX" } : undefined;
}
