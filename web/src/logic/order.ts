import type { Study } from "../api/types.ts";

/** The study so many places further on; none past the ends. */
export function neighbour(studies: readonly Pick<Study, "id">[], id: string, step: 1 | -1): string | undefined {
  const at = studies.findIndex((study) => study.id === id);
  return at < 0 ? undefined : studies[at + step]?.id;
}
