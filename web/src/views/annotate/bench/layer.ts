// The regions over an image, in SVG, redrawn whenever the image is.

import type { Region } from "../../../api/types.ts";
import { type Affine, apply, bounds, corners, labelPosition, type Point } from "../../../logic/affine.ts";
import { handlesOf } from "../../../logic/annotation/shapes.ts";
import { svgElement } from "../../../viewer/image/svg.ts";
import type { ImageView } from "../../../viewer/image/view.ts";

const PLATE = 18; // height of a plate, pixels
const LETTERS = "600 12px system-ui, sans-serif";

/** A region as it is drawn. */
export interface DrawnRegion {
  id: string;
  kind: Region["kind"];
  points: readonly Point[];
  colour: string;
  /** `stroke-dasharray`; empty for a solid line. */
  dash: string;
  text: string;
  chosen: boolean;
  /** The handle that keys move; null is the whole region, undefined where nothing can be moved. */
  handle?: number | null | undefined;
  /** Whether it can be chosen by a pointer. */
  open: boolean;
}

let ruler: CanvasRenderingContext2D | null = null;

function widthOf(text: string): number {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (ruler === null) return text.length * 8;
  ruler.font = LETTERS;
  return ruler.measureText(text).width;
}

export class RegionLayer {
  readonly #view: ImageView;
  readonly #svg = svgElement("svg", { class: "layer region-layer", "aria-hidden": "true" });

  constructor(view: ImageView) {
    this.#view = view;
    (view.element.querySelector(".viewport-element") ?? view.element).append(this.#svg);
  }

  draw(regions: readonly DrawnRegion[]): void {
    const { clientWidth: width, clientHeight: height } = this.#view.element;
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const taken: [number, number, number, number][] = [];
    const parts = regions.flatMap((region) => drawn(this.#view.map, region, [width, height], taken));
    const chosen = regions.filter(({ chosen, handle }) => chosen && handle !== undefined);
    this.#svg.replaceChildren(...parts, ...chosen.flatMap((region) => grips(this.#view.map, region)));
  }
}

function outline(map: Affine, { kind, points }: DrawnRegion): Point[] {
  if (kind !== "box") return points.map((point) => apply(map, point));
  const [[x0, y0] = [0, 0], [x1, y1] = [0, 0]] = points;
  return corners(map, [x0, y0, x1, y1]);
}

function drawn(
  map: Affine,
  region: DrawnRegion,
  screen: Point,
  taken: [number, number, number, number][],
): SVGElement[] {
  const around = outline(map, region);
  const points = around.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const name = region.kind === "box" || region.kind === "polygon" ? "polygon" : "polyline";
  const [x, y] = around[0] ?? [0, 0];
  const shape = (kind: string, more: Record<string, string | number>) =>
    region.kind === "point"
      ? svgElement("circle", { cx: x, cy: y, r: 5, class: kind, ...more })
      : svgElement(name, { points, class: kind, ...more });
  const hold = region.open ? [shape("region-hold", { "data-region": region.id })] : [];
  const dash: Record<string, string> = region.dash === "" ? {} : { "stroke-dasharray": region.dash };
  const lines = [
    shape(`region rim${region.chosen ? " chosen" : ""}`, {}),
    shape(`region${region.chosen ? " chosen" : ""}`, { stroke: region.colour, ...dash }),
    ...hold,
  ];
  if (region.text === "") return lines;
  const width = Math.ceil(widthOf(region.text)) + 12;
  const [left, top] = labelPosition(bounds(around), width, PLATE, screen, taken);
  taken.push([left, top, left + width, top + PLATE]);
  const words = svgElement("text", { x: left + width / 2, y: top + PLATE / 2 + 4, class: "plate-text" });
  words.textContent = region.text;
  const plate = svgElement("rect", {
    x: left,
    y: top,
    width,
    height: PLATE,
    rx: 2,
    class: "plate",
    fill: region.colour,
  });
  return [...lines, plate, words];
}

function grips(map: Affine, region: DrawnRegion): SVGElement[] {
  return handlesOf(region.kind, region.points).flatMap((point, index) => {
    const [cx, cy] = apply(map, point);
    const held = region.handle === index;
    return [
      svgElement("circle", {
        cx,
        cy,
        r: held ? 6 : 4,
        class: `region-handle${held ? " held" : ""}`,
        fill: region.colour,
      }),
      svgElement("circle", { cx, cy, r: 12, class: "grip", "data-region": region.id, "data-handle": index }),
    ];
  });
}
