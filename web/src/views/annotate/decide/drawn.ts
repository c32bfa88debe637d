// What lies over an image that is decided: the consensus in solid lines, and what readers have where they disagree in lines
// of their own.

import type { AdjudicationCase, LabelSchema } from "../../../api/types.ts";
import { chosenRead, regionIdOf } from "../../../logic/annotation/consensus.ts";
import { draft } from "../../../state/annotation/editor.ts";
import { t } from "../../../texts/index.ts";
import { colourOf } from "../bench/colours.ts";
import { edited } from "../bench/edited.ts";
import type { DrawnRegion } from "../bench/layer.ts";
import { regionText } from "../bench/regions.tsx";
import { dashOf } from "./readers.tsx";

export function shownRegions(schema: LabelSchema, study: AdjudicationCase, image: number): DrawnRegion[] {
  const now = draft.value;
  const named = { label_schema: schema };
  const places = new Map(study.reads.map((read, place) => [String(read.id), { name: read.reader, place }]));
  const chosen = study.regions.map((_, at) => chosenRead(study, now, at));
  const disputed = study.regions.flatMap(({ regions }, at) =>
    Object.entries(regions)
      // what was chosen is drawn as the consensus
      .filter(([read, region]) => region.image === image && chosen[at] !== read)
      .map(([read, region]) => ({
        id: `${read} ${region.id}`,
        kind: region.kind,
        points: region.points,
        colour: colourOf(schema, region.label),
        dash: dashOf(places.get(read)?.place ?? 0),
        text: `${places.get(read)?.name ?? read}: ${regionText(named, region)}`,
        chosen: false,
        open: false,
      })),
  );
  const taken = new Map(chosen.map((read, at) => [regionIdOf(at), places.get(read ?? "")?.name]));
  const consensus = edited(schema, image, (region) => {
    const reader = taken.get(region.id);
    const text = regionText(named, region);
    return reader === undefined ? text : `${t.annotation.decide.of(reader)}: ${text}`;
  });
  return [...disputed, ...consensus];
}
