// The regions that are being edited, as they are drawn over an image.

import type { LabelSchema, Region } from "../../../api/types.ts";
import { draft, handle, selected, writable } from "../../../state/annotation/editor.ts";
import { colourOf } from "./colours.ts";
import { dragged, drawing } from "./drawing.ts";
import type { DrawnRegion } from "./layer.ts";
import { regionText } from "./regions.tsx";

/** Those of the draft with the one that is being drawn; `text` is what stands on each. */
export function edited(
  schema: LabelSchema,
  image: number,
  text: (region: Region) => string = (region) => regionText({ label_schema: schema }, region),
): DrawnRegion[] {
  const moving = dragged.value;
  const now = drawing.value;
  const [chosen, held] = [selected.value, handle.value];
  const regions = [...draft.value.regions.values()]
    .filter((region) => region.image === image)
    .map((region) => ({
      id: region.id,
      kind: region.kind,
      points: moving?.id === region.id ? moving.points : region.points,
      colour: colourOf(schema, region.label),
      dash: "",
      text: text(region),
      chosen: region.id === chosen,
      ...(region.id === chosen && writable.value ? { handle: held } : {}),
      open: true,
    }));
  if (now?.image !== image) return regions;
  const points = now.kind === "box" ? upright(now.points) : now.points;
  const begun = { id: "", kind: now.kind, colour: "#ffffff", dash: "6 4", text: "", chosen: false, open: false };
  return [...regions, { ...begun, points }];
}

function upright(points: readonly (readonly [number, number])[]): [number, number][] {
  const [[x0, y0] = [0, 0], [x1, y1] = [0, 0]] = points;
  return [
    [Math.min(x0, x1), Math.min(y0, y1)],
    [Math.max(x0, x1), Math.max(y0, y1)],
  ];
}
