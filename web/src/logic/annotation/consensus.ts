// A decision by a person: what the readers agree on, and for each difference what was chosen.

import type { AdjudicationCase, Answer, NewConsensus, Region } from "../../api/types.ts";
import { answerKey } from "./draft.ts";

/** What was chosen for each difference: a value of a label, or the number of the read whose region counts; "none" for none. */
export interface Choices {
  /** By `answerKey`; null is no answer. */
  labels: ReadonlyMap<string, number | null>;
  /** By place in the list of disputed regions. */
  regions: ReadonlyMap<number, string>;
}

/** How many differences have no choice yet. */
export function open(found: AdjudicationCase, choices: Choices): number {
  const labels = found.labels.filter(({ label, image }) => !choices.labels.has(answerKey(label, image)));
  return labels.length + found.regions.filter((_, at) => !choices.regions.has(at)).length;
}

/** Regions that all readers have: those of the first reader that are in no difference. */
export function agreedRegions(found: AdjudicationCase): Region[] {
  const [first] = found.reads;
  const disputed = new Set(found.regions.map(({ regions }) => regions[String(first?.id)]?.id));
  return (first?.regions ?? []).filter(({ id }) => !disputed.has(id));
}

/** The decision as it is sent. */
export function decisionOf(found: AdjudicationCase, choices: Choices, note: string, sign: boolean): NewConsensus {
  const [first] = found.reads;
  const disputed = new Set(found.labels.map(({ label, image }) => answerKey(label, image)));
  const agreed = (first?.answers ?? []).filter(({ label, image }) => !disputed.has(answerKey(label, image ?? null)));
  const chosen = found.labels.flatMap(({ label, image }): Answer[] => {
    const value = choices.labels.get(answerKey(label, image)) ?? null;
    return value === null ? [] : [{ label, image, value }];
  });
  const regions = found.regions.flatMap(({ regions: own }, at) => {
    const region = own[choices.regions.get(at) ?? ""];
    return region === undefined ? [] : [region];
  });
  const names = new Set<string>();
  return {
    rule: "person",
    answers: [...agreed, ...chosen].map(({ label, value, image }) => ({
      label,
      value: value as 1 | 0 | -1,
      image: image ?? null,
    })),
    // two readers may have used the same identifier
    regions: [...agreedRegions(found), ...regions].map((region, at) => {
      const id = names.has(region.id) ? `${region.id.slice(0, 56)}-${at}` : region.id;
      names.add(id);
      return { ...region, id };
    }),
    note,
    sign,
  };
}
