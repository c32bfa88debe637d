// The name of a study on the page: the sender's label, or the file name for those who may see it.

import type { Study } from "../api/types.ts";

type Named = Pick<Study, "label" | "identifiers" | "pseudonym">;

/** What its sender calls it: its label, and its file. */
export function senderNames({ label, identifiers }: Named): string[] {
  return [label, identifiers?.file_name ?? null].filter((name) => name !== null);
}

/** What distinguishes it from others, as short as possible. */
export function studyName(study: Named, nameless: string): string {
  return [study.pseudonym ?? [], senderNames(study)].flat().join(", ") || nameless;
}

/** The identifiers in which a search found something: others are not shown. */
export function matches({ identifiers }: Named, search: string): string[] {
  if (identifiers === null) return [];
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const { patient, accession, study_uid } = identifiers;
  return [patient, accession, study_uid].filter(
    (value): value is string => value !== null && words.some((word) => value.toLowerCase().includes(word)),
  );
}
