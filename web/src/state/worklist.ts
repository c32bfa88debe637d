// The studies that the worklist shows, kept as the server has them.

import { computed, effect, untracked } from "@preact/signals";
import type { LiveEvent } from "../api/events.ts";
import { ProblemError } from "../api/http.ts";
import { fetchStudies } from "../api/studies.ts";
import type { Problem, Study } from "../api/types.ts";
import { isFiltered, NO_FILTER, type Query } from "../logic/query.ts";
import { t } from "../texts/index.ts";
import { announce } from "./notices.ts";
import { query, replace, route } from "./route.ts";
import { loggedIn } from "./session.ts";
import { onSessionEnd, sessionSignal } from "./session-signal.ts";

export { NO_FILTER, query };

const PAGE = 50;
const MOST = 200; // of one request
const PAUSE = 400; // ms between two requests while much happens

export const studies = sessionSignal<readonly Study[]>([]);
export const total = sessionSignal<number | null>(null);
export const next = sessionSignal<string | null>(null);
export const problem = sessionSignal<Problem | null>(null);
/** The studies of the list that were ticked, by id. */
export const picked = sessionSignal<ReadonlySet<string>>(new Set());
export const filtered = computed(() => isFiltered(query.value));
/** Nothing has ever been sent here. */
export const empty = computed(() => total.value === 0 && !filtered.value);

let lastRequest = 0;

/** Fetch the list, as long as it is now; with `news`, new results are announced to screen readers. */
export async function load(news = false): Promise<void> {
  if (!loggedIn.value) return; // the filters are cleared with the session
  const question = ++lastRequest;
  try {
    const page = await fetchStudies(query.value, Math.min(MOST, Math.max(PAGE, studies.value.length)));
    if (question !== lastRequest) return; // a later question is under way
    if (news) announceNew(studies.value, page.items);
    show(page.items);
    total.value = page.total;
    next.value = page.next;
    problem.value = null;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    if (question === lastRequest) problem.value = error.problem;
  }
}

export async function more(): Promise<void> {
  if (next.value === null) return;
  const question = lastRequest;
  try {
    const page = await fetchStudies(query.value, PAGE, next.value);
    if (question !== lastRequest) return;
    const known = new Set(studies.value.map((study) => study.id));
    show([...studies.value, ...page.items.filter((study) => !known.has(study.id))]);
    next.value = page.next;
    problem.value = null;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    if (question === lastRequest) problem.value = error.problem;
  }
}

/** What is not in the list any more is not ticked either: nothing is done to what nobody sees. */
function show(items: readonly Study[]): void {
  studies.value = items;
  const here = new Set(items.map((study) => study.id));
  const left = [...picked.value].filter((id) => here.has(id));
  if (left.length < picked.value.size) picked.value = new Set(left);
}

const TYPING = 250; // ms after the last letter
let typing: ReturnType<typeof setTimeout> | undefined;

/** Search for words once nothing more is typed; what the one before typed last is not searched for in the next one's session. */
export function searchSoon(words: string): void {
  clearTimeout(typing);
  typing = setTimeout(() => filter({ q: words }), TYPING);
}

export function filter(change: Partial<Query>): void {
  if (change.q !== undefined) clearTimeout(typing);
  query.value = { ...query.value, ...change };
  studies.value = studies.value.slice(0, PAGE);
  if (route.value.view === "worklist") replace({ view: "worklist" });
}

/** Follow the filters while the list is shown, until the function returned is called. */
export function follow(): () => void {
  return effect(() => {
    query.value;
    if (loggedIn.value) untracked(() => void load());
  });
}

onSessionEnd(() => {
  lastRequest++;
  clearTimeout(typing);
});

let waiting = false;

/** Something happened on the server: fetch the list again, once for all events within a moment. */
export function onEvent(event: LiveEvent): void {
  if (event.kind === "removed") show(studies.value.filter((study) => study.id !== event.id));
  if (waiting) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    if (total.value !== null) void load(true);
  }, PAUSE);
}

function announceNew(before: readonly Study[], now: readonly Study[]): void {
  const read = new Set(before.filter((study) => study.call !== null).map((study) => study.id));
  const fresh = now.filter((study) => study.call !== null && !read.has(study.id));
  const first = fresh[0];
  if (fresh.length === 1 && first?.call)
    announce(t.worklist.newResult(first.pseudonym ?? t.worklist.noPatient, t.calls[first.call]));
  else if (fresh.length > 1) announce(t.worklist.changed);
}
