// The texts in use. To translate the page, write a folder like en and choose it here.

import type { Problem } from "../api/types.ts";
import { age, ago, frequency } from "../logic/numbers.ts";
import { en, type Texts } from "./en/index.ts";

export const t: Texts = en;

/** A problem of the server in words: what is wrong, what would have been right, what to do. */
export function problemText(problem: Problem): string {
  if (problem.status === 0) return t.problems.silent;
  const parts = [problem.detail ?? problem.title];
  if (parts[0] === "" || parts[0] === undefined) parts[0] = t.problems.status(problem.status);
  if (problem.detail !== undefined && problem.title !== "" && problem.detail !== problem.title) {
    parts[0] = `${problem.title}: ${problem.detail}`;
  }
  parts[0] = sentence(parts[0]);
  if (problem.expected !== undefined) parts.push(t.problems.expected(problem.expected));
  if (problem.got !== undefined) parts.push(t.problems.got(problem.got));
  if (problem.hint !== undefined) parts.push(problem.hint);
  return parts.join(" ");
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

const relative = new Intl.RelativeTimeFormat(t.language, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(t.language, { dateStyle: "medium", timeStyle: "short" });

const seconds = new Intl.DateTimeFormat(t.language, { dateStyle: "medium", timeStyle: "medium" });

export function dateTimeWithSeconds(moment: string): string {
  return seconds.format(new Date(moment));
}

export function timeAgo(moment: string, now: Date): string {
  const { value, unit } = ago(new Date(moment), now);
  return relative.format(-value, unit);
}

export function dateTime(moment: string): string {
  return exact.format(new Date(moment));
}

export function ageText(years: number | null): string {
  if (years === null) return "–";
  const { value, unit } = age(years);
  return t.age(value, unit);
}

/** An age where there is room for the whole word. */
export function ageWords(years: number): string {
  const { value, unit } = age(years);
  return t.ageWords(value, unit);
}

/** The sentence about the frequency behind a probability. */
export function frequencyText(probability: number): string {
  const { bound, count, per } = frequency(probability);
  return t.verdict.often(t.verdict.amount(bound, count, per));
}
