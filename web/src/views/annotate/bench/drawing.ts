// Drawing a region: what is drawn so far, and what a pointer does on an image.

import { signal } from "@preact/signals";
import type { RegionKind } from "../../../api/types.ts";
import { apply, inverse, type Point } from "../../../logic/affine.ts";
import { contentOf } from "../../../logic/annotation/draft.ts";
import {
  boxOf,
  COMPLETE,
  clamped,
  FEWEST,
  largeEnough,
  shifted,
  withHandle,
} from "../../../logic/annotation/shapes.ts";
import { change, draft, handle, newRegionId, pen, selected, writable } from "../../../state/annotation/editor.ts";
import { announce } from "../../../state/notices.ts";
import { t } from "../../../texts/index.ts";
import { tool } from "../../../viewer/display.ts";
import type { ImageView } from "../../../viewer/image/view.ts";
import { MEASURES } from "../../../viewer/tools.ts";

const STROKE = 5; // pixels of the screen from which a press is a drag
const CLOSE = 10; // pixels of the screen within which a polygon is closed
const CLOSE_FINGER = 26; // the same for a finger, which hides what it points at

/** What is being drawn; the last point follows the pointer. */
export const drawing = signal<{ image: number; kind: RegionKind; points: readonly Point[] } | null>(null);
/** A region that is being dragged, where it is now. */
export const dragged = signal<{ id: string; points: readonly Point[] } | null>(null);

/** Add a region of the label in hand; it is selected. */
export function put(image: number, points: readonly Point[]): void {
  const held = pen.peek();
  if (held === null) return;
  const id = newRegionId();
  change({ kind: "region", payload: { id, label: held.label, image, kind: held.kind, points } });
  selected.value = id;
  handle.value = null;
  announce(t.annotation.work.added);
}

/** Move a region to other points. */
export function place(id: string, points: readonly Point[]): void {
  const region = draft.peek().regions.get(id);
  if (region !== undefined) change({ kind: "region", payload: { ...contentOf(region), points } });
}

/** End a line or an outline where it is; returns whether something was being drawn. */
export function endDrawing(): boolean {
  const now = drawing.peek();
  drawing.value = null;
  if (now === null) return false;
  const points = now.points.slice(0, -1);
  if (points.length >= FEWEST[now.kind] && now.kind !== "box") put(now.image, points);
  return true;
}

/** Take the last point of a line or an outline back. */
export function dropPoint(): void {
  const now = drawing.peek();
  if (now === null) return;
  const points = now.points.slice(0, -2);
  drawing.value = points.length === 0 ? null : { ...now, points: [...points, points.at(-1) ?? [0, 0]] };
}

export function cancelDrawing(): boolean {
  const there = drawing.peek() !== null || dragged.peek() !== null;
  drawing.value = null;
  dragged.value = null;
  return there;
}

type Hold = { id: string; handle: number | null; from: Point; points: readonly Point[] };

/** Let a pointer draw and drag regions on an image, until the function returned is called. */
export function drawRegions(view: ImageView): () => void {
  const { element, image } = view;
  const stop = new AbortController();
  const options = { signal: stop.signal };
  let pointer: number | null = null;
  let hold: Hold | null = null;
  const at = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = element.getBoundingClientRect();
    return clamped(apply(inverse(view.map), [clientX - left, clientY - top]), image);
  };
  const far = (one: Point, other: Point) => {
    const [[x0, y0], [x1, y1]] = [apply(view.map, one), apply(view.map, other)];
    return Math.hypot(x1 - x0, y1 - y0);
  };
  const down = (event: PointerEvent) => {
    if (pointer !== null) {
      dragged.value = null;
      dropPoint(); // a second finger zooms
      pointer = null;
      hold = null;
      return;
    }
    if (event.button !== 0 || !event.isPrimary) return;
    if (MEASURES.has(tool.peek()) || isMark(event.target)) return; // see draw.ts of the viewer
    const held = holdOf(event.target);
    const region = held === null ? undefined : draft.peek().regions.get(held.id);
    if (held !== null && region !== undefined && drawing.peek() === null) {
      pointer = event.pointerId;
      element.setPointerCapture(pointer);
      selected.value = held.id;
      handle.value = held.handle;
      hold = { ...held, from: at(event), points: region.points };
      return;
    }
    const kind = pen.peek()?.kind;
    if (tool.peek() !== "mark" || kind === undefined || !writable.peek()) return;
    pointer = event.pointerId;
    element.setPointerCapture(pointer);
    const before = drawing.peek();
    const fixed = before?.image === image.index && before.kind === kind ? before.points.slice(0, -1) : [];
    drawing.value = { image: image.index, kind, points: [...fixed, at(event), at(event)] };
  };
  const move = (event: PointerEvent) => {
    if (hold !== null && event.pointerId === pointer) {
      const [to, from] = [at(event), hold.from];
      if (!writable.peek()) return;
      const region = draft.peek().regions.get(hold.id);
      if (region === undefined) return;
      const points =
        hold.handle === null
          ? shifted(hold.points, to[0] - from[0], to[1] - from[1], image)
          : withHandle(region.kind, hold.points, hold.handle, to, image);
      dragged.value = { id: hold.id, points };
      return;
    }
    const now = drawing.peek();
    if (now?.image !== image.index || (pointer !== null && event.pointerId !== pointer)) return;
    drawing.value = { ...now, points: [...now.points.slice(0, -1), at(event)] };
  };
  const up = (event: PointerEvent) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    if (hold !== null) {
      const [moved, held] = [dragged.peek(), hold];
      hold = null;
      dragged.value = null;
      if (moved !== null && far(held.from, at(event)) >= STROKE / 2) place(moved.id, moved.points);
      return;
    }
    const now = drawing.peek();
    if (now === null) return;
    const end = at(event);
    const first = now.points[0] ?? end;
    if (now.kind === "box") {
      drawing.value = null;
      const made = boxOf(first, end);
      if (far(first, end) >= STROKE && largeEnough(made)) put(image.index, made);
      return;
    }
    const fixed = now.points.slice(0, -1);
    const before = fixed.at(-2);
    const near = event.pointerType === "touch" ? CLOSE_FINGER : CLOSE;
    const closes = now.kind === "polygon" && fixed.length > FEWEST.polygon && far(first, end) < near;
    const ends = now.kind === "polyline" && before !== undefined && fixed.length > 2 && far(before, end) < near / 2;
    if (closes || ends) {
      drawing.value = null;
      put(image.index, fixed.slice(0, -1));
    } else if (fixed.length === COMPLETE[now.kind]) {
      drawing.value = null;
      put(image.index, fixed);
    } else drawing.value = { ...now, points: [...fixed, end] };
  };
  const lost = (event: PointerEvent) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    hold = null;
    cancelDrawing();
  };
  // dragging a region is no drag of the image: Cornerstone would change its window
  const keep = (event: Event) => {
    if (holdOf(event.target) !== null) event.stopImmediatePropagation();
  };
  const { ownerDocument: page } = element;
  element.addEventListener("pointerdown", down, options);
  page.addEventListener("pointermove", move, options);
  page.addEventListener("pointerup", up, options);
  page.addEventListener("pointercancel", lost, options);
  for (const kind of ["mousedown", "touchstart"]) {
    element.addEventListener(kind, keep, { ...options, capture: true });
  }
  return () => stop.abort();
}

/** Whether it is the end of a measurement. */
function isMark(target: EventTarget | null): boolean {
  return target instanceof SVGElement && target.dataset.mark !== undefined;
}

function holdOf(target: EventTarget | null): { id: string; handle: number | null } | null {
  if (!(target instanceof SVGElement) || target.dataset.region === undefined) return null;
  const { region, handle: point } = target.dataset;
  return { id: region, handle: point === undefined ? null : Number(point) };
}
