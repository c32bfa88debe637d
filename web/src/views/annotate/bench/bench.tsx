// The workbench: the images of a study with the regions over them, its labels, and what keeps it from being finished.

import { imageLoader } from "@cornerstonejs/core";
import { useSignalEffect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { assignedPixels } from "../../../api/annotation.ts";
import type { Task } from "../../../api/types.ts";
import { ActiveTime } from "../../../logic/annotation/active.ts";
import { labelNamed } from "../../../logic/annotation/schema.ts";
import { inOrder, numberOf } from "../../../logic/arrange.ts";
import { ProblemAlert } from "../../../parts/alert.tsx";
import { Busy } from "../../../parts/busy.tsx";
import { Icon } from "../../../parts/icon.tsx";
import * as work from "../../../state/annotation/work.ts";
import { shortcuts } from "../../../state/preferences.ts";
import { address, go, replace } from "../../../state/route.ts";
import { ageWords, t } from "../../../texts/index.ts";
import { perform } from "../../../viewer/actions.ts";
import { active, original, resetDisplay, single, tool } from "../../../viewer/display.ts";
import { start } from "../../../viewer/image/engine.ts";
import { register, type Source } from "../../../viewer/image/loader.ts";
import { actionOf, isTyping } from "../../../viewer/keys.ts";
import { chooseTool } from "../../../viewer/tools.ts";
import { colourOf } from "./colours.ts";
import { command } from "./commands.ts";
import { cancelDrawing, dragged, drawing, drawRegions, endDrawing } from "./drawing.ts";
import { Film } from "./film.tsx";
import { Finish } from "./finish.tsx";
import { BenchHelp } from "./help.tsx";
import { Labels } from "./labels.tsx";
import type { DrawnRegion } from "./layer.ts";
import { Proposals, Regions, regionText } from "./regions.tsx";
import { SaveProblem, SaveState } from "./save-state.tsx";
import { BenchTools } from "./tools.tsx";

const REPORT = 15_000; // ms between reports of active time
const INPUTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"] as const;
/** Actions of the viewer that are none of the workbench. */
const NOT_HERE = new Set([
  "erase",
  "toolLength",
  "toolAngle",
  "toolCobb",
  "toolCalibrate",
  "toolMark",
  "boxes",
  "heat",
]);

function sourceOf(assignment: string): Source {
  return { key: `assignment/${assignment}`, fetch: (image) => assignedPixels(assignment, image) };
}

export function Bench({ project, id }: { project: string; id: string }) {
  const [help, setHelp] = useState(false);
  const list = { view: "annotate", project, page: "", id: "" } as const;
  useEffect(() => {
    document.title = t.title(t.annotation.work.title);
    active.value = 0;
    const close = work.open(id, (following) => {
      if (following === null) go(list);
      else replace({ view: "annotate", project, page: "read", id: following });
    });
    const time = new ActiveTime();
    const input = () => time.input(performance.now());
    const report = () => work.reportActive(time.take(performance.now()));
    const timer = setInterval(report, REPORT);
    for (const kind of INPUTS) addEventListener(kind, input, { capture: true, passive: true });
    addEventListener("pagehide", report);
    work.beforeEnd.report = report;
    return () => {
      report();
      clearInterval(timer);
      for (const kind of INPUTS) removeEventListener(kind, input, { capture: true });
      removeEventListener("pagehide", report);
      work.beforeEnd.report = () => {};
      cancelDrawing();
      close();
    };
  }, [id]);
  useSignalEffect(() => {
    chooseTool(tool.value);
    cancelDrawing();
  });
  useSignalEffect(() => {
    const shown = work.task.value;
    if (shown?.assignment === id && shown.following !== null) void prepare(shown.following);
  });
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (isTyping(event.target, event.key)) return;
      const onButton = event.target instanceof HTMLElement && event.target.matches("button, a, summary");
      if (event.key === "Enter" && onButton) return;
      if (event.key === "Escape") {
        if (!cancelDrawing() && work.selected.value !== null) work.selected.value = null;
        return;
      }
      if (event.key === "Enter" && endDrawing()) return event.preventDefault();
      if (shortcuts.value === "off" && event.key.length === 1 && !event.ctrlKey) return;
      if (command(event)) return event.preventDefault();
      if (event.key === "?") return setHelp(true);
      const action = actionOf(event);
      if (action === undefined || NOT_HERE.has(action)) return;
      if (action === "original") original.value = !original.value;
      else if (!perform(action)) return;
      event.preventDefault();
    };
    document.addEventListener("keydown", down);
    return () => document.removeEventListener("keydown", down);
  }, []);
  const task = work.task.value;
  const here = task?.assignment === id ? task : null;
  const problem = work.problem.value;
  return (
    <main id="content" tabIndex={-1} class="viewer bench">
      <div class="viewer-head">
        <a class="button quiet" href={address(list)}>
          <Icon name="back" />
          <span class="wide-only">{t.annotation.project.title}</span>
          <span class="unseen narrow-only">{t.annotation.project.title}</span>
        </a>
        <h1>{t.annotation.work.title}</h1>
        {here !== null && <Facts task={here} />}
        <SaveState />
        <span class="steps">
          <button type="button" class="quiet" onClick={() => setHelp(true)}>
            <Icon name="help" />
            <span class="wide-only">{t.annotation.help.button}</span>
            <span class="unseen narrow-only">{t.annotation.help.button}</span>
          </button>
        </span>
      </div>
      <SaveProblem />
      {here !== null && here.sent_back !== "" && <p class="remark">{t.annotation.work.sentBack(here.sent_back)}</p>}
      {problem !== null && <ProblemAlert problem={problem} onRetry={work.reload} />}
      {here === null ? problem === null && <Busy /> : <Body key={id} task={here} />}
      {help && <BenchHelp schema={here?.label_schema ?? null} onClose={() => setHelp(false)} />}
    </main>
  );
}

function Facts({ task }: { task: Task }) {
  const facts = [
    task.age === null ? null : ageWords(task.age),
    task.sex === null ? null : t.sexNames[task.sex],
    t.viewer.images(task.images.length),
  ].filter((fact) => fact !== null);
  return <p class="help facts">{facts.join(" · ")}</p>;
}

/** Fetch the next study and its pixels, so that it stands at once. */
async function prepare(assignment: string): Promise<void> {
  try {
    const next = await work.fetchBeforehand(assignment);
    start();
    const source = sourceOf(assignment);
    for (const image of next.images) await imageLoader.loadAndCacheImage(register(source, image));
  } catch {
    // then it is fetched when it is opened, which says what is wrong
  }
}

function Body({ task }: { task: Task }) {
  const images = inOrder(task.images);
  const source = sourceOf(task.assignment);
  useEffect(() => resetDisplay(images[0]?.index ?? 0), []);
  const drawn = (image: number): DrawnRegion[] => {
    const moving = dragged.value;
    const now = drawing.value;
    const [chosen, handle] = [work.selected.value, work.handle.value];
    const regions = [...work.draft.value.regions.values()]
      .filter((region) => region.image === image)
      .map((region) => ({
        id: region.id,
        kind: region.kind,
        points: moving?.id === region.id ? moving.points : region.points,
        colour: colourOf(task.label_schema, region.label),
        dash: "",
        text: regionText(task, region),
        chosen: region.id === chosen,
        ...(region.id === chosen && work.writable.value ? { handle } : {}),
        open: true,
      }));
    const offered = work.undecided.value
      .filter((proposal) => proposal.image === image)
      .map((proposal) => ({
        id: `proposal ${proposal.number}`,
        kind: "box" as const,
        points: proposal.points,
        colour: "#f0ad3e",
        dash: "3 5",
        text: `${t.annotation.work.proposed} ${labelNamed(task.label_schema, proposal.label)?.name ?? proposal.label}`,
        chosen: false,
        open: false,
      }));
    const begun =
      now?.image === image
        ? [{ ...now, id: "", colour: "#ffffff", dash: "6 4", text: "", chosen: false, open: false }]
        : [];
    return [
      ...offered,
      ...regions,
      ...begun.map((one) => (one.kind === "box" ? { ...one, points: upright(one.points) } : one)),
    ];
  };
  return (
    <div class="viewer-body">
      <div class="viewer-images">
        <BenchTools images={images.length} editing={work.busy.value} />
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
              regions={() => drawn(image.index)}
              pointer={drawRegions}
            />
          ))}
        </div>
      </div>
      <aside class="side bench-side" aria-label={t.annotation.work.labels}>
        <Labels task={task} />
        <Proposals task={task} />
        <Regions task={task} />
        <Finish task={task} />
      </aside>
    </div>
  );
}

function upright(points: readonly (readonly [number, number])[]): [number, number][] {
  const [[x0, y0] = [0, 0], [x1, y1] = [0, 0]] = points;
  return [
    [Math.min(x0, x1), Math.min(y0, y1)],
    [Math.max(x0, x1), Math.max(y0, y1)],
  ];
}
