// The order of images: frontal first, then lateral, whatever order they came in.

import type { Image } from "../api/types.ts";

const VIEWS = ["frontal", "lateral", "oblique"];

function rank(view: string | null): number {
  const at = VIEWS.indexOf(view ?? "");
  return at < 0 ? VIEWS.length : at;
}

/** Images in the order in which they are shown; each keeps its index, by which findings and the server know it. */
export function inOrder<Shown extends Pick<Image, "view">>(images: readonly Shown[]): Shown[] {
  return [...images].sort((one, other) => rank(one.view) - rank(other.view));
}

/** The number of an image for people: its place on the wall, from 1. */
export function numberOf(images: readonly Pick<Image, "index">[], index: number): number {
  return images.findIndex((image) => image.index === index) + 1;
}

/** The image after this one, and the first after the last. */
export function following(images: readonly Pick<Image, "index">[], index: number): number {
  return images[numberOf(images, index) % images.length]?.index ?? index;
}
