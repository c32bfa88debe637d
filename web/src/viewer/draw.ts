// Drawing on an image: measurements, and boxes that the network missed. In pixels of the image, so that what is drawn
// stays where it is however the image is moved, turned or enlarged.

import { apply, inverse, type Point } from "../logic/affine.ts";
import { type Draft, moved, pressed, released } from "../logic/draft.ts";
import { distance } from "../logic/measure.ts";
import { tool } from "./display.ts";
import type { ImageView } from "./image/view.ts";
import { add, calibrating, draft, dragged, findMark, isOwn, moveMark, saveMark } from "./marks.ts";
import { DRAWS, type Tool } from "./tools.ts";

/** What a drawn box is called; set by the study that is open. */
export const newBox = { label: "fracture" };

const ALL: ReadonlySet<Tool> = new Set(Object.keys(DRAWS) as Tool[]);

/** Let a pointer draw with some tools on an image and drag the ends of what was drawn, until the function returned is called. */
export function drawOn(view: ImageView, tools: ReadonlySet<Tool> = ALL): () => void {
  const { element, image } = view;
  const stop = new AbortController();
  const options = { signal: stop.signal };
  let pointer: number | null = null;
  let handle: { mark: number; point: number } | null = null;

  const place = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = element.getBoundingClientRect();
    return apply(inverse(view.map), [clientX - left, clientY - top]);
  };
  const set = (drawing: Draft | null) => (draft.value = drawing === null ? null : { image: image.index, drawing });
  const own = () => (draft.value?.image === image.index ? draft.value.drawing : null);
  const letGo = () => {
    pointer = null;
    handle = null;
    dragged.value = null;
  };

  const down = (event: PointerEvent) => {
    if (pointer !== null) {
      // a second finger zooms: what the first one began is no mark
      if (handle !== null) void saveMark(handle.mark);
      letGo();
      draft.value = null;
      return;
    }
    if (event.button !== 0 || !event.isPrimary) return;
    handle = handleOf(event.target);
    const kind = tools.has(tool.value) ? DRAWS[tool.value] : undefined;
    if (handle === null && kind === undefined) return;
    pointer = event.pointerId;
    element.setPointerCapture(pointer); // the element under the pointer is replaced with each move
    if (handle !== null) dragged.value = handle.mark;
    else if (kind !== undefined) set(pressed(own(), kind, place(event)));
  };
  const move = (event: PointerEvent) => {
    const at = place(event);
    if (handle !== null && event.pointerId === pointer) {
      const { mark, point } = handle;
      const before = findMark(mark);
      if (before === undefined) letGo();
      else moveMark(mark, withPoint(before.kind, before.points, point, at));
      return;
    }
    const drawing = own();
    if (drawing !== null && (pointer === null || event.pointerId === pointer)) set(moved(drawing, at));
  };
  const up = (event: PointerEvent) => {
    if (event.pointerId !== pointer) return;
    const held = handle;
    letGo();
    if (held !== null) {
      void saveMark(held.mark);
      return;
    }
    const drawing = own();
    const [end, before] = [drawing?.points.at(-1), drawing?.points.at(-2)];
    if (drawing === null || end === undefined || before === undefined) return;
    const ended = released(drawing, distance(apply(view.map, before), apply(view.map, end)));
    set(ended.done ? null : ended.draft);
    if (ended.done) finish(image.index, ended.draft);
  };
  const lost = (event: PointerEvent) => {
    if (event.pointerId !== pointer) return;
    if (handle !== null) void saveMark(handle.mark);
    letGo();
    draft.value = null;
  };
  // dragging the end of a mark is no drag of the image: Cornerstone would change its window
  const keep = (event: Event) => {
    if (handleOf(event.target) !== null) event.stopImmediatePropagation();
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

/** Stop drawing; returns whether something was being drawn. */
export function cancel(): boolean {
  const there = draft.peek() !== null; // effects that cancel do not follow what is drawn
  draft.value = null;
  return there;
}

function handleOf(target: EventTarget | null): { mark: number; point: number } | null {
  if (!(target instanceof SVGElement) || target.dataset.mark === undefined) return null;
  return { mark: Number(target.dataset.mark), point: Number(target.dataset.point) };
}

/** The points of a mark with one of them moved; of a box, the corner that was taken. */
function withPoint(kind: string, points: readonly Point[], at: number, to: Point): Point[] {
  if (kind !== "box") return points.map((point, index) => (index === at ? to : point));
  const [[x0, y0], [x1, y1]] = points as [Point, Point];
  const [left, top] = [at === 0 || at === 3, at < 2];
  return [
    [left ? to[0] : x0, top ? to[1] : y0],
    [left ? x1 : to[0], top ? y1 : to[1]],
  ];
}

function finish(image: number, { kind, points }: Draft): void {
  if (kind === "calibration") {
    calibrating.value = { image, points };
    return;
  }
  void add({ image, kind, points, ...(kind === "box" ? { label: newBox.label } : {}) });
}

/** Whether the current user can change a mark. */
export function draggable(mark: { kind: string; author: string }): boolean {
  return mark.kind !== "verdict" && isOwn(mark);
}
