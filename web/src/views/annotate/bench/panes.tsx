// The images of a study side by side, or one at a time, with the tools above them.

import type { TaskImage } from "../../../api/types.ts";
import { inOrder, numberOf } from "../../../logic/arrange.ts";
import { t } from "../../../texts/index.ts";
import { active, single } from "../../../viewer/display.ts";
import type { Source } from "../../../viewer/image/loader.ts";
import { cancelDrawing, drawing, drawRegions, dropPoint, endDrawing } from "./drawing.ts";
import { Film } from "./film.tsx";
import type { DrawnRegion } from "./layer.ts";
import { BenchTools } from "./tools.tsx";

interface Props {
  images: readonly TaskImage[];
  source: Source;
  /** Whether there is something to draw, undo and redo. */
  editing: boolean;
  /** What lies over an image; it may read signals, which are followed. */
  regions: (image: number) => readonly DrawnRegion[];
}

export function Panes({ images: unordered, source, editing, regions }: Props) {
  const images = inOrder(unordered);
  return (
    <div class="viewer-images">
      <BenchTools images={images.length} editing={editing} />
      {single.value && images.length > 1 && (
        <div class="image-tabs" role="group" aria-label={t.viewer.images(images.length)}>
          {images.map((image) => (
            <button
              key={image.index}
              type="button"
              aria-pressed={active.value === image.index}
              onClick={() => (active.value = image.index)}
            >
              {t.viewer.image(numberOf(images, image.index), image.view ?? "")}
            </button>
          ))}
        </div>
      )}
      <div class={`panes count-${Math.min(4, single.value ? 1 : images.length)}`}>
        {images.map((image) => (
          <Film
            key={image.index}
            source={source}
            image={image}
            number={numberOf(images, image.index)}
            hidden={single.value && active.value !== image.index}
            regions={() => regions(image.index)}
            pointer={drawRegions}
          />
        ))}
      </div>
      <DrawBar />
    </div>
  );
}

/** How an outline or a line is ended by those who have no Enter key. */
function DrawBar() {
  const { work } = t.annotation;
  const now = drawing.value;
  if (now === null || (now.kind !== "polygon" && now.kind !== "polyline")) return null;
  return (
    <div class="draw-bar" role="group" aria-label={work.drawing}>
      <button type="button" class="primary" onClick={() => void endDrawing()}>
        {work.endDrawing}
      </button>
      <button type="button" onClick={dropPoint}>
        {work.dropPoint}
      </button>
      <button type="button" onClick={() => void cancelDrawing()}>
        {t.cancel}
      </button>
    </div>
  );
}
