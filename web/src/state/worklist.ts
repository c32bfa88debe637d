// The studies that the worklist shows, kept as the server has them.

import { computed, signal } from "@preact/signals";
import { ProblemError } from "../api/http.ts";
import { fetchStudies, type Query } from "../api/studies.ts";
import type { LiveEvent, Problem, Study } from "../api/types.ts";
import { t } from "../texts/index.ts";
import { say } from "./notices.ts";

export const NO_FILTER: Query = { call: "", body_part: "", state: "", q: "", since: "", sort: "urgency" };
const PAGE = 50;
const MOST = 200; // of one request
const PAUSE = 400; // ms between two requests while much happens

export const query = signal<Query>(NO_FILTER);
export const studies = signal<readonly Study[]>([]);
export const total = signal<number | null>(null);
export const next = signal<string | null>(null);
export const problem = signal<Problem | null>(null);
export const filtered = computed(() => {
  const { sort: _, ...filters } = query.value;
  return Object.values(filters).some((value) => value !== "");
});
/** Nothing has ever been sent here. */
export const empty = computed(() => total.value === 0 && !filtered.value);

let asked = 0;

/** Ask for the list, as long as it is shown now; `news` are told to screen readers. */
export async function load(news = false): Promise<void> {
  const question = ++asked;
  try {
    const page = await fetchStudies(query.value, Math.min(MOST, Math.max(PAGE, studies.value.length)));
    if (question !== asked) return; // a later question is under way
    if (news) announce(studies.value, page.items);
    studies.value = page.items;
    total.value = page.total;
    next.value = page.next;
    problem.value = null;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    if (question === asked) problem.value = error.problem;
  }
}

export async function more(): Promise<void> {
  if (next.value === null) return;
  const question = asked;
  const page = await fetchStudies(query.value, PAGE, next.value);
  if (question !== asked) return;
  const known = new Set(studies.value.map((study) => study.id));
  studies.value = [...studies.value, ...page.items.filter((study) => !known.has(study.id))];
  next.value = page.next;
}

export function filter(change: Partial<Query>): void {
  query.value = { ...query.value, ...change };
  studies.value = studies.value.slice(0, PAGE);
  void load();
}

/** Forget everything: somebody else may log in. */
export function forget(): void {
  asked++;
  studies.value = [];
  total.value = null;
  next.value = null;
  query.value = NO_FILTER;
}

let waiting = false;

/** Something happened on the server: read the list anew, once for all that happens within a moment. */
export function changed(event: LiveEvent): void {
  if (event.kind === "removed") studies.value = studies.value.filter((study) => study.id !== event.id);
  if (waiting) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    void load(true);
  }, PAUSE);
}

function announce(before: readonly Study[], now: readonly Study[]): void {
  const read = new Set(before.filter((study) => study.call !== null).map((study) => study.id));
  const fresh = now.filter((study) => study.call !== null && !read.has(study.id));
  const first = fresh[0];
  if (fresh.length === 1 && first?.call)
    say(t.worklist.newResult(first.pseudonym ?? t.worklist.noPatient, t.calls[first.call]));
  else if (fresh.length > 1) say(t.worklist.changed);
}
