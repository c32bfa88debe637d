// Lengths and angles between points.

import type { Point } from "./affine.ts";

/** The distance between the first two points, in their unit; nothing before there are two. */
export function distance([from, to]: readonly Point[]): number | undefined {
  return from === undefined || to === undefined ? undefined : Math.hypot(to[0] - from[0], to[1] - from[1]);
}

/** The angle at the second of three points, in degrees from 0 to 180; nothing before there are three. */
export function angle([from, corner, to]: readonly Point[]): number | undefined {
  if (from === undefined || corner === undefined || to === undefined) return undefined;
  const one = Math.atan2(from[1] - corner[1], from[0] - corner[0]);
  const other = Math.atan2(to[1] - corner[1], to[0] - corner[0]);
  const between = Math.abs(one - other);
  return (Math.min(between, 2 * Math.PI - between) * 180) / Math.PI;
}
