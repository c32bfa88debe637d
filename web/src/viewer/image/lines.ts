// The lines of measurements and drawn boxes. Each has a dark rim, so that it is seen on bone, on air and inverted.

import type { Image } from "../../api/types.ts";
import { type Affine, apply, bounds, corners, type Point } from "../../logic/affine.ts";
import type { Draft } from "../../logic/draft.ts";
import type { Value } from "../../logic/measure.ts";
import { t } from "../../texts/index.ts";
import { draggable } from "../draw.ts";
import { measuredOn, type ShownMark } from "../marks.ts";
import { svgElement } from "./svg.ts";

/** The lines between the points of a mark, as places in the list of its points. */
const PAIRS: Record<ShownMark["kind"], readonly (readonly [number, number])[]> = {
  length: [[0, 1]],
  calibration: [[0, 1]],
  angle: [
    [0, 1],
    [1, 2],
  ],
  cobb: [
    [0, 1],
    [2, 3],
  ],
  box: [],
  verdict: [],
};

/** A measured value in words. */
export function measureText({ value, unit, calibrated }: Value): string {
  if (unit === "degrees") return t.viewer.degrees(value.toFixed(1));
  if (unit === "px") return t.viewer.pixels(value.toFixed(0));
  return t.viewer.millimetres(`${calibrated ? "≈ " : ""}${value.toFixed(1)}`);
}

/** The label of a mark; null while there is nothing to measure. */
export function labelOf(mark: ShownMark | Draft, image: Pick<Image, "index" | "spacing">): string | null {
  if (mark.kind === "box") return "id" in mark ? t.marks.missed(mark.label) : null;
  if (mark.kind === "calibration") {
    const known = "millimetres" in mark ? mark.millimetres : null;
    return known === null ? null : t.marks.scale(known);
  }
  const value = measuredOn(mark.kind, mark.points, image);
  return value === undefined || value.value === 0 ? null : measureText(value);
}

/** The lines of a mark on the screen, and where its label is. */
export function drawMark(
  map: Affine,
  { kind, points }: Pick<ShownMark, "kind" | "points">,
): { parts: SVGElement[]; label: readonly [number, number, number, number] } {
  if (kind === "box") {
    const [[x0, y0] = [0, 0], [x1, y1] = [0, 0]] = points;
    const around = corners(map, [x0, y0, x1, y1]);
    const outline = around.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    const parts = ["drawn missed rim", "drawn missed"].map((name) =>
      svgElement("polygon", { points: outline, class: name }),
    );
    return { parts, label: bounds(around) };
  }
  const ends = points.map((point) => apply(map, point));
  const lines = PAIRS[kind].flatMap(([from, to]) => {
    const [start, end] = [ends[from], ends[to]];
    return start === undefined || end === undefined ? [] : [[start, end] as const];
  });
  const parts = ["drawn rim", "drawn"].flatMap((name) =>
    lines.map(([[x1, y1], [x2, y2]]) => svgElement("line", { x1, y1, x2, y2, class: `${name} ${kind}` })),
  );
  const corner = ends[1];
  return { parts, label: bounds(kind === "angle" && corner !== undefined ? [corner] : ends) };
}

/** The ends of a mark, which its author can drag. */
export function handles(map: Affine, mark: ShownMark): SVGElement[] {
  if (!draggable(mark)) return [];
  return ends(mark).flatMap((point, at) => {
    const [cx, cy] = apply(map, point);
    const held = { cx, cy, "data-mark": mark.id, "data-point": at };
    return [
      svgElement("circle", { cx, cy, r: 3.5, class: "handle" }),
      svgElement("circle", { ...held, r: 11, class: "grip" }),
    ];
  });
}

function ends({ kind, points }: ShownMark): readonly Point[] {
  if (kind !== "box") return points;
  const [[x0, y0] = [0, 0], [x1, y1] = [0, 0]] = points;
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}
