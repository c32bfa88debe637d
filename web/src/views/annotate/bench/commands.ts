// What the keys of the workbench do. Letters and digits in lower case belong to the labels of the schema, and to the viewer
// where no label has them; commands of the workbench have Shift, Ctrl or keys that write nothing.

import type { Label } from "../../../api/types.ts";
import { apply, bounds, inverse } from "../../../logic/affine.ts";
import { answerKey, contentOf, type Value } from "../../../logic/annotation/draft.ts";
import { labelNamed, labelOfKey } from "../../../logic/annotation/schema.ts";
import { begun, FEWEST, handlesOf, nudged, withPointAfter } from "../../../logic/annotation/shapes.ts";
import { following, inOrder } from "../../../logic/arrange.ts";
import {
  change,
  draft,
  editing,
  handle,
  missing,
  newRegionId,
  pen,
  redo,
  selected,
  undecided,
  undo,
} from "../../../state/annotation/editor.ts";
import { announce } from "../../../state/notices.ts";
import { t } from "../../../texts/index.ts";
import { perform } from "../../../viewer/actions.ts";
import { active, activeView, tool, views } from "../../../viewer/display.ts";
import type { Tool } from "../../../viewer/tools.ts";
import { place, put } from "./drawing.ts";

const NEXT: ReadonlyMap<Value | null, Value | null> = new Map([
  [null, 1],
  [1, 0],
  [0, null],
  [-1, 1],
]);

/** Where a label is said of: the active image, or the study. */
export function placeOf(label: Label): number | null {
  return label.scope === "study" ? null : active.peek();
}

export function answer(label: Label, value: Value | null): void {
  change({ kind: "answer", payload: { label: label.id, value, image: placeOf(label) } });
  announce(t.annotation.work.answered(label.name, value));
}

/** The key of a label was pressed: take it in hand to draw, or say present, absent, nothing in turn. */
export function useLabel(label: Label): void {
  if (label.scope === "region") {
    takeUp(label);
    return;
  }
  const now = draft.peek().answers.get(answerKey(label.id, placeOf(label))) ?? null;
  answer(label, NEXT.get(now) ?? null);
}

/** Draw regions of a label from now on. */
export function takeUp(label: Label, kind = label.kinds?.[0]): void {
  if (kind === undefined) return;
  pen.value = { label: label.id, kind };
  tool.value = "mark";
  announce(t.annotation.work.pen(label.name, t.annotation.kinds[kind]));
}

export function select(id: string | null): void {
  selected.value = id;
  handle.value = null;
  const region = id === null ? undefined : draft.peek().regions.get(id);
  const shown = editing.peek();
  if (region === undefined || shown === null) return;
  active.value = region.image;
  announce(t.annotation.work.chosen(labelNamed(shown.label_schema, region.label)?.name ?? region.label));
}

export function stepRegion(by: 1 | -1): void {
  const ids = [...draft.peek().regions.keys()];
  const at = ids.indexOf(selected.peek() ?? "");
  const next = at < 0 ? (by === 1 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length;
  select(ids[next] ?? null);
}

function chosen() {
  const id = selected.peek();
  const region = id === null ? undefined : draft.peek().regions.get(id);
  const image = editing.peek()?.images.find(({ index }) => index === region?.image);
  return region === undefined || image === undefined ? null : { region, image };
}

/** A new region in the middle of what is seen of the active image. */
export function putInMiddle(): void {
  const [view, held] = [activeView(), pen.peek()];
  if (view === undefined || held === null) {
    announce(t.annotation.work.noPen);
    return;
  }
  const { clientWidth, clientHeight } = view.element;
  const middle = apply(inverse(view.map), [clientWidth / 2, clientHeight / 2]);
  const [x] = apply(inverse(view.map), [clientWidth / 2 + Math.min(clientWidth, clientHeight) / 10, clientHeight / 2]);
  put(view.image.index, begun(held.kind, middle, Math.max(4, Math.abs(x - middle[0])), view.image));
}

/** Move the selected region, or the handle that is chosen. */
export function nudge(dx: number, dy: number, resize = false): boolean {
  const found = chosen();
  if (found === null) return false;
  const { region, image } = found;
  const last = region.kind === "box" ? 2 : region.points.length - 1;
  const moved = nudged(region.kind, region.points, resize ? last : handle.peek(), dx, dy, image);
  place(region.id, moved);
  const [x0, y0, x1, y1] = bounds(moved).map(Math.round) as [number, number, number, number];
  announce(t.annotation.work.moved(x0, y0, x1, y1));
  return true;
}

/** Choose the next handle; after the last one the whole region. */
export function stepHandle(by: 1 | -1): void {
  const found = chosen();
  if (found === null) return;
  const count = handlesOf(found.region.kind, found.region.points).length;
  const at = (handle.peek() ?? -1) + by;
  handle.value = at < -1 ? count - 1 : at < 0 || at >= count ? null : at;
  announce(handle.value === null ? t.annotation.work.whole : t.annotation.work.handle(handle.value + 1, count));
}

export function addPoint(): void {
  const found = chosen();
  if (found === null) return;
  const { region } = found;
  const after = handle.peek() ?? region.points.length - 2;
  const points = withPointAfter(region.kind, region.points, Math.max(0, after));
  if (points.length === region.points.length) return;
  place(region.id, points);
  handle.value = Math.max(0, after) + 1;
}

/** Remove the chosen point where the shape has enough others, or else the whole region. */
export function erase(): void {
  const found = chosen();
  if (found === null) return;
  const { region } = found;
  const at = handle.peek();
  const free = region.kind === "polygon" || region.kind === "polyline";
  if (at !== null && free && region.points.length > FEWEST[region.kind]) {
    handle.value = null;
    place(
      region.id,
      region.points.filter((_, index) => index !== at),
    );
  } else {
    change({ kind: "region_removed", payload: { id: region.id } });
    announce(t.annotation.work.removed);
  }
}

/** Call the selected region by the label in hand. */
export function relabel(label: string): void {
  const found = chosen();
  if (found !== null) change({ kind: "region", payload: { ...contentOf(found.region), label } });
}

/** Take the label and shape of the selected region in hand. */
export function copyLabel(): void {
  const found = chosen();
  const label =
    found === null
      ? undefined
      : labelNamed(editing.peek()?.label_schema ?? { name: "", title: "", labels: [] }, found.region.label);
  if (found !== null && label !== undefined) takeUp(label, found.region.kind);
}

/** Enlarge the selected region to fill most of its frame. */
export function zoomTo(): void {
  const found = chosen();
  if (found === null) return;
  const view = views.peek().get(found.region.image);
  if (view === undefined) return;
  const [x0, y0, x1, y1] = bounds(found.region.points);
  view.fit();
  const [left, top] = apply(view.map, [x0, y0]);
  const [right, bottom] = apply(view.map, [x1, y1]);
  const { clientWidth, clientHeight } = view.element;
  const wide = Math.max(24, Math.abs(right - left));
  const high = Math.max(24, Math.abs(bottom - top));
  view.zoom(Math.max(1, 0.5 * Math.min(clientWidth / wide, clientHeight / high)));
  view.centre((x0 + x1) / 2, (y0 + y1) / 2);
}

/** Go to the first thing that keeps the read from being finished. */
export function nextUnanswered(): void {
  const [first] = missing.peek();
  const shown = editing.peek();
  if (first === undefined || shown === null) {
    announce(t.annotation.work.nothingMissing);
    document.getElementById("finish")?.focus();
    return;
  }
  if (first.image != null) active.value = first.image;
  const label = first.labels[0] ?? "";
  document.querySelector<HTMLElement>(`[data-label="${CSS.escape(label)}"] button`)?.focus();
}

/** Accept or reject the selected or else the first proposal that nothing was decided on. */
export function decideProposal(decision: "accepted" | "rejected", number?: number): void {
  const open = undecided.peek();
  const proposal = open.find((one) => one.number === number) ?? open[0];
  if (proposal === undefined) return;
  active.value = proposal.image;
  if (decision === "rejected") change({ kind: "proposal", payload: { number: proposal.number, decision } });
  else {
    const id = newRegionId();
    change({ kind: "proposal", payload: { number: proposal.number, decision, id } });
    selected.value = id;
    handle.value = null;
  }
  announce(decision === "accepted" ? t.annotation.work.accepted : t.annotation.work.rejected);
}

export function nextImage(): void {
  active.value = following(inOrder(editing.peek()?.images ?? []), active.peek());
  const shown = document.querySelector<HTMLElement>(`[data-image="${active.peek()}"]`);
  shown?.focus();
}

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const STEP = 10; // px of the image with Shift
/** Tools that measure, since labels may have their letters of the viewer. */
export const MEASURE_KEYS: ReadonlyMap<string, Tool> = new Map([
  ["L", "length"],
  ["G", "angle"],
  ["B", "cobb"],
  ["U", "calibrate"],
]);

/** Perform the command of a key; returns whether there is one. */
export function command(event: KeyboardEvent): boolean {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
  const arrow = ARROWS[key];
  if (arrow !== undefined && !altKey && !metaKey) {
    const step = shiftKey ? STEP : 1;
    // along the screen, however the image is turned
    const view = views.peek().get(chosen()?.region.image ?? -1);
    const [x, y] = view === undefined ? arrow : along(view.map, arrow);
    return nudge(x * step, y * step, ctrlKey);
  }
  if ((ctrlKey || metaKey) && !altKey) {
    const letter = key.toLowerCase();
    if (letter === "z") shiftKey ? redo() : undo();
    else if (letter === "y") redo();
    else return false;
    return true;
  }
  if (altKey) return false;
  const measures = MEASURE_KEYS.get(key);
  if (measures !== undefined) tool.value = measures;
  else if (key === "M") perform("erase");
  else if (key === "Enter") putInMiddle();
  else if (key === "Delete" || key === "Backspace") erase();
  else if (key === "Insert" || key === "P") addPoint();
  else if (key === "PageDown") stepRegion(1);
  else if (key === "PageUp") stepRegion(-1);
  else if (key === ".") stepHandle(1);
  else if (key === ",") stepHandle(-1);
  else if (key === "N") nextUnanswered();
  else if (key === "Z") zoomTo();
  else if (key === "C") copyLabel();
  else if (key === "A") decideProposal("accepted");
  else if (key === "X") decideProposal("rejected");
  else if (key === "I") nextImage();
  else if (key === "F") document.getElementById("finish")?.click();
  else if (key === "S") document.getElementById("skip-study")?.click();
  else if (key === "Q") document.getElementById("ask-lead")?.click();
  else {
    const schema = editing.peek()?.label_schema;
    const label = schema === undefined ? undefined : labelOfKey(schema, key);
    if (label === undefined || shiftKey) return false;
    useLabel(label);
  }
  return true;
}

/** The direction on the image that a direction on the screen is. */
function along([a, b, c, d]: readonly number[], [x, y]: readonly [number, number]): [number, number] {
  const det = (a ?? 1) * (d ?? 1) - (b ?? 0) * (c ?? 0);
  const [u, v] = [((d ?? 1) * x - (c ?? 0) * y) / det, ((a ?? 1) * y - (b ?? 0) * x) / det];
  const length = Math.max(Math.abs(u), Math.abs(v));
  return [Math.round(u / length), Math.round(v / length)];
}
