// What is being edited of a study, by a reader or an adjudicator: answers and regions as they stand, what is in hand, and
// what can be undone.

import { batch, computed, signal } from "@preact/signals";
import type { LabelSchema, Proposal, RegionKind, TaskImage } from "../../api/types.ts";
import { applied, type Change, type Draft, inverse } from "../../logic/annotation/draft.ts";
import { broken, labelNamed } from "../../logic/annotation/schema.ts";
import { t } from "../../texts/index.ts";
import { announce } from "../notices.ts";
import { onSessionEnd } from "../session-signal.ts";
import { uuid } from "./outbox.ts";

const EMPTY: Draft = { answers: new Map(), regions: new Map(), rejected: new Set(), settled: new Map() };

/** A study that can be edited. */
export interface Editing {
  label_schema: LabelSchema;
  images: readonly TaskImage[];
  proposals: readonly Proposal[];
  /** Whether anything may be changed now; it may read signals. */
  writable: () => boolean;
  /** Gets every change, those of undo and redo too. */
  send: (changes: readonly Change[]) => void;
}

export const editing = signal<Editing | null>(null);
export const draft = signal<Draft>(EMPTY);
/** The region that keys and handles change, and which of its handles; null is the whole of it. */
export const selected = signal<string | null>(null);
export const handle = signal<number | null>(null);
/** What a new region is called, and its shape. */
export const pen = signal<{ label: string; kind: RegionKind } | null>(null);
export const canUndo = signal(false);
export const canRedo = signal(false);

export const writable = computed(() => editing.value?.writable() ?? false);
/** Rules of the schema that what stands there breaks. */
export const missing = computed(() => {
  const shown = editing.value;
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
  return (editing.value?.proposals ?? []).filter(
    ({ number }) => !taken.has(number) && !draft.value.rejected.has(number),
  );
});

interface Step {
  changes: readonly Change[];
  inverses: readonly Change[];
}

let done: Step[] = [];
let undone: Step[] = [];

/** Edit a study from a draft on; nothing of it can be undone yet. */
export function begin(study: Editing, from: Draft): void {
  done = [];
  undone = [];
  batch(() => {
    editing.value = study;
    draft.value = from;
    // what was drawn in another project may be no label of this one
    const held = pen.peek();
    const known = held === null ? undefined : labelNamed(study.label_schema, held.label);
    if (held !== null && !(known?.kinds ?? []).includes(held.kind)) pen.value = null;
    selected.value = null;
    handle.value = null;
    canUndo.value = false;
    canRedo.value = false;
  });
}

/** Nothing is edited any more. */
export function end(): void {
  done = [];
  undone = [];
  batch(() => {
    editing.value = null;
    draft.value = EMPTY;
    selected.value = null;
    handle.value = null;
    canUndo.value = false;
    canRedo.value = false;
  });
}

function perform(changes: readonly Change[]): Step {
  const proposals = editing.peek()?.proposals ?? [];
  const inverses: Change[] = [];
  let now = draft.peek();
  for (const change of changes) {
    inverses.unshift(...inverse(now, change));
    now = applied(now, change, proposals);
  }
  draft.value = now;
  editing.peek()?.send(changes);
  const chosen = selected.peek();
  if (chosen !== null && !now.regions.has(chosen)) {
    selected.value = null;
    handle.value = null;
  }
  return { changes, inverses };
}

/** Do something: it is shown at once, and can be undone. */
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

onSessionEnd(() => {
  pen.value = null;
  end();
});
