// A mark while it is being drawn: by dragging from point to point, or by clicking at each of them.

import type { MarkKind } from "../api/types.ts";
import type { Point } from "./affine.ts";
import { POINTS } from "./measure.ts";

/** Pixels of the screen that the pointer has to move before that is a stroke and no click. */
export const STROKE = 4;

export interface Draft {
  kind: MarkKind;
  /** In pixels of the image; the last one follows the pointer. */
  points: readonly Point[];
  /** How many of them stay where they are. */
  fixed: number;
}

/** Points at which a new stroke begins: the first, and the third of two lines. */
function begins(kind: MarkKind, at: number): boolean {
  return at === 0 || (kind === "cobb" && at === 2);
}

/** The pointer went down at a point. */
export function pressed(draft: Draft | null, kind: MarkKind, at: Point): Draft {
  const before = draft?.kind === kind ? draft : { kind, points: [], fixed: 0 };
  const kept = before.points.slice(0, before.fixed);
  return begins(kind, before.fixed)
    ? { kind, points: [...kept, at, at], fixed: before.fixed + 1 }
    : { kind, points: [...kept, at], fixed: before.fixed };
}

/** The pointer moved to a point, held down or not. */
export function moved(draft: Draft, at: Point): Draft {
  // two lines: between them nothing follows the pointer
  if (draft.fixed === draft.points.length) return draft;
  return { ...draft, points: [...draft.points.slice(0, draft.fixed), at] };
}

/** The pointer was let go; `travelled` is how far the last point lies from the one before, in pixels of the screen. */
export function released(draft: Draft, travelled: number): { draft: Draft; done: boolean } {
  if (travelled < STROKE || draft.fixed === draft.points.length) return { draft, done: false };
  const fixed = draft.points.length;
  if (fixed === POINTS[draft.kind]) return { draft: { ...draft, fixed }, done: true };
  const last = draft.points[fixed - 1] as Point;
  const points = begins(draft.kind, fixed) ? draft.points : [...draft.points, last];
  return { draft: { ...draft, points, fixed }, done: false };
}
