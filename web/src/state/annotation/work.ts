// The study that a reader annotates: what the server has of it, and how changes get there.

import { batch, computed, signal } from "@preact/signals";
import { fetchTask } from "../../api/annotation.ts";
import type { KeptEvents, NewEvent, Problem, Task } from "../../api/types.ts";
import { applied, type Change, draftOf, type ReadChange } from "../../logic/annotation/draft.ts";
import { problemText, t } from "../../texts/index.ts";
import { failure, notify } from "../notices.ts";
import { onSessionEnd } from "../session-signal.ts";
import { begin, end, missing, writable } from "./editor.ts";
import { Outbox } from "./outbox.ts";

export const task = signal<Task | null>(null);
export const question = signal("");
export const problem = signal<Problem | null>(null);
/** The read was sent off: nothing can be changed until the server has answered. */
export const leaving = signal(false);

export const busy = computed(() => task.value?.state === "open" || task.value?.state === "aided");

/** Reports the active time up to now before a study is finished. */
export const beforeEnd = { report: () => {} };

let box: Outbox | null = null;
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
    end();
  });
  void load(assignment, beforehand.get(assignment));
  beforehand.delete(assignment);
  return () => {
    own.close();
    if (box !== own) return;
    box = null;
    end();
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
    const proposals = found.proposals ?? [];
    batch(() => {
      task.value = found;
      begin(
        {
          label_schema: found.label_schema,
          images: found.images,
          proposals,
          writable: () => busy.value && !leaving.value,
          send: (changes) => box?.push(...changes.filter(isChange)),
        },
        waiting.filter(isChange).reduce((now, one) => applied(now, one, proposals), draftOf(found)),
      );
      const asked = waiting.filter(({ kind }) => kind === "question").at(-1);
      question.value = asked === undefined ? found.question : String(asked.payload?.text ?? "");
      problem.value = null;
      leaving.value = waiting.some(({ kind }) => kind === "finish" || kind === "skip");
    });
    void box.flush();
  } catch (error) {
    if (request === requests) problem.value = failure(error);
  }
}

/** Whether it is one of those that readers make, which the server keeps. */
function isChange<Kind extends Change | NewEvent>(event: Kind): event is Kind & ReadChange {
  return ["answer", "region", "region_removed", "proposal"].includes(event.kind);
}

/** Fetch the study again. */
export function reload(): void {
  if (box !== null) void load(box.assignment);
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
  task.value = null;
});
