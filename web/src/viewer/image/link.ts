// Linked views: zoom, position and window of one image of the study apply to all of them.

import { linked, views } from "../display.ts";
import type { ImageView, ViewState } from "./view.ts";

const CLOSE = 2e-3;

let shared: ViewState | null = null;

function same(one: ViewState, other: ViewState): boolean {
  const close = (a: number, b: number) => Math.abs(a - b) < CLOSE * Math.max(1, Math.abs(a));
  return (
    one.inverted === other.inverted &&
    close(one.zoom, other.zoom) &&
    close(one.window.low, other.window.low) &&
    close(one.window.high, other.window.high) &&
    close(one.middle[0], other.middle[0]) &&
    close(one.middle[1], other.middle[1])
  );
}

/** An image was rendered: where its view has changed, the others follow. */
export function follow(view: ImageView): void {
  if (!linked.value || view.element.clientWidth <= 8) return;
  const { look } = view;
  if (shared !== null && same(look, shared)) return;
  shared = look;
  for (const other of views.value.values()) if (other !== view && other.element.clientWidth > 8) other.look = look;
}

/** Link or unlink the views; all begin with the view of the active image. */
export function link(view: ImageView | undefined): void {
  linked.value = !linked.value;
  shared = null;
  if (linked.value && view !== undefined) follow(view);
}
