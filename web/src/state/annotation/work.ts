// The study that is being annotated: what the server has of it, what was done since, and what can be undone.

import { batch, computed, signal } from "@preact/signals";
import { fetchTask } from "../../api/annotation.ts";
import type { KeptEvents, NewEvent, Problem, RegionKind, Task } from "../../api/types.ts";
import { applied, type Change, type Draft, draftOf, inverse } from "../../logic/annotation/draft.ts";
import { broken, labelNamed } from "../../logic/annotation/schema.ts";
import { problemText, t } from "../../texts/index.ts";
import { announce, failure, notify } from "../notices.ts";
import { onSessionEnd } from "../session-signal.ts";
import { Outbox, uuid } from "./outbox.ts";

const EMPTY: Draft = { answers: new Map(), regions: new Map(), rejected: new Set() };

export const task = signal<Task | null>(null);
export const draft = signal<Draft>(EMPTY);
export const question = signal("");
export const problem = signal<Problem | null>(null);
/** The region that keys and handles change, and which of its handles; null is the whole of it. */
export const selected = signal<string | null>(null);
export const handle = signal<number | null>(null);
/** What a new region is called, and its shape. */
export const pen = signal<{ label: string; kind: RegionKind } | null>(null);
/** The read was sent off: nothing can be changed until the server has answered. */
export const leaving = signal(false);
export const canUndo = signal(false);
export const canRedo = signal(false);

export const busy = computed(() => task.value?.state === "open" || task.value?.state === "aided");
export const writable = computed(() => busy.value && !leaving.value);
export const missing = computed(() => {
  const shown = task.value;
  return shown === null
    ? []
    : broken(
        shown.label_schema,
        draft.value,
        shown.images.map(({ index }) => index),
      );
});
/** Proposals that nothing was decided on. */
export const undecided = computed(() => {
  const taken = new Set([...draft.value.regions.values()].map(({ proposal }) => proposal));
  return (task.value?.proposals ?? []).filter(({ number }) => !taken.has(number) && !draft.value.rejected.has(number));
});

interface Step {
  changes: readonly Change[];
  inverses: readonly Change[];
}

/** Reports the active time up to now before a study is finished. */
export const beforeEnd = { report: () => {} };

let box: Outbox | null = null;
let done: Step[] = [];
let undone: Step[] = [];
let sequence = 0;
let requests = 0;
let onward: (following: string | null) => void = () => {};
const beforehand = new Map<string, Promise<Task>>();

/** Fetch a study before it is opened. */
export function fetchBeforehand(assignment: string): Promise<Task> {
  let found = beforehand.get(assignment);
  if (found === undefined) {
    found = fetchTask(assignment);
    beforehand.set(assignment, found);
    found.catch(() => beforehand.delete(assignment));
  }
  return found;
}

/** Open a study; `next` is called when it is finished or skipped. Gives the function that closes it. */
export function open(assignment: string, next: (following: string | null) => void): () => void {
  const own = new Outbox(assignment, { acknowledged });
  box = own;
  onward = next;
  batch(() => {
    task.value = null;
    problem.value = null;
    leaving.value = false;
  });
  void load(assignment, beforehand.get(assignment));
  beforehand.delete(assignment);
  return () => {
    own.close();
    if (box === own) box = null;
  };
}

/** What the server has, with what is still on its way over it. */
async function load(assignment: string, known?: Promise<Task>): Promise<void> {
  const request = ++requests;
  try {
    const found = await (known ?? fetchTask(assignment));
    if (request !== requests || box?.assignment !== assignment) return;
    const waiting = box.waiting;
    sequence = found.sequence;
    done = [];
    undone = [];
    batch(() => {
      task.value = found;
      draft.value = waiting
        .filter(isChange)
        .reduce((now, one) => applied(now, one, found.proposals ?? []), draftOf(found));
      const asked = waiting.filter(({ kind }) => kind === "question").at(-1);
      question.value = asked === undefined ? found.question : String(asked.payload?.text ?? "");
      problem.value = null;
      // what was drawn in another project may be no label of this one
      const held = pen.peek();
      const known = held === null ? undefined : labelNamed(found.label_schema, held.label);
      if (held !== null && !(known?.kinds ?? []).includes(held.kind)) pen.value = null;
      selected.value = null;
      handle.value = null;
      leaving.value = waiting.some(({ kind }) => kind === "finish" || kind === "skip");
      canUndo.value = false;
      canRedo.value = false;
    });
    void box.flush();
  } catch (error) {
    if (request === requests) problem.value = failure(error);
  }
}

function isChange(event: { kind: string }): event is Change & NewEvent {
  return ["answer", "region", "region_removed", "proposal"].includes(event.kind);
}

/** Fetch the study again. */
export function reload(): void {
  if (box !== null) void load(box.assignment);
}

function perform(changes: readonly Change[]): Step {
  const proposals = task.peek()?.proposals ?? [];
  const inverses: Change[] = [];
  let now = draft.peek();
  for (const change of changes) {
    inverses.unshift(...inverse(now, change));
    now = applied(now, change, proposals);
  }
  draft.value = now;
  box?.push(...changes);
  const chosen = selected.peek();
  if (chosen !== null && !now.regions.has(chosen)) {
    selected.value = null;
    handle.value = null;
  }
  return { changes, inverses };
}

/** Do something: it is shown at once, on its way to the server, and can be undone. */
export function change(...changes: Change[]): void {
  if (!writable.peek() || changes.length === 0) return;
  batch(() => {
    done.push(perform(changes));
    undone = [];
    canUndo.value = true;
    canRedo.value = false;
  });
}

export function undo(): void {
  const step = done.at(-1);
  if (step === undefined || !writable.peek()) return;
  batch(() => {
    done.pop();
    perform(step.inverses);
    undone.push(step);
    canUndo.value = done.length > 0;
    canRedo.value = true;
  });
  announce(t.annotation.work.undone);
}

export function redo(): void {
  const step = undone.pop();
  if (step === undefined || !writable.peek()) return;
  batch(() => {
    done.push(perform(step.changes));
    canUndo.value = true;
    canRedo.value = undone.length > 0;
  });
  announce(t.annotation.work.redone);
}

export function newRegionId(): string {
  return uuid();
}

export function reportActive(seconds: number): void {
  if (seconds > 0 && writable.peek()) box?.push({ kind: "active", payload: { seconds } });
}

export function ask(text: string): void {
  question.value = text;
  box?.push({ kind: "question", payload: { text } });
}

export function finish(): void {
  if (!writable.peek() || missing.peek().length > 0) return;
  beforeEnd.report();
  leaving.value = true;
  box?.push({ kind: "finish", payload: {} });
}

export function skip(reason: string): void {
  if (!writable.peek()) return;
  beforeEnd.report();
  leaving.value = true;
  box?.push({ kind: "skip", payload: { reason } });
}

function acknowledged(answer: KeptEvents, sent: readonly NewEvent[]): void {
  const shown = task.peek();
  sequence += answer.outcomes.filter(({ fate }) => fate === "kept").length;
  const refused = answer.outcomes.filter(({ fate }) => fate === "refused");
  const [first] = refused;
  if (first !== undefined) {
    notify(first.problem === null ? t.annotation.work.refused : problemText(first.problem), "error");
    leaving.value = false;
  }
  const left = sent.some(({ kind, id }) => {
    const kept = answer.outcomes.some((outcome) => outcome.id === id && outcome.fate !== "refused");
    return kept && (kind === "finish" || kind === "skip");
  });
  if (left && answer.state !== "aided") {
    if (shown !== null) task.value = { ...shown, state: answer.state };
    onward(shown?.following ?? null);
  } else if (left || first !== undefined || answer.sequence !== sequence) {
    // proposals are shown from now on, something was not kept, or another window has added something
    if (box?.waiting.length === 0) reload();
  }
}

onSessionEnd(() => {
  beforehand.clear();
  pen.value = null;
  task.value = null;
  draft.value = EMPTY;
  done = [];
  undone = [];
});
