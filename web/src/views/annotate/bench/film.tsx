// One image of a study that is annotated or decided, with the regions over it.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Problem, TaskImage } from "../../../api/types.ts";
import { ProblemAlert } from "../../../parts/alert.tsx";
import { Busy } from "../../../parts/busy.tsx";
import { failure } from "../../../state/notices.ts";
import { t } from "../../../texts/index.ts";
import { active, original, renderCount, tool, views } from "../../../viewer/display.ts";
import { drawOn } from "../../../viewer/draw.ts";
import { Corner } from "../../../viewer/image/corner.tsx";
import { start } from "../../../viewer/image/engine.ts";
import { Layers } from "../../../viewer/image/layers.ts";
import { follow } from "../../../viewer/image/link.ts";
import type { Source } from "../../../viewer/image/loader.ts";
import { ImageView } from "../../../viewer/image/view.ts";
import { draft, marks } from "../../../viewer/marks.ts";
import { attach, detach, MEASURES } from "../../../viewer/tools.ts";
import { type DrawnRegion, RegionLayer } from "./layer.ts";

interface Props {
  source: Source;
  image: TaskImage;
  /** Its place among the images of the study, for people. */
  number: number;
  hidden: boolean;
  /** What lies over it; it may read signals, which are followed. */
  regions: () => readonly DrawnRegion[];
  /** Lets a pointer draw regions on it, until the function returned is called. */
  pointer: (view: ImageView) => () => void;
}

/** Of the layers of the reading room only measurements are shown here. */
const NO_FINDINGS = { boxes: false, heat: false, opacity: 1, findings: [], chosen: null } as const;

export function Film({ source, image, number, hidden, regions, pointer }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const layer = useRef<RegionLayer | null>(null);
  const measured = useRef<Layers | null>(null);
  const latest = useRef(regions);
  latest.current = regions;
  const ready = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const draw = () => {
    const found = latest.current();
    const own = marks.value.filter((mark) => mark.image === image.index);
    const measuring = draft.value?.image === image.index ? draft.value.drawing : null;
    measured.current?.draw({ ...NO_FINDINGS, marks: own, drawing: measuring });
    layer.current?.draw(found);
  };
  useEffect(() => {
    if (element.current === null) return;
    const engine = start();
    const view = new ImageView(engine, element.current, source, image);
    let gone = false;
    let letGo = () => {};
    const open = async () => {
      await view.show();
      if (gone) return;
      attach(view.id, engine.id);
      measured.current = new Layers(view);
      layer.current = new RegionLayer(view);
      const stops = [pointer(view), drawOn(view, MEASURES)];
      letGo = () => {
        for (const stop of stops) stop();
      };
      view.onDrawn(() => {
        draw();
        renderCount.value++;
        follow(view);
      });
      views.value = new Map(views.value).set(image.index, view);
      ready.value = true;
      view.render();
    };
    open().catch((error: unknown) => {
      if (!gone) problem.value = failure(error);
    });
    return () => {
      gone = true;
      letGo();
      if (ready.value) detach(view.id, engine.id);
      const left = new Map(views.value);
      if (left.get(image.index) === view) left.delete(image.index);
      views.value = left;
      layer.current = null;
      measured.current = null;
      view.destroy();
    };
  }, [source.key, image.index]);
  useSignalEffect(draw);

  const name = t.viewer.image(number, [image.view, image.laterality].filter(Boolean).join(" "));
  return (
    <section
      class={`pane${active.value === image.index ? " active" : ""}${original.value ? " bare" : ""}`}
      aria-label={name}
      hidden={hidden}
      onPointerDown={() => (active.value = image.index)}
    >
      <div
        ref={element}
        class={`image-canvas${tool.value === "mark" || MEASURES.has(tool.value) ? " drawing" : ""}`}
        role="img"
        aria-label={`${name}. ${t.annotation.work.imageHelp}`}
        tabIndex={0}
        data-image={image.index}
        data-ready={ready.value}
        onFocus={() => (active.value = image.index)}
        onContextMenu={(event) => event.preventDefault()}
      />
      {!ready.value && problem.value === null && <Busy text={t.viewer.opening} />}
      {problem.value !== null && <ProblemAlert problem={problem.value} />}
      <p class="pane-name">{name}</p>
      {ready.value && <Corner image={image.index} />}
      {original.value && <p class="pane-original">{t.viewer.originalOn}</p>}
    </section>
  );
}
