// How numbers are written for people.

/** A probability: two decimals, three where it is small, and never a 0 or 1 that was not computed. */
export function probability(value: number): string {
  if (value < 0.0005) return "< 0.001";
  if (value > 0.9995) return "> 0.999";
  return value >= 0.095 && value < 0.995 ? value.toFixed(2) : value.toFixed(3);
}

/** How many in a hundred; below one and above 99 it says so instead of rounding to certainty. */
export function inHundred(value: number): string {
  const rounded = Math.round(value * 100);
  if (rounded < 1) return "< 1";
  if (rounded > 99) return "> 99";
  return String(rounded);
}

/** Years, or months below two years. */
export function age(years: number): { value: number; unit: "years" | "months" } {
  return years < 2 ? { value: Math.round(years * 12), unit: "months" } : { value: Math.floor(years), unit: "years" };
}

export function size(bytes: number): string {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** How long ago, in the largest unit that fits; `Intl` finds the words. */
export function ago(moment: Date, now: Date): { value: number; unit: "second" | "minute" | "hour" | "day" } {
  const seconds = Math.max(0, Math.round((now.getTime() - moment.getTime()) / 1000));
  if (seconds < 60) return { value: seconds, unit: "second" };
  if (seconds < 3600) return { value: Math.floor(seconds / 60), unit: "minute" };
  if (seconds < 86_400) return { value: Math.floor(seconds / 3600), unit: "hour" };
  return { value: Math.floor(seconds / 86_400), unit: "day" };
}
