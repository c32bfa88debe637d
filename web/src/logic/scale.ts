// The scale of the probability: its zones and where its two labels stand, in parts of its width.

import type { Call } from "../api/types.ts";

export interface Zone {
  call: Call;
  from: number;
  to: number;
}

export function zones(doubt: number, definite: number): Zone[] {
  const all: Zone[] = [
    { call: "no fracture", from: 0, to: doubt },
    { call: "doubt", from: doubt, to: definite },
    { call: "fracture", from: definite, to: 1 },
  ];
  return all.filter(({ from, to }) => to > from);
}

/** Left ends of the labels of both operating points, each `width` wide, so that they neither overlap nor leave the scale. */
export function labels(doubt: number, definite: number, width: number): [number, number] {
  const first = Math.min(Math.max(0, doubt - width), 1 - 2 * width);
  const second = Math.min(Math.max(definite, first + width), 1 - width);
  return [first, second];
}
