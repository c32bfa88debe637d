// Colours of labels: by their place in the schema, each readable on bone and on air with its dark rim.

import type { LabelSchema } from "../../../api/types.ts";
import { walk } from "../../../logic/annotation/schema.ts";

const PALETTE = [
  "#78dcff",
  "#ffb454",
  "#9be37a",
  "#ff8fc4",
  "#c9a6ff",
  "#ffe066",
  "#6fe3c4",
  "#ff9d8a",
  "#b5c7ff",
  "#d9b38c",
  "#d4f06b",
  "#f0a6f0",
  "#e6e6e6",
] as const;

export function colourOf(schema: LabelSchema, label: string): string {
  const regions = walk(schema.labels).filter((placed) => placed.label.scope === "region");
  const at = regions.findIndex((placed) => placed.label.id === label);
  return PALETTE[Math.max(0, at) % PALETTE.length] ?? PALETTE[0];
}
