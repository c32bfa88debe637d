import { describe, expect, it } from "vitest";
import { coloured, table, upscaled, WARM } from "../src/logic/colour.ts";

// python -c "from osteon.outputs.colour import table; print({i: table()[i].tolist() for i in (0, 1, 37, ...)})"
const OVERLAY: Record<number, number[]> = {
  0: [75, 29, 122],
  1: [76, 29, 122],
  37: [126, 41, 125],
  64: [164, 46, 122],
  128: [232, 87, 79],
  200: [253, 176, 48],
  254: [255, 241, 166],
  255: [255, 242, 168],
};

describe("the colours of the heat map", () => {
  it("are those of the overlay", () => {
    const colours = table();
    for (const [index, wanted] of Object.entries(OVERLAY)) {
      expect([...colours.subarray(Number(index) * 3, Number(index) * 3 + 3)]).toEqual(wanted);
    }
  });

  it("leave the image alone below the warmth from which they are shown", () => {
    const pixels = coloured(new Float32Array([0, WARM, 0.7, 1]));
    expect([pixels[3], pixels[7]]).toEqual([0, 0]);
    expect(pixels[11]).toBe(191); // half way: 1 - (1 - 0.5)^2 of the opacity
    expect([...pixels.subarray(12)]).toEqual([255, 242, 168, 255]);
  });
});

describe("enlarging a map", () => {
  it("keeps its cells in the middle and goes straight between them", () => {
    const large = upscaled(new Float32Array([0, 1]), 2, 1, 4);
    expect(large).toHaveLength(32);
    const row = [...large.subarray(0, 8)];
    expect(row).toEqual([0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1]);
  });
});
