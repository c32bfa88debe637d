// One image on the screen: Cornerstone's viewport, with the verbs that keys and buttons use.

import { Enums, type RenderingEngine, type StackViewport, type Types } from "@cornerstonejs/core";
import { type Affine, apply, fromCorners, inverse } from "../../logic/affine.ts";
import { type Orientation, orientationOf } from "../../logic/orientation.ts";
import { onProcessor } from "./engine.ts";
import { pixelSpacing, register, type ShownImage, type Source, storedWindow } from "./loader.ts";
import { type Preset, preset, shifted, type Window } from "./windows.ts";

/** Limits of the zoom, relative to an image that fits its frame. */
const [LEAST, MOST] = [0.2, 40];

/** Pixels of the screen for one of the image. */
function magnification([a, b]: Affine): number {
  return Math.hypot(a, b);
}

/** Zoom, position and window of a view, in units that can be applied to images of other sizes. */
export interface ViewState {
  /** Beside how it fits its frame. */
  zoom: number;
  /** What lies in the middle of the frame, in parts of the image. */
  middle: readonly [number, number];
  window: Window;
  inverted: boolean;
}

export class ImageView {
  static readonly #open = new Set<ImageView>();
  readonly image: ShownImage;
  readonly id: string;
  readonly element: HTMLDivElement;
  readonly #engine: RenderingEngine;
  readonly #viewport: StackViewport;
  readonly #watch: ResizeObserver;
  #largest = 255;
  #fit: Affine = [1, 0, 0, 1, 0, 0];
  #shown = false;
  #mirroredLast = false;

  constructor(engine: RenderingEngine, element: HTMLDivElement, source: Source, image: ShownImage) {
    this.#engine = engine;
    this.image = image;
    this.element = element;
    this.id = register(source, image);
    engine.enableElement({
      viewportId: this.id,
      type: Enums.ViewportType.STACK,
      element,
      defaultOptions: { background: [0, 0, 0] },
    });
    this.#viewport = engine.getViewport(this.id) as StackViewport;
    this.#watch = new ResizeObserver(() => {
      if (!this.#shown || element.clientWidth <= 8 || element.clientHeight <= 8) return;
      // the engine resizes all images at once: those that fit are known only before
      const fitted = [...ImageView.#open].filter((view) => view.#fitted);
      engine.resize(true, true);
      for (const view of fitted) view.fit();
    });
  }

  /** Fetch the pixels and show them. */
  async show(): Promise<void> {
    await this.#viewport.setStack([this.id]);
    this.#shown = true;
    this.#largest = (this.#viewport.getCornerstoneImage().maxPixelValue as number) || 255;
    this.window = this.#stored();
    this.fit();
    ImageView.#open.add(this);
    this.#watch.observe(this.element);
  }

  /** Call a function after each rendering. */
  onDrawn(listener: () => void): void {
    this.element.addEventListener(Enums.Events.IMAGE_RENDERED, listener);
  }

  destroy(): void {
    ImageView.#open.delete(this);
    this.#watch.disconnect();
    this.#engine.disableElement(this.id);
  }

  /** From pixels of the image, counted from its upper left corner, to pixels of the screen within the element. */
  get map(): Affine {
    const { row, column } = pixelSpacing(this.image);
    const { rows, columns } = this.image;
    // Cornerstone counts from the middle of the first pixel when WebGL draws, and from its corner when the processor does.
    const half = onProcessor() ? 0 : 0.5;
    const place = (x: number, y: number) => this.#viewport.worldToCanvas([(x - half) * column, (y - half) * row, 0]);
    return fromCorners(columns, rows, place(0, 0), place(columns, 0), place(0, rows));
  }

  /** The window in [0, 1] of the image's range. */
  get window(): Window {
    const { lower = 0, upper = this.#largest } = this.#viewport.getProperties().voiRange ?? {};
    return { low: lower / this.#largest, high: upper / this.#largest };
  }

  set window({ low, high }: Window) {
    this.#viewport.setProperties({ voiRange: { lower: low * this.#largest, upper: high * this.#largest } });
    this.#viewport.render();
  }

  #stored(): Window {
    const { lower, upper } = storedWindow(this.image, this.#largest);
    return { low: lower / this.#largest, high: upper / this.#largest };
  }

  change(brighter: number, harder: number): void {
    this.window = shifted(this.window, brighter, harder);
  }

  choose(name: Preset): void {
    this.window = preset(name, this.#stored(), this.#viewport.getCornerstoneImage().getPixelData(), this.#largest);
  }

  get inverted(): boolean {
    return this.#viewport.getProperties().invert ?? false;
  }

  invert(): void {
    this.#viewport.setProperties({ invert: !this.inverted });
    this.#viewport.render();
  }

  /** How it is turned and mirrored, in the order in which that was done. */
  get turned(): Orientation {
    return orientationOf(this.map, this.#mirroredLast);
  }

  /** Turn it clockwise on the screen, mirrored or not. */
  rotate(degrees: number): void {
    this.#keepingMiddle(() => this.#turn(degrees));
    this.#mirroredLast = false;
  }

  #turn(degrees: number): void {
    const { rotation = 0 } = this.#viewport.getViewPresentation();
    this.#viewport.setViewPresentation({ rotation: (Math.round(rotation) + degrees + 360) % 360 });
  }

  get mirrored(): boolean {
    return this.#viewport.getViewPresentation().flipHorizontal ?? false;
  }

  /** Mirror it, left to right on the screen. */
  flip(): void {
    this.#keepingMiddle(() => {
      const [a, b] = this.map;
      this.#viewport.setCamera({ flipHorizontal: !this.mirrored });
      const [c, d] = this.map;
      // where the processor draws, an image lying on its side is mirrored top to bottom: half a turn mends that
      if (b * d - a * c < 0) this.#turn(180);
    });
    this.#mirroredLast = true;
  }

  /** What was in the middle of the screen stays there. */
  #keepingMiddle(change: () => void): void {
    const { clientWidth, clientHeight } = this.element;
    const [x, y] = apply(inverse(this.map), [clientWidth / 2, clientHeight / 2]);
    change();
    this.centre(x, y);
  }

  /** How much larger it is shown than it fits its frame. */
  get #zoomed(): number {
    return magnification(this.map) / magnification(this.#fit);
  }

  zoom(times: number): void {
    const now = this.#zoomed;
    const wanted = Math.min(MOST, Math.max(LEAST, now * times));
    this.#viewport.setZoom((this.#viewport.getZoom() * wanted) / now);
    this.#viewport.render();
  }

  /** Pixels of the screen, as the device has them, for one of the image. */
  get scale(): number {
    return magnification(this.map) * (window.devicePixelRatio || 1);
  }

  /** One pixel of the image on one of the screen. */
  actual(): void {
    const [x, y] = apply(inverse(this.map), [this.element.clientWidth / 2, this.element.clientHeight / 2]);
    this.#viewport.setZoom(this.#viewport.getZoom() / this.scale);
    this.centre(x, y);
  }

  /** Pixels of the screen for one of the image where the whole of it fits its frame. */
  get #frame(): number {
    const lying = this.turned.degrees % 180 !== 0;
    const { rows, columns } = this.image;
    const { clientWidth, clientHeight } = this.element;
    return Math.min(clientWidth / (lying ? rows : columns), clientHeight / (lying ? columns : rows));
  }

  get look(): ViewState {
    const { rows, columns } = this.image;
    const [x, y] = apply(inverse(this.map), [this.element.clientWidth / 2, this.element.clientHeight / 2]);
    const zoom = magnification(this.map) / this.#frame;
    return { zoom, middle: [x / columns, y / rows], window: this.window, inverted: this.inverted };
  }

  set look({ zoom, middle, window, inverted }: ViewState) {
    const { lower, upper } = { lower: window.low * this.#largest, upper: window.high * this.#largest };
    this.#viewport.setProperties({ voiRange: { lower, upper }, invert: inverted });
    this.#viewport.setZoom((this.#viewport.getZoom() * zoom * this.#frame) / magnification(this.map));
    this.centre(middle[0] * this.image.columns, middle[1] * this.image.rows);
  }

  /** Move the image by pixels of the screen. */
  move(right: number, down: number): void {
    // By the camera, as the tool does it: the viewport's own `setPan` goes astray when the processor draws.
    const { focalPoint, position } = this.#viewport.getCamera();
    if (focalPoint === undefined || position === undefined) return;
    const [from, to] = [this.#viewport.canvasToWorld([0, 0]), this.#viewport.canvasToWorld([right, down])];
    const moved = (place: Types.Point3): Types.Point3 => [
      place[0] + from[0] - to[0],
      place[1] + from[1] - to[1],
      place[2] + from[2] - to[2],
    ];
    this.#viewport.setCamera({ focalPoint: moved(focalPoint), position: moved(position) });
    this.#viewport.render();
  }

  /** Bring a place of the image to the middle of the screen. */
  centre(x: number, y: number): void {
    const [left, top] = apply(this.map, [x, y]);
    this.move(this.element.clientWidth / 2 - left, this.element.clientHeight / 2 - top);
  }

  /** Whether nobody has zoomed, moved or turned the image. */
  get #fitted(): boolean {
    const fit = this.#fit;
    return this.map.every((part, at) => Math.abs(part - (fit[at] ?? 0)) < 0.5);
  }

  fit(): void {
    this.#viewport.resetCamera({ resetPan: true, resetZoom: true, resetToCenter: true });
    this.#viewport.render();
    this.#fit = this.map;
  }

  reset(): void {
    if (this.mirrored) this.#viewport.setCamera({ flipHorizontal: false });
    this.#viewport.setViewPresentation({ rotation: 0 });
    this.#mirroredLast = false;
    this.#viewport.setProperties({ invert: false });
    this.fit();
    this.window = this.#stored();
  }

  render(): void {
    this.#viewport.render();
  }
}
