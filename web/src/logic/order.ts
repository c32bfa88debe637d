import type { Study } from "../api/types.ts";

const RANK = { fracture: 0, doubt: 1, abstain: 2, failed: 3, "no fracture": 4, waiting: 5 } as const;

/** What comes first in the worklist: the order of the server, for studies that change between two of its answers. */
export function urgency(study: Pick<Study, "call" | "state">): number {
  if (study.call !== null) return RANK[study.call];
  return study.state === "failed" ? RANK.failed : RANK.waiting;
}

/** Definite first, then doubt, abstained, failed and no fracture; within each the more probable, then the newer. */
export function byUrgency(one: Study, other: Study): number {
  const calls = urgency(one) - urgency(other);
  if (calls !== 0) return calls;
  const sure = (other.probability ?? -1) - (one.probability ?? -1);
  return sure !== 0 ? sure : other.received.localeCompare(one.received);
}

export function byTime(one: Study, other: Study): number {
  return other.received.localeCompare(one.received);
}

/** The study so many places further on; none past the ends. */
export function neighbour(studies: readonly Pick<Study, "id">[], id: string, step: 1 | -1): string | undefined {
  const at = studies.findIndex((study) => study.id === id);
  return at < 0 ? undefined : studies[at + step]?.id;
}
