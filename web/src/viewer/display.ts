// How the open study is displayed: shared by the images, the toolbar, the side panel and the keys.

import { signal } from "@preact/signals";
import type { Finding } from "../api/types.ts";
import { OPACITY } from "../logic/colour.ts";
import { sessionSignal } from "../state/session-signal.ts";
import type { ImageView } from "./image/view.ts";
import type { Tool } from "./tools.ts";

// Whoever logs in next begins with everything shown: nothing may stay hidden from them that the one before hid.
export const boxes = sessionSignal(true);
export const heat = sessionSignal(true);
export const opacity = sessionSignal(OPACITY);
/** The original image with nothing over it. */
export const original = sessionSignal(false);
export const tool = signal<Tool>("window");
/** Whether zoom, place and window of one image hold for all. */
export const linked = sessionSignal(false);
/** The score from which boxes are shown. */
export const threshold = sessionSignal(0);
/** One image at a time. */
export const single = signal(matchMedia("(max-width: 900px)").matches);
/** Place of the image that keys and buttons act on. */
export const active = signal(0);
export const chosen = signal<Finding | null>(null);
/** The images on the screen, by their place in the study. */
export const views = signal<ReadonlyMap<number, ImageView>>(new Map());
/** Counts renderings, so that components that show the window or rotation of an image are updated. */
export const renderCount = signal(0);

export function activeView(): ImageView | undefined {
  return views.value.get(active.value);
}

/** A new study begins with its findings shown and its first image active. */
export function resetDisplay(first: number): void {
  original.value = false;
  active.value = first;
  chosen.value = null;
  threshold.value = 0;
}

export function changeOpacity(step: number): void {
  heat.value = true;
  opacity.value = Math.min(1, Math.max(0.1, Math.round((opacity.value + step) * 100) / 100));
}
