// The colours of a heat map, as src/osteon/outputs/drawing/colour.py draws them: from violet over red and orange to pale
// yellow, at equal distances in OKLab (Ottosson, "A perceptual color space for image processing", 2020).

/** Value of a heat map from which it is shown; the reader scales maps so that an image below doubt stays below it. */
export const WARM = 0.4;
/** How much of the image the hottest colour covers, unless the reader of the image chooses otherwise. */
export const OPACITY = 0.62;

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

const STOPS = ["#4b1d7a", "#9c2a7d", "#dd3f5b", "#f97a2c", "#fdb731", "#fff2a8"] as const;
const LMS_FROM_LINEAR: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const LAB_FROM_LMS: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];

function times(matrix: Matrix, [x, y, z]: Triple): Triple {
  const row = ([a, b, c]: Triple) => a * x + b * y + c * z;
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
}

function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    [(e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det],
    [(f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det],
    [(d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det],
  ];
}

const each = ([x, y, z]: Triple, change: (value: number) => number): Triple => [change(x), change(y), change(z)];
const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const clip = (value: number) => Math.min(1, Math.max(0, value));
const coded = (value: number) => (value <= 0.0031308 ? value * 12.92 : 1.055 * clip(value) ** (1 / 2.4) - 0.055);

function toOklab(colour: Triple): Triple {
  return times(LAB_FROM_LMS, each(times(LMS_FROM_LINEAR, each(colour, linear)), Math.cbrt));
}

const LMS_FROM_LAB = inverse(LAB_FROM_LMS);
const LINEAR_FROM_LMS = inverse(LMS_FROM_LINEAR);

function fromOklab(lab: Triple): Triple {
  const cubed = each(times(LMS_FROM_LAB, lab), (value) => value ** 3);
  return each(times(LINEAR_FROM_LMS, cubed), (value) => clip(coded(clip(value))));
}

function mixed(from: Triple, to: Triple, share: number): Triple {
  return [0, 1, 2].map(
    (axis) => (from[axis] ?? 0) + ((to[axis] ?? 0) - (from[axis] ?? 0)) * share,
  ) as unknown as Triple;
}

function parsedColour(stop: string): Triple {
  const part = (at: number) => Number.parseInt(stop.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5)];
}

/** The colours from `WARM` to 1: 256 times red, green, blue. */
export function table(): Uint8ClampedArray {
  const stops = STOPS.map((stop) => toOklab(parsedColour(stop)));
  const steps = 2048;
  const path: Triple[] = [];
  for (let step = 0; step < steps; step++) {
    const place = (step / (steps - 1)) * (stops.length - 1);
    const first = Math.min(Math.floor(place), stops.length - 2);
    path.push(mixed(stops[first] as Triple, stops[first + 1] as Triple, place - first));
  }
  const length = [0];
  for (let step = 1; step < steps; step++) {
    const [before, after] = [path[step - 1] as Triple, path[step] as Triple];
    length.push((length[step - 1] ?? 0) + Math.hypot(after[0] - before[0], after[1] - before[1], after[2] - before[2]));
  }
  const total = length[steps - 1] ?? 1;
  const colours = new Uint8ClampedArray(256 * 3);
  let step = 1;
  for (let index = 0; index < 256; index++) {
    const wanted = (index / 255) * total;
    while (step < steps - 1 && (length[step] ?? 0) < wanted) step++;
    const [low, high] = [length[step - 1] ?? 0, length[step] ?? 1];
    const lab = mixed(path[step - 1] as Triple, path[step] as Triple, high > low ? (wanted - low) / (high - low) : 0);
    fromOklab(lab).forEach((value, axis) => {
      colours[index * 3 + axis] = Math.round(value * 255);
    });
  }
  return colours;
}

/** Colour and opacity of each value in [0, 1], four bytes a pixel; the hottest is opaque, the layer is faded as a whole. */
export function coloured(values: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  const colours = table();
  const pixels = new Uint8ClampedArray(values.length * 4);
  values.forEach((value, at) => {
    if (value <= WARM) return;
    const warmth = Math.min(1, (value - WARM) / (1 - WARM));
    const index = Math.round(warmth * 255) * 3;
    pixels.set(colours.subarray(index, index + 3), at * 4);
    pixels[at * 4 + 3] = Math.round(warmth * (2 - warmth) * 255);
  });
  return pixels;
}

/** Enlarge a map between the middles of its cells, linearly; the outermost cells reach to the rim. */
export function upscaled(values: Float32Array, width: number, height: number, times: number): Float32Array {
  const wide = width * times;
  const large = new Float32Array(wide * height * times);
  for (let row = 0; row < height * times; row++) {
    const y = Math.min(height - 1, Math.max(0, (row + 0.5) / times - 0.5));
    const top = Math.floor(y);
    const bottom = Math.min(height - 1, top + 1);
    for (let column = 0; column < wide; column++) {
      const x = Math.min(width - 1, Math.max(0, (column + 0.5) / times - 0.5));
      const left = Math.floor(x);
      const right = Math.min(width - 1, left + 1);
      const at = (i: number, j: number) => values[i * width + j] ?? 0;
      const above = at(top, left) + (at(top, right) - at(top, left)) * (x - left);
      const below = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * (x - left);
      large[row * wide + column] = above + (below - above) * (y - top);
    }
  }
  return large;
}
