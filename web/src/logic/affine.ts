// From pixels of the image to pixels of the screen. Zoom, pan, rotation and flipping are all affine, so that three
// points say everything: what is drawn by this lies where Cornerstone draws the image.

export type Point = readonly [number, number];
/** `(x0, y0, x1, y1)` in pixels of the image. */
export type Box = readonly [number, number, number, number];
/** x' = a x + c y + e, y' = b x + d y + f: the order of `CanvasRenderingContext2D.setTransform`. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** The map that takes (0, 0), (width, 0) and (0, height) to three points. */
export function fromCorners(width: number, height: number, origin: Point, right: Point, below: Point): Affine {
  return [
    (right[0] - origin[0]) / width,
    (right[1] - origin[1]) / width,
    (below[0] - origin[0]) / height,
    (below[1] - origin[1]) / height,
    origin[0],
    origin[1],
  ];
}

export function apply([a, b, c, d, e, f]: Affine, [x, y]: Point): Point {
  return [a * x + c * y + e, b * x + d * y + f];
}

/** The map back, from the screen to the image. */
export function inverse([a, b, c, d, e, f]: Affine): Affine {
  const det = a * d - b * c;
  return [d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det];
}

/** The corners of a box of the image on the screen, around it. */
export function corners(map: Affine, [x0, y0, x1, y1]: Box): Point[] {
  const around: Point[] = [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
  return around.map((point) => apply(map, point));
}

/** The upright rectangle about points: left, top, right, bottom. */
export function bounds(points: readonly Point[]): Box {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** The map of a picture that covers a rectangle of the image. */
export function placed(map: Affine, [x0, y0, x1, y1]: Box, width: number, height: number): Affine {
  const [a, b, c, d, e, f] = map;
  const across = (x1 - x0) / width;
  const down = (y1 - y0) / height;
  return [a * across, b * across, c * down, d * down, a * x0 + c * y0 + e, b * x0 + d * y0 + f];
}

/** Where a plate of this size goes: above its box, below it where there is no room, always within the screen. */
export function labelPosition(box: Box, width: number, height: number, screen: Point, taken: readonly Box[]): Point {
  const left = Math.max(2, Math.min(box[0], screen[0] - width - 2));
  const tops = [box[1] - height - 3, box[3] + 3, box[1] + 3];
  for (let step = 1; step <= 6; step++) tops.push(box[1] - (height + 3) * (step + 1), box[3] + 3 + (height + 3) * step);
  const free = (top: number) =>
    top >= 2 &&
    top + height <= screen[1] - 2 &&
    !taken.some(([x0, y0, x1, y1]) => left < x1 && left + width > x0 && top < y1 && top + height > y0);
  const top = tops.find(free) ?? Math.max(2, Math.min(box[1] + 3, screen[1] - height - 2));
  return [left, top];
}
