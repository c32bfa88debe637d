// Regions as points of the image: how they are moved, enlarged and begun.

import type { RegionKind } from "../../api/types.ts";
import type { Point } from "../affine.ts";

export interface Size {
  rows: number;
  columns: number;
}

/** Fewest points of each shape. */
export const FEWEST: Record<RegionKind, number> = { box: 2, polygon: 3, polyline: 2, point: 1, angle: 3 };
/** Shapes that are complete with so many points. */
export const COMPLETE: Partial<Record<RegionKind, number>> = { point: 1, angle: 3 };
const SMALLEST = 2; // px, the sides of a box

const round = (value: number) => Math.round(value * 100) / 100;

export function clamped([x, y]: Point, { rows, columns }: Size): Point {
  return [round(Math.min(columns, Math.max(0, x))), round(Math.min(rows, Math.max(0, y)))];
}

/** The upright box between two corners. */
export function boxOf([x0, y0]: Point, [x1, y1]: Point): Point[] {
  return [
    [Math.min(x0, x1), Math.min(y0, y1)],
    [Math.max(x0, x1), Math.max(y0, y1)],
  ];
}

export function largeEnough(points: readonly Point[]): boolean {
  const [[x0, y0] = [0, 0], [x1, y1] = [0, 0]] = points;
  return x1 - x0 >= SMALLEST && y1 - y0 >= SMALLEST;
}

/** Move a whole region; it keeps its shape at the edges of the image. */
export function shifted(points: readonly Point[], dx: number, dy: number, { rows, columns }: Size): Point[] {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const right = Math.min(columns - Math.max(...xs), Math.max(-Math.min(...xs), dx));
  const down = Math.min(rows - Math.max(...ys), Math.max(-Math.min(...ys), dy));
  return points.map(([x, y]) => [round(x + right), round(y + down)]);
}

/** Corners of a box, clockwise from the top left; the points themselves of other shapes. */
export function handlesOf(kind: RegionKind, points: readonly Point[]): Point[] {
  if (kind !== "box") return [...points];
  const [[x0, y0] = [0, 0], [x1, y1] = [0, 0]] = points;
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

/** Put one handle somewhere else. */
export function withHandle(kind: RegionKind, points: readonly Point[], handle: number, to: Point, size: Size): Point[] {
  const place = clamped(to, size);
  if (kind !== "box") return points.map((point, index) => (index === handle ? place : point));
  const opposite = handlesOf(kind, points)[(handle + 2) % 4] ?? place;
  const made = boxOf(opposite, place);
  return largeEnough(made) ? made : [...points];
}

/** Move a handle by so many pixels; without a handle the whole region. */
export function nudged(
  kind: RegionKind,
  points: readonly Point[],
  handle: number | null,
  dx: number,
  dy: number,
  size: Size,
): Point[] {
  const from = handle === null ? undefined : handlesOf(kind, points)[handle];
  if (handle === null || from === undefined) return shifted(points, dx, dy, size);
  const to: Point = [from[0] + dx, from[1] + dy];
  if (kind !== "box") return withHandle(kind, points, handle, to, size);
  const made = withHandle(kind, points, handle, to, size);
  // a corner that is pushed past the opposite one would turn the box round
  return (handlesOf(kind, made)[handle] ?? to).every(
    (value, axis) => Math.abs(value - (clamped(to, size)[axis] ?? 0)) < 0.01,
  )
    ? made
    : [...points];
}

/** A region to begin with about a place, for the keyboard; `reach` is half its size in pixels of the image. */
export function begun(kind: RegionKind, [x, y]: Point, reach: number, size: Size): Point[] {
  const at = (dx: number, dy: number) => clamped([x + dx * reach, y + dy * reach], size);
  if (kind === "point") return [at(0, 0)];
  if (kind === "box") return [at(-1, -1), at(1, 1)];
  if (kind === "polyline") return [at(-1, 0), at(1, 0)];
  if (kind === "angle") return [at(1, -1), at(0, 0), at(1, 1)];
  return [at(-1, -1), at(1, -1), at(1, 1), at(-1, 1)];
}

/** With another point halfway after one. */
export function withPointAfter(kind: RegionKind, points: readonly Point[], after: number): Point[] {
  const [from, next] = [points[after], points[(after + 1) % points.length]];
  if ((kind !== "polygon" && kind !== "polyline") || from === undefined || next === undefined) return [...points];
  const middle: Point = [round((from[0] + next[0]) / 2), round((from[1] + next[1]) / 2)];
  return [...points.slice(0, after + 1), middle, ...points.slice(after + 1)];
}

/** Degrees between the arms of an angle. */
export function degrees([a, b, c]: readonly Point[]): number | null {
  if (a === undefined || b === undefined || c === undefined) return null;
  const [x0, y0, x1, y1] = [a[0] - b[0], a[1] - b[1], c[0] - b[0], c[1] - b[1]];
  return (Math.atan2(Math.abs(x0 * y1 - y0 * x1), x0 * x1 + y0 * y1) * 180) / Math.PI;
}
