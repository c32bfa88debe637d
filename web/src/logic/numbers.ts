// How numbers are written for people; src/osteon/outputs/numbers.py does it alike for reports.

/** A probability: two decimals, three where it is small, and never a 0 or 1 that was not computed. */
export function probability(value: number): string {
  if (value < 0.0005) return "< 0.001";
  if (value > 0.9995) return "> 0.999";
  return value >= 0.095 && value < 0.995 ? value.toFixed(2) : value.toFixed(3);
}

export type Bound = "about" | "fewer" | "more";

/** A probability as a count: of 100 where that gives at least 1, else of 1000; never certainty. */
export function frequency(value: number): { bound: Bound; count: number; per: number } {
  const per = value * 100 >= 1 ? 100 : 1000;
  const count = value * per;
  if (per - count < 1) return { bound: "more", count: per - 1, per };
  if (count < 1) return { bound: "fewer", count: 1, per };
  return { bound: "about", count: Math.floor(count + 0.5), per };
}

/** Whole years that have passed, or whole months below two years; never rounded up. */
export function age(years: number): { value: number; unit: "years" | "months" } {
  const months = Math.floor(years * 12 + 1e-6);
  return months < 24 ? { value: months, unit: "months" } : { value: Math.floor(years + 1e-6), unit: "years" };
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
