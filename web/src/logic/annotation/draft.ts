// A read or a consensus as it stands: what changes come to. src/osteon/clinic/annotation/draft.py replays those of readers on
// the server.

import type { Proposal, Region, Task } from "../../api/types.ts";

export type Value = 1 | 0 | -1;
export type RegionContent = Pick<Region, "id" | "label" | "image" | "kind" | "points">;

/** What a reader can do that can be undone. */
export type ReadChange =
  | { kind: "answer"; payload: { label: string; value: Value | null; image: number | null } }
  | { kind: "region"; payload: RegionContent }
  | { kind: "region_removed"; payload: { id: string } }
  | { kind: "proposal"; payload: { number: number; decision: "accepted" | "rejected" | "open"; id?: string } };

/** What only an adjudicator does: take a region over from a read as it is, and choose for a difference between reads. */
export type RulingChange =
  | { kind: "taken"; payload: Region }
  | { kind: "settled"; payload: { difference: string; choice: string | null } };

export type Change = ReadChange | RulingChange;

export interface Draft {
  /** By label and image, see `answerKey`. */
  answers: ReadonlyMap<string, Value>;
  /** By identifier, in the order in which they were made. */
  regions: ReadonlyMap<string, Region>;
  /** Numbers of proposals. */
  rejected: ReadonlySet<number>;
  /** What an adjudicator has chosen, by difference; empty in reads. */
  settled: ReadonlyMap<string, string>;
}

export function answerKey(label: string, image: number | null): string {
  return `${label} ${image ?? ""}`;
}

/** What the server has of a read. */
export function draftOf({ answers, regions, rejected }: Pick<Task, "answers" | "regions" | "rejected">): Draft {
  return {
    answers: new Map(answers.map(({ label, value, image }) => [answerKey(label, image ?? null), value as Value])),
    regions: new Map(regions.map((region) => [region.id, region])),
    rejected: new Set(rejected),
    settled: new Map(),
  };
}

/** The read after a change. */
export function applied(draft: Draft, change: Change, proposals: readonly Proposal[]): Draft {
  if (change.kind === "answer") {
    const { label, value, image } = change.payload;
    const answers = new Map(draft.answers);
    answers.delete(answerKey(label, image));
    if (value !== null) answers.set(answerKey(label, image), value);
    return { ...draft, answers };
  }
  if (change.kind === "settled") {
    const { difference, choice } = change.payload;
    const settled = new Map(draft.settled);
    settled.delete(difference);
    if (choice !== null) settled.set(difference, choice);
    return { ...draft, settled };
  }
  const regions = new Map(draft.regions);
  if (change.kind === "taken") {
    regions.set(change.payload.id, change.payload);
    return { ...draft, regions };
  }
  if (change.kind === "region_removed") {
    regions.delete(change.payload.id);
    return { ...draft, regions };
  }
  if (change.kind === "region") {
    regions.set(change.payload.id, changed(regions.get(change.payload.id), change.payload));
    return { ...draft, regions };
  }
  const { number, decision, id } = change.payload;
  const rejected = new Set(draft.rejected);
  rejected.delete(number);
  if (decision === "rejected") {
    rejected.add(number);
    for (const made of [...regions.values()]) if (made.proposal === number) regions.delete(made.id);
  }
  const proposal = proposals.find((one) => one.number === number);
  if (decision === "accepted" && proposal !== undefined && id !== undefined) {
    const { label, image, points, model, score } = proposal;
    const provenance = "proposed-accepted";
    regions.set(id, { id, label, image, kind: "box", points, provenance, model, score, proposal: number });
  }
  return { ...draft, regions, rejected };
}

/** A region in a new place: one that was proposed counts as edited. */
function changed(before: Region | undefined, now: RegionContent): Region {
  if (before === undefined) return { ...now, provenance: "own" };
  const same = JSON.stringify(contentOf(before)) === JSON.stringify(contentOf(now));
  if (same) return before;
  return before.proposal == null ? { ...now, provenance: "own" } : { ...before, ...now, provenance: "proposed-edited" };
}

export function contentOf({ id, label, image, kind, points }: RegionContent): RegionContent {
  return { id, label, image, kind, points };
}

/** The changes that take a change back, in their order; `draft` is the read before it. */
export function inverse(draft: Draft, change: Change): Change[] {
  if (change.kind === "answer") {
    const { label, image } = change.payload;
    const value = draft.answers.get(answerKey(label, image)) ?? null;
    return [{ kind: "answer", payload: { label, image, value } }];
  }
  if (change.kind === "settled") {
    const { difference } = change.payload;
    return [{ kind: "settled", payload: { difference, choice: draft.settled.get(difference) ?? null } }];
  }
  if (change.kind === "taken") {
    const before = draft.regions.get(change.payload.id);
    return before === undefined
      ? [{ kind: "region_removed", payload: { id: change.payload.id } }]
      : [{ kind: "taken", payload: before }];
  }
  if (change.kind === "proposal") {
    const { number, id } = change.payload;
    const before: Change[] = draft.rejected.has(number)
      ? [{ kind: "proposal", payload: { number, decision: "rejected" } }]
      : [{ kind: "proposal", payload: { number, decision: "open" } }];
    if (id !== undefined) return [{ kind: "region_removed", payload: { id } }, ...before];
    const lost = [...draft.regions.values()].filter((region) => region.proposal === number);
    return [...before, ...lost.flatMap(restored)];
  }
  const before = draft.regions.get(change.payload.id);
  return before === undefined ? [{ kind: "region_removed", payload: { id: change.payload.id } }] : restored(before);
}

/** The changes that make a region again. */
function restored(region: Region): Change[] {
  const put: Change = { kind: "region", payload: contentOf(region) };
  if (region.proposal == null) return [put];
  const accept: Change = {
    kind: "proposal",
    payload: { number: region.proposal, decision: "accepted", id: region.id },
  };
  return region.provenance === "proposed-accepted" ? [accept] : [accept, put];
}
