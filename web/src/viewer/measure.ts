import type { Film } from "../api/types.ts";
import { angle, distance } from "../logic/measure.ts";
import { t } from "../texts/index.ts";
import type { Measure } from "./tools.ts";

/** A measured value in words: mm only where the film states its scale. Nothing while it is being drawn. */
export function lettered({ kind, points }: Measure, film: Pick<Film, "spacing">): string | null {
  const value = kind === "angle" ? angle(points) : distance(points);
  if (value === undefined || value === 0) return null;
  if (kind === "angle") return t.viewer.degrees(value.toFixed(1));
  return film.spacing === null ? t.viewer.pixels(value.toFixed(0)) : t.viewer.millimetres(value.toFixed(1));
}
