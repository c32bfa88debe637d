// Opinions about the open study and marks on its images: shown at once, saved on the server.

import { computed } from "@preact/signals";
import { addMark, changeMark, fetchMarks, fetchOpinions, removeMark } from "../api/marks.ts";
import type { Finding, Image, Mark, MarkKind, NewMark, Opinion } from "../api/types.ts";
import type { Point } from "../logic/affine.ts";
import type { Draft } from "../logic/draft.ts";
import { type Calibration, measured, type Spacing, type Value } from "../logic/measure.ts";
import { notify } from "../state/notices.ts";
import { may, session } from "../state/session.ts";
import { sessionSignal } from "../state/session-signal.ts";
import { t } from "../texts/index.ts";

/** A mark as it is shown: of the server, or not yet there and under a number below 0. */
export type ShownMark = Omit<Mark, "bundle" | "value" | "unit" | "calibrated" | "changed"> &
  Partial<Pick<Mark, "changed">>;

export const opinions = sessionSignal<readonly Opinion[]>([]);
export const marks = sessionSignal<readonly ShownMark[]>([]);
/** What is being drawn, and on which image. */
export const draft = sessionSignal<{ image: number; drawing: Draft } | null>(null);
/** A line that waits for its true length. */
export const calibrating = sessionSignal<{ image: number; points: readonly Point[] } | null>(null);
/** The mark whose end is being dragged: updates from the server do not move it. */
export const dragged = sessionSignal<number | null>(null);

let study = "";
let keeps = true;
let last = 0;
/** Numbers that the server gave to what was drawn under a number below 0. */
const serverIds = new Map<number, number>();

/** Forget what was of another study, and fetch what is of this one. */
export function open(id: string): void {
  study = id;
  keeps = true;
  clear();
  void refresh();
}

/** Measure where nothing of it is kept: on the images of a study that is annotated. */
export function openUnkept(): void {
  study = "";
  keeps = false;
  clear();
}

function clear(): void {
  opinions.value = [];
  marks.value = [];
  draft.value = null;
  calibrating.value = null;
  dragged.value = null;
}

/** Whether a study is the one on the screen: what is kept for another one is not shown here. */
export function isOpen(id: string): boolean {
  return id === study;
}

/** Ask the server again; without an answer what is there stays. */
export async function refresh(): Promise<void> {
  const id = study;
  await Promise.all([refreshOpinions(id), refreshMarks(id)]);
}

export async function refreshOpinions(id = study): Promise<void> {
  const found = await fetchOpinions(id).catch(() => null);
  if (found !== null && id === study) opinions.value = found;
}

export async function refreshMarks(id = study): Promise<void> {
  const found = await fetchMarks(id).catch(() => null);
  if (found === null || id !== study || dragged.value !== null) return;
  marks.value = [...found, ...marks.value.filter((mark) => mark.id < 0)];
}

const me = computed(() => session.value?.user?.name ?? "");

/** Whether the current user is the author. */
export function isOwn({ author }: { author?: string | undefined }): boolean {
  return author === me.value;
}

/** The latest opinion of each person, the latest last. */
export const latestOpinions = computed<readonly Opinion[]>(() => {
  const found = new Map<string, Opinion>();
  for (const opinion of opinions.value) {
    found.delete(opinion.author ?? "");
    found.set(opinion.author ?? "", opinion);
  }
  return [...found.values()];
});

/** Keep a mark: shown at once, under a number below 0 until the server has it. */
export async function add(mark: NewMark): Promise<void> {
  const at = study;
  const shown: ShownMark = {
    label: "",
    millimetres: null,
    accepted: null,
    ...mark,
    id: --last,
    author: me.value,
    created: new Date().toISOString(),
  };
  const others = marks.value.filter((one) => !(mark.kind === "verdict" && isOwn(one) && sameBox(one, shown)));
  marks.value = [...others, shown];
  if (!keeps || !may("reader")) return; // viewers can measure, but nothing is saved
  let kept: Mark;
  try {
    kept = await addMark(at, mark);
  } catch {
    notify(t.marks.unsaved, "error"); // it stays on the screen, and is called unsaved there
    return;
  }
  serverIds.set(shown.id, kept.id);
  if (at !== study) return;
  const now = marks.value.find(({ id }) => id === shown.id);
  // by now it may have been removed, or an end of it dragged
  marks.value = [
    ...marks.value.filter(({ id }) => id !== shown.id && id !== kept.id),
    { ...kept, points: now?.points ?? kept.points },
  ];
  if (now === undefined) await remove(kept.id);
  else if (now.points !== shown.points && dragged.value !== shown.id) await saveMark(kept.id);
}

/** The number under which a mark is known now. */
function currentId(id: number): number {
  return serverIds.get(id) ?? id;
}

export function findMark(id: number): ShownMark | undefined {
  return marks.value.find((mark) => mark.id === currentId(id));
}

/** Show a mark at another place, while an end of it is dragged. */
export function moveMark(id: number, points: readonly Point[]): void {
  marks.value = marks.value.map((mark) => (mark.id === currentId(id) ? { ...mark, points } : mark));
}

/** Keep the place that a mark is shown at. */
export async function saveMark(id: number): Promise<void> {
  const at = study;
  const mark = findMark(id);
  if (mark === undefined || mark.id < 0) return; // kept when the server answers
  try {
    await changeMark(at, mark.id, mark.points);
  } catch {
    notify(t.marks.unsaved, "error");
    await refreshMarks();
  }
}

export async function remove(id: number): Promise<void> {
  const at = study;
  const before = marks.value;
  marks.value = before.filter((mark) => mark.id !== id);
  if (id < 0) return;
  try {
    await removeMark(at, id);
  } catch {
    notify(t.marks.unremoved, "error");
    if (at === study) await refreshMarks();
  }
}

const MEASURES: readonly MarkKind[] = ["length", "angle", "cobb", "calibration"];

export function isMeasurement(mark: Pick<ShownMark, "kind">): boolean {
  return MEASURES.includes(mark.kind);
}

/** Remove the current user's latest measurement or box on an image; returns whether there was one. */
export function removeLatest(image: number): boolean {
  const drawn = marks.value.filter((mark) => isOwn(mark) && mark.image === image && mark.kind !== "verdict");
  const newest = drawn.reduce<ShownMark | undefined>(
    (one, other) => (!one || later(other, one) ? other : one),
    undefined,
  );
  if (newest === undefined) return false;
  void remove(newest.id);
  return true;
}

function later(one: ShownMark, other: ShownMark): boolean {
  return one.created > other.created || (one.created === other.created && Math.abs(one.id) > Math.abs(other.id));
}

/** The line of known length that holds for an image: the latest. */
export function calibrationOf(image: number): Calibration | null {
  const lines = marks.value.filter((mark) => mark.kind === "calibration" && mark.image === image);
  const moment = (mark: ShownMark) => mark.changed ?? mark.created;
  const newest = lines.reduce<ShownMark | null>(
    (one, other) => (!one || moment(other) >= moment(one) ? other : one),
    null,
  );
  return newest === null ? null : { points: newest.points, millimetres: newest.millimetres ?? 1 };
}

export function measuredOn(
  kind: MarkKind,
  points: readonly Point[],
  image: Pick<Image, "index" | "spacing">,
): Value | undefined {
  return measured(kind, points, image.spacing as Spacing | null, calibrationOf(image.index));
}

function corners({ points }: Pick<ShownMark, "points">): number[] {
  return points.flat();
}

function sameBox(one: ShownMark, other: ShownMark): boolean {
  return (
    one.kind === other.kind &&
    one.image === other.image &&
    one.label === other.label &&
    corners(one).join() === corners(other).join()
  );
}

/** Which people accepted or rejected a box of the network, the latest last. */
export function verdictsOn(finding: Finding): readonly ShownMark[] {
  return marks.value.filter(
    (mark) =>
      mark.kind === "verdict" &&
      mark.image === finding.image &&
      mark.label === finding.label &&
      corners(mark).join() === finding.box.join(),
  );
}

/** Accept or reject a box; doing the same again withdraws it. */
export function setVerdict(finding: Finding, accepted: boolean): void {
  const before = verdictsOn(finding).find(isOwn);
  if (before?.accepted === accepted) {
    void remove(before.id);
    return;
  }
  const [x0, y0, x1, y1] = finding.box;
  const points: Point[] = [
    [x0, y0],
    [x1, y1],
  ];
  void add({ image: finding.image, kind: "verdict", points, label: finding.label, accepted });
}
