// Windows: which values of an image are black and which white. In parts of the image's whole range.

export interface Window {
  low: number;
  high: number;
}

export type Preset = "stored" | "bone" | "soft" | "full";
export const PRESETS: readonly Preset[] = ["stored", "bone", "soft", "full"];

const NARROWEST = 0.01;

/** Brighter and with more contrast by so many parts of the range. */
export function shifted({ low, high }: Window, brighter: number, harder: number): Window {
  const width = Math.min(4, Math.max(NARROWEST, (high - low) * (1 - harder)));
  const level = Math.min(1.5, Math.max(-0.5, (low + high) / 2 - brighter * (high - low)));
  return { low: level - width / 2, high: level + width / 2 };
}

/** The values below which these shares of the image's pixels lie; the air around the limb is left out of count. */
export function quantiles(pixels: ArrayLike<number>, largest: number, wanted: readonly number[]): number[] {
  const bins = 256;
  const counts = new Array<number>(bins).fill(0);
  const step = Math.max(1, Math.floor(pixels.length / 100_000));
  let total = 0;
  for (let at = 0; at < pixels.length; at += step) {
    const value = (pixels[at] ?? 0) / largest;
    if (value < 0.04) continue;
    const bin = Math.min(bins - 1, Math.floor(value * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
    total++;
  }
  return wanted.map((share) => {
    let below = 0;
    for (let bin = 0; bin < bins; bin++) {
      below += counts[bin] ?? 0;
      if (total > 0 && below >= share * total) return (bin + 0.5) / bins;
    }
    return share;
  });
}

/** Windows by name. Images differ too much for fixed numbers: bone and soft tissue follow the image's own values. */
export function preset(name: Preset, stored: Window, pixels: ArrayLike<number>, largest: number): Window {
  if (name === "stored") return stored;
  if (name === "full") return { low: 0, high: 1 };
  const [dark = 0, middle = 0.5, bright = 1] = quantiles(pixels, largest, [0.05, 0.5, 0.995]);
  return name === "bone"
    ? { low: middle * 0.9, high: Math.max(bright, middle + 0.1) }
    : { low: dark * 0.6, high: Math.max((middle + bright) / 2, dark + 0.1) };
}

/** Level and width in per cent, for people. */
export function percent({ low, high }: Window): { level: number; width: number } {
  return { level: Math.round(((low + high) / 2) * 100), width: Math.round((high - low) * 100) };
}
