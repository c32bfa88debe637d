// One image with its layers, in the page.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Finding, Image, Problem } from "../../api/types.ts";
import { ProblemAlert } from "../../parts/alert.tsx";
import { Busy } from "../../parts/busy.tsx";
import { failure } from "../../state/notices.ts";
import { t } from "../../texts/index.ts";
import { active, boxes, chosen, heat, opacity, original, renderCount, threshold, tool, views } from "../display.ts";
import { drawOn } from "../draw.ts";
import { draft, marks } from "../marks.ts";
import { attach, DRAWS, detach } from "../tools.ts";
import { Corner } from "./corner.tsx";
import { start } from "./engine.ts";
import { heatPicture } from "./heat.ts";
import { Layers } from "./layers.ts";
import { follow } from "./link.ts";
import { sourceOf } from "./loader.ts";
import { ImageView } from "./view.ts";

interface Props {
  study: string;
  image: Image;
  /** Its place among the images of the study, for people. */
  number: number;
  findings: readonly Finding[];
  hidden: boolean;
}

export function Pane({ study, image, number, findings, hidden }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const layers = useRef<Layers | null>(null);
  const ready = useSignal(false);
  const problem = useSignal<Problem | null>(null);

  const draw = () => {
    // read before the question whether there is something to draw on, so that the effect follows all of them
    const shown = { boxes: boxes.value, heat: heat.value, opacity: opacity.value, chosen: chosen.value };
    const least = threshold.value;
    const own = marks.value.filter((mark) => mark.image === image.index);
    const drawing = draft.value?.image === image.index ? draft.value.drawing : null;
    const sure = findings.filter((finding) => finding.score >= least);
    layers.current?.draw({ ...shown, findings: sure, marks: own, drawing });
  };

  useEffect(() => {
    if (element.current === null) return;
    const engine = start();
    const view = new ImageView(engine, element.current, sourceOf(study), image);
    let gone = false;
    let undraw = () => {};
    const open = async () => {
      await view.show();
      if (gone) return;
      attach(view.id, engine.id);
      layers.current = new Layers(view);
      undraw = drawOn(view);
      view.onDrawn(() => {
        draw();
        renderCount.value++;
        follow(view);
      });
      views.value = new Map(views.value).set(image.index, view);
      ready.value = true;
      view.render();
      if (image.heat) layers.current.heat = await heatPicture(study, image.index);
      if (!gone) draw();
    };
    open().catch((error: unknown) => {
      if (!gone) problem.value = failure(error);
    });
    return () => {
      gone = true;
      undraw();
      if (ready.value) detach(view.id, engine.id);
      const left = new Map(views.value);
      left.delete(image.index);
      views.value = left;
      layers.current = null;
      view.destroy();
    };
  }, [study, image.index]);
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
        class={`image-canvas${DRAWS[tool.value] === undefined ? "" : " drawing"}`}
        role="img"
        aria-label={`${name}. ${t.viewer.imageHelp}`}
        tabIndex={0}
        data-image={image.index}
        data-ready={ready.value}
        onFocus={() => (active.value = image.index)}
        onContextMenu={(event) => event.preventDefault()}
      />
      {!ready.value && problem.value === null && <Busy text={t.viewer.opening} />}
      {problem.value !== null && <ProblemAlert problem={problem.value} />}
      <p class="pane-name">
        {name}
        {!image.read && <span class="unread">{t.viewer.unread}</span>}
      </p>
      {ready.value && <Corner image={image.index} />}
      {original.value && <p class="pane-original">{t.viewer.originalOn}</p>}
    </section>
  );
}
