import { t } from "../../texts/index.ts";
import { renderCount, views } from "../display.ts";
import { percent } from "./windows.ts";

/** How an image is shown, in a corner of it. */
export function Corner({ image }: { image: number }) {
  renderCount.value;
  const view = views.value.get(image);
  if (view === undefined) return null;
  const { level, width } = percent(view.window);
  const told = [t.viewer.windowValue(level, width)];
  if (view.inverted) told.push(t.viewer.inverted);
  const { degrees, mirrored, mirroredLast } = view.turned;
  const turns = degrees === 0 ? [] : [t.viewer.rotated(degrees)];
  if (mirrored) turns[mirroredLast ? "push" : "unshift"](t.viewer.mirrored);
  told.push(...turns, t.viewer.scale(Math.round(view.scale * 100)));
  return <p class="pane-corner">{told.join(", ")}</p>;
}
