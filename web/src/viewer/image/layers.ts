// The overlays of an image: the heat map on a canvas, boxes and measured values in SVG. Both are redrawn whenever the
// image is, with its own map from image to screen.

import type { Finding } from "../../api/types.ts";
import { type Affine, bounds, corners, labelPosition, placed } from "../../logic/affine.ts";
import type { Draft } from "../../logic/draft.ts";
import { probability } from "../../logic/numbers.ts";
import { t } from "../../texts/index.ts";
import { type ShownMark, verdictsOn } from "../marks.ts";
import type { HeatPicture } from "./heat.ts";
import { drawMark, handles, labelOf } from "./lines.ts";
import { svgElement } from "./svg.ts";
import type { ImageView } from "./view.ts";

const SVG = "http://www.w3.org/2000/svg";
const PLATE = 18; // height of a plate, pixels
const LETTERS = "600 12px system-ui, sans-serif";

export interface Shown {
  boxes: boolean;
  heat: boolean;
  opacity: number;
  findings: readonly Finding[];
  chosen: Finding | null;
  /** Of this image. */
  marks: readonly ShownMark[];
  /** What is being drawn on it. */
  drawing: Draft | null;
}

let ruler: CanvasRenderingContext2D | null = null;

function lineWidth(text: string): number {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (ruler === null) return text.length * 8;
  ruler.font = LETTERS;
  return ruler.measureText(text).width;
}

export class Layers {
  heat: HeatPicture | null = null;
  readonly #view: ImageView;
  readonly #canvas = document.createElement("canvas");
  readonly #svg = document.createElementNS(SVG, "svg");

  constructor(view: ImageView) {
    this.#view = view;
    this.#canvas.className = "layer heat-layer";
    this.#svg.setAttribute("class", "layer box-layer");
    this.#svg.setAttribute("aria-hidden", "true");
    const inside = view.element.querySelector(".viewport-element") ?? view.element;
    inside.append(this.#canvas, this.#svg);
  }

  draw(shown: Shown): void {
    const { clientWidth: width, clientHeight: height } = this.#view.element;
    const map = this.#view.map;
    this.#drawHeat(map, shown, width, height);
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const occupied: [number, number, number, number][] = [];
    const parts: SVGElement[] = [];
    if (shown.boxes) {
      const surest = [...shown.findings].sort((one, other) => other.score - one.score);
      for (const finding of surest) parts.unshift(...this.#box(map, finding, shown.chosen, [width, height], occupied));
    }
    const ends: SVGElement[] = [];
    for (const mark of shown.marks) {
      if (mark.kind === "verdict") continue;
      parts.push(...this.#mark(map, mark, [width, height], occupied));
      ends.push(...handles(map, mark));
    }
    if (shown.drawing !== null) parts.push(...this.#mark(map, shown.drawing, [width, height], occupied));
    this.#svg.replaceChildren(...parts, ...ends);
  }

  #drawHeat(map: Affine, shown: Shown, width: number, height: number): void {
    const sharp = window.devicePixelRatio || 1;
    const canvas = this.#canvas;
    if (canvas.width !== Math.round(width * sharp)) canvas.width = Math.round(width * sharp);
    if (canvas.height !== Math.round(height * sharp)) canvas.height = Math.round(height * sharp);
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (this.heat === null || !shown.heat) return;
    const { canvas: picture, extent } = this.heat;
    const { rows, columns } = this.#view.image;
    context.save();
    context.scale(sharp, sharp);
    context.transform(...map);
    context.beginPath();
    context.rect(0, 0, columns, rows); // the map may reach beyond the image
    context.clip();
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.transform(...placed(map, extent, picture.width, picture.height));
    context.globalAlpha = shown.opacity;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0);
    context.restore();
  }

  #box(
    map: Affine,
    finding: Finding,
    chosen: Finding | null,
    screen: readonly [number, number],
    taken: [number, number, number, number][],
  ): SVGElement[] {
    const around = corners(map, finding.box);
    const points = around.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    const rejected = verdictsOn(finding).at(-1)?.accepted === false;
    const sure = finding.definite ? "definite" : "doubt";
    const kind = `box ${sure}${finding === chosen ? " chosen" : ""}${rejected ? " rejected" : ""}`;
    const text = `${finding.label} ${probability(finding.score)}${rejected ? `, ${t.findings.rejected}` : ""}`;
    return [
      svgElement("polygon", { points, class: `${kind} rim` }),
      svgElement("polygon", { points, class: kind }),
      ...this.#plate(text, bounds(around), rejected ? "rejected" : sure, screen, taken),
    ];
  }

  /** The lines of a mark, and what it measures. */
  #mark(
    map: Affine,
    mark: ShownMark | Draft,
    screen: readonly [number, number],
    taken: [number, number, number, number][],
  ): SVGElement[] {
    const { parts, label } = drawMark(map, mark);
    const text = labelOf(mark, this.#view.image);
    return text === null ? parts : [...parts, ...this.#plate(text, label, "measure", screen, taken)];
  }

  /** A line of text on a plate of its own colour with a dark rim: readable on air and on bone. */
  #plate(
    text: string,
    box: readonly [number, number, number, number],
    kind: string,
    screen: readonly [number, number],
    taken: [number, number, number, number][],
  ): SVGElement[] {
    const width = Math.ceil(lineWidth(text)) + 12;
    const [x, y] = labelPosition(box, width, PLATE, screen, taken);
    taken.push([x, y, x + width, y + PLATE]);
    const words = svgElement("text", { x: x + width / 2, y: y + PLATE / 2 + 4, class: "plate-text" });
    words.textContent = text;
    return [svgElement("rect", { x, y, width, height: PLATE, rx: 2, class: `plate ${kind}` }), words];
  }
}
