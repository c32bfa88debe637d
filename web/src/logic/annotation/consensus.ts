// The consensus on a study as an adjudicator makes it: what the readers agree on to begin with, for each difference what was
// chosen, and whatever the adjudicator has drawn, changed or removed.

import type { AdjudicationCase, NewConsensus, Region } from "../../api/types.ts";
import { answerKey, type Change, type Draft, draftOf, type Value } from "./draft.ts";

const NEAR = 0.05; // px by which points of the same region may differ after the server has rounded them

/** Nothing counts there. */
export const NONE = "none";
/** The region of a difference was changed by hand. */
export const CHANGED = "changed";
const DECIDED = "decided"; // by an earlier decision

/** The region of the consensus that a difference between regions came to. */
export function regionIdOf(at: number): string {
  return `difference-${at}`;
}

/** A difference between regions, as a draft names it; those between answers are named by `answerKey`. */
export function regionKey(at: number): string {
  return `region ${at}`;
}

function same(one: Region, other: Region): boolean {
  return (
    one.label === other.label &&
    one.image === other.image &&
    one.kind === other.kind &&
    one.points.length === other.points.length &&
    one.points.every((point, at) =>
      point.every((value, axis) => Math.abs(value - (other.points[at]?.[axis] ?? 0)) < NEAR),
    )
  );
}

/** Regions that all readers have: those of the first reader that are in no difference. */
export function agreedRegions(found: AdjudicationCase): Region[] {
  const [first] = found.reads;
  const disputed = new Set(found.regions.map(({ regions }) => regions[String(first?.id)]?.id));
  return (first?.regions ?? []).filter(({ id }) => !disputed.has(id));
}

/** Whether what a person decided, or what is signed, is of the reads that count now. */
function holds(found: AdjudicationCase): boolean {
  const { consensus } = found;
  if (consensus === null) return false;
  if (found.state === "locked") return true;
  const reads = found.reads.map(({ id }) => id);
  return consensus.rule === "person" && consensus.reads.join() === reads.join();
}

/** The consensus to begin with: the decision that holds, or what all readers agree on. */
export function draftOfCase(found: AdjudicationCase): Draft {
  const { consensus } = found;
  if (consensus !== null && holds(found)) {
    const draft = draftOf({ answers: consensus.answers, regions: consensus.regions, rejected: [] });
    const regions = new Map(draft.regions);
    for (const [at, { regions: own }] of found.regions.entries()) {
      const id = regionIdOf(at);
      const taken = [...regions.values()].find((region) => Object.values(own).some((one) => same(one, region)));
      if (regions.has(id) || taken === undefined) continue;
      regions.delete(taken.id);
      regions.set(id, { ...taken, id });
    }
    const keys = [
      ...found.labels.map(({ label, image }) => answerKey(label, image)),
      ...found.regions.map((_, at) => regionKey(at)),
    ];
    return { ...draft, regions, settled: new Map(keys.map((key) => [key, DECIDED])) };
  }
  const disputed = new Set(found.labels.map(({ label, image }) => answerKey(label, image)));
  const answers = (found.reads[0]?.answers ?? []).filter(
    ({ label, image }) => !disputed.has(answerKey(label, image ?? null)),
  );
  return draftOf({ answers, regions: agreedRegions(found), rejected: [] });
}

/** The value that was chosen for an answer; undefined where nothing was chosen yet. */
export function chosenValue(found: AdjudicationCase, draft: Draft, at: number): Value | null | undefined {
  const difference = found.labels[at];
  if (difference === undefined) return undefined;
  const key = answerKey(difference.label, difference.image);
  return draft.answers.get(key) ?? (draft.settled.has(key) ? null : undefined);
}

/** Whose region counts: the number of a read, `NONE`, or `CHANGED`; undefined where nothing was chosen yet. */
export function chosenRead(found: AdjudicationCase, draft: Draft, at: number): string | undefined {
  const region = draft.regions.get(regionIdOf(at));
  if (region === undefined) return draft.settled.has(regionKey(at)) ? NONE : undefined;
  const taken = Object.entries(found.regions[at]?.regions ?? {}).find(([, one]) => same(one, region));
  return taken?.[0] ?? CHANGED;
}

/** How many differences have no choice yet. */
export function open(found: AdjudicationCase, draft: Draft): number {
  const labels = found.labels.filter((_, at) => chosenValue(found, draft, at) === undefined);
  return labels.length + found.regions.filter((_, at) => chosenRead(found, draft, at) === undefined).length;
}

/** Choose an answer. */
export function valueChosen(found: AdjudicationCase, at: number, value: Value | null): Change[] {
  const difference = found.labels[at];
  if (difference === undefined) return [];
  const { label, image } = difference;
  return [
    { kind: "answer", payload: { label, image, value } },
    { kind: "settled", payload: { difference: answerKey(label, image), choice: String(value) } },
  ];
}

/** Choose whose region counts, or that none does. */
export function readChosen(found: AdjudicationCase, draft: Draft, at: number, choice: string): Change[] {
  const id = regionIdOf(at);
  const region = found.regions[at]?.regions[choice];
  const settled: Change = { kind: "settled", payload: { difference: regionKey(at), choice } };
  if (region !== undefined) return [{ kind: "taken", payload: { ...region, id } }, settled];
  return draft.regions.has(id) ? [{ kind: "region_removed", payload: { id } }, settled] : [settled];
}

/** The decision as it is sent. */
export function decisionOf(draft: Draft, note: string, sign: boolean): NewConsensus {
  return {
    rule: "person",
    answers: [...draft.answers].map(([key, value]) => {
      const [label = "", image = ""] = key.split(" ");
      return { label, value, image: image === "" ? null : Number(image) };
    }),
    regions: [...draft.regions.values()],
    note,
    sign,
  };
}
