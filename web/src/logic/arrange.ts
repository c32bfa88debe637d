// Films as they hang in the room: frontal first, then lateral, whatever order they came in.

import type { Film, FullStudy } from "../api/types.ts";

const VIEWS = ["frontal", "lateral", "oblique"];

function rank(view: string | null): number {
  const at = VIEWS.indexOf(view ?? "");
  return at < 0 ? VIEWS.length : at;
}

/** The study with its films in that order; each keeps its index, by which findings and the server know it. */
export function arranged(study: FullStudy): FullStudy {
  return { ...study, images: [...study.images].sort((one, other) => rank(one.view) - rank(other.view)) };
}

/** The number of a film for people: its place on the wall, from 1. */
export function numberOf(images: readonly Pick<Film, "index">[], index: number): number {
  return images.findIndex((film) => film.index === index) + 1;
}

/** The film after this one, and the first after the last. */
export function following(images: readonly Pick<Film, "index">[], index: number): number {
  return images[numberOf(images, index) % images.length]?.index ?? index;
}
