import { describe, expect, it } from "vitest";
import {
  type Affine,
  apply,
  bounds,
  corners,
  fromCorners,
  inverse,
  labelPosition,
  placed,
} from "../src/logic/affine.ts";

const quarter = Math.PI / 2;
const turned: Affine = [
  2 * Math.cos(quarter),
  2 * Math.sin(quarter),
  -2 * Math.sin(quarter),
  2 * Math.cos(quarter),
  300,
  10,
];

describe("the map from image to screen", () => {
  it("takes the corners that it was made from", () => {
    const map = fromCorners(200, 100, [10, 20], [410, 20], [10, 220]);
    expect(apply(map, [0, 0])).toEqual([10, 20]);
    expect(apply(map, [200, 100])).toEqual([410, 220]);
    expect(apply(map, [50, 25])).toEqual([110, 70]);
  });

  it("turns and mirrors boxes with the image", () => {
    const [left, top, right, bottom] = bounds(corners(turned, [10, 20, 30, 60]));
    expect([left, top, right, bottom].map(Math.round)).toEqual([180, 30, 260, 70]);
    const mirrored: Affine = [-1, 0, 0, 1, 100, 0];
    expect(bounds(corners(mirrored, [10, 0, 30, 5]))).toEqual([70, 0, 90, 5]);
  });

  it("leads back", () => {
    const [x, y] = apply(inverse(turned), apply(turned, [17, 23]));
    expect(x).toBeCloseTo(17);
    expect(y).toBeCloseTo(23);
  });

  it("places a coarse picture over the part of the image that it covers", () => {
    const map = placed(turned, [-10, 0, 90, 50], 20, 10);
    const [x, y] = apply(map, [20, 10]);
    const [wantedX, wantedY] = apply(turned, [90, 50]);
    expect(x).toBeCloseTo(wantedX);
    expect(y).toBeCloseTo(wantedY);
  });
});

describe("the plate of a box", () => {
  it("stands above it, below where there is no room, and never over another", () => {
    expect(labelPosition([50, 60, 90, 90], 40, 18, [200, 200], [])).toEqual([50, 39]);
    expect(labelPosition([50, 5, 90, 40], 40, 18, [200, 200], [])).toEqual([50, 43]);
    const [, top] = labelPosition([50, 60, 90, 90], 40, 18, [200, 200], [[50, 39, 90, 57]]);
    expect(top).toBe(93);
  });

  it("stays on the screen", () => {
    for (const box of [
      [-400, -300, -350, -280],
      [380, 390, 900, 900],
      [-50, -50, 600, 600],
    ] as const) {
      const [x, y] = labelPosition(box, 80, 18, [400, 400], []);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + 80).toBeLessThanOrEqual(400);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y + 18).toBeLessThanOrEqual(400);
    }
  });
});
