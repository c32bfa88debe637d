// The labels of a schema, and the rules that a finished read has to keep; src/osteon/clinic/annotation/rules.py says the same.

import type { Broken, Label, LabelSchema } from "../../api/types.ts";
import { answerKey, type Draft } from "./draft.ts";

export interface PlacedLabel {
  label: Label;
  /** How deep it lies in the tree. */
  depth: number;
  /** Labels above it, the nearest first. */
  above: readonly string[];
}

/** All labels, parents before their children. */
export function walk(labels: readonly Label[], above: readonly string[] = []): PlacedLabel[] {
  return labels.flatMap((label) => [
    { label, depth: above.length, above },
    ...walk(label.children ?? [], [label.id, ...above]),
  ]);
}

export function labelNamed(schema: LabelSchema, id: string): Label | undefined {
  return walk(schema.labels).find(({ label }) => label.id === id)?.label;
}

/** Labels by their key. */
export function labelOfKey(schema: LabelSchema, key: string): Label | undefined {
  return walk(schema.labels).find(({ label }) => label.hotkey === key && label.hotkey !== "")?.label;
}

/** Where labels are present: said themselves, or by a label below them. */
function presence(schema: LabelSchema, draft: Draft): Set<string> {
  const above = new Map(walk(schema.labels).map((placed) => [placed.label.id, placed.above]));
  const said = [...draft.answers].filter(([, value]) => value === 1).map(([key]) => key);
  said.push(...[...draft.regions.values()].map(({ label, image }) => answerKey(label, image)));
  return new Set(
    said.flatMap((key) => {
      const [label = "", image = ""] = key.split(" ");
      return [label, ...(above.get(label) ?? [])].map((name) => `${name} ${image}`);
    }),
  );
}

/** The rules that a read breaks, in the order of the schema and of the images. */
export function broken(schema: LabelSchema, draft: Draft, images: readonly number[]): Broken[] {
  const there = presence(schema, draft);
  const ofStudy = new Set(
    walk(schema.labels)
      .filter(({ label }) => label.scope === "study")
      .map(({ label }) => label.id),
  );
  const anywhere = (name: string) => [...there].some((key) => key.startsWith(`${name} `));
  const found: Broken[] = [];
  for (const { kind, labels, label = "" } of schema.rules ?? []) {
    if (kind === "excludes" && new Set([label, ...labels].map((name) => ofStudy.has(name))).size > 1) {
      const clash = anywhere(label) ? labels.filter(anywhere) : [];
      if (clash.length > 0) found.push({ kind, labels: clash, image: null, label });
      continue;
    }
    for (const image of ofStudy.has(labels[0] ?? "") ? [null] : images) {
      const present = labels.filter((name) => there.has(answerKey(name, image)));
      if (kind === "excludes") {
        if (present.length > 0 && there.has(answerKey(label, image))) {
          found.push({ kind, labels: present, image, label });
        }
      } else if (kind === "required") {
        const missing = labels.filter((name) => !draft.answers.has(answerKey(name, image)));
        if (missing.length > 0) found.push({ kind, labels: missing, image });
      } else if (kind === "one_of") {
        if (present.length !== 1) found.push({ kind, labels: present.length > 0 ? present : labels, image });
      } else if (present.length === 0) found.push({ kind, labels, image });
    }
  }
  return found;
}
