// Lengths and angles of what was drawn on an image; src/osteon/clinic/marks/measure.py computes the same.

import type { MarkKind } from "../api/types.ts";
import type { Point } from "./affine.ts";

export type Unit = "mm" | "px" | "degrees";

/** How many points a mark has. */
export const POINTS: Record<MarkKind, number> = { length: 2, angle: 3, cobb: 4, calibration: 2, box: 2, verdict: 2 };

export interface Value {
  value: number;
  unit: Unit;
  /** Whether a person stated the scale. */
  calibrated: boolean;
}

/** A line of known length. */
export interface Calibration {
  points: readonly Point[];
  millimetres: number;
}

/** Distance between rows and between columns, mm. */
export type Spacing = readonly [row: number, column: number];

/** What a mark measures; nothing for marks that measure nothing, or are still being drawn. */
export function measured(
  kind: MarkKind,
  points: readonly Point[],
  spacing: Spacing | null,
  calibration: Calibration | null,
): Value | undefined {
  const [row, column] = spacing ?? [1, 1];
  const placed = (all: readonly Point[]) => all.map(([x, y]): Point => [x * column, y * row]);
  const [a, b, c, d] = placed(points);
  if (a === undefined || b === undefined) return undefined;
  if (kind === "length") {
    const length = distance(a, b);
    const [from, to] = placed(calibration?.points ?? []);
    if (calibration !== null && from !== undefined && to !== undefined) {
      return { value: (length / distance(from, to)) * calibration.millimetres, unit: "mm", calibrated: true };
    }
    return { value: length, unit: spacing === null ? "px" : "mm", calibrated: false };
  }
  if (c === undefined) return undefined;
  const degrees = (value: number): Value => ({ value, unit: "degrees", calibrated: false });
  if (kind === "angle") return degrees(angle(step(b, a), step(b, c)));
  return kind === "cobb" && d !== undefined ? degrees(cobb(a, b, c, d)) : undefined;
}

/**
 * The angle between two lines, from 0 to 180 degrees. Both are taken to the same side of the axis through their middles,
 * so that neither the order of drawing nor the rotation of the image matters, and angles above 90 come out as such.
 */
function cobb(a: Point, b: Point, c: Point, d: Point): number {
  const axis: Point = [(c[0] + d[0] - a[0] - b[0]) / 2, (c[1] + d[1] - a[1] - b[1]) / 2];
  const beside = ([x, y]: Point): Point => (axis[0] * y - axis[1] * x >= 0 ? [x, y] : [-x, -y]);
  return angle(beside(step(a, b)), beside(step(c, d)));
}

export function distance(from: Point, to: Point): number {
  return Math.hypot(to[0] - from[0], to[1] - from[1]);
}

function step(from: Point, to: Point): Point {
  return [to[0] - from[0], to[1] - from[1]];
}

function angle([x0, y0]: Point, [x1, y1]: Point): number {
  return (Math.atan2(Math.abs(x0 * y1 - y0 * x1), x0 * x1 + y0 * y1) * 180) / Math.PI;
}
