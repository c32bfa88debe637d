// The workbench: the images of a study with the regions over them, its labels, and what keeps it from being finished.

import { imageLoader } from "@cornerstonejs/core";
import { useSignalEffect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { assignedPixels } from "../../../api/annotation.ts";
import type { Task } from "../../../api/types.ts";
import { ActiveTime } from "../../../logic/annotation/active.ts";
import { labelNamed } from "../../../logic/annotation/schema.ts";
import { inOrder } from "../../../logic/arrange.ts";
import { ProblemAlert } from "../../../parts/alert.tsx";
import { Busy } from "../../../parts/busy.tsx";
import { Icon } from "../../../parts/icon.tsx";
import { undecided } from "../../../state/annotation/editor.ts";
import * as work from "../../../state/annotation/work.ts";
import { address, go, replace } from "../../../state/route.ts";
import { ageWords, t } from "../../../texts/index.ts";
import { active, resetDisplay } from "../../../viewer/display.ts";
import { start } from "../../../viewer/image/engine.ts";
import { register, type Source } from "../../../viewer/image/loader.ts";
import { Calibrate, Measures } from "../../../viewer/panel/measures.tsx";
import { edited } from "./edited.ts";
import { Finish } from "./finish.tsx";
import { BenchHelp } from "./help.tsx";
import { Labels } from "./labels.tsx";
import type { DrawnRegion } from "./layer.ts";
import { Panes } from "./panes.tsx";
import { Proposals, Regions } from "./regions.tsx";
import { SaveProblem, SaveState } from "./save-state.tsx";
import { useBench } from "./use-bench.ts";

const REPORT = 15_000; // ms between reports of active time
const INPUTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"] as const;

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
      close();
    };
  }, [id]);
  useBench(id, () => setHelp(true));
  useSignalEffect(() => {
    const shown = work.task.value;
    if (shown?.assignment === id && shown.following !== null) void prepare(shown.following);
  });
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
  useEffect(() => resetDisplay(inOrder(task.images)[0]?.index ?? 0), []);
  const regions = (image: number): DrawnRegion[] => {
    const offered = undecided.value
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
    return [...offered, ...edited(task.label_schema, image)];
  };
  return (
    <div class="viewer-body">
      <Panes images={task.images} source={sourceOf(task.assignment)} editing={work.busy.value} regions={regions} />
      <aside class="side bench-side" aria-label={t.annotation.work.labels}>
        <Labels task={task} />
        <Proposals task={task} />
        <Regions task={task} />
        <Measures images={inOrder(task.images)} kept={false} />
        <Finish task={task} />
      </aside>
      <Calibrate />
    </div>
  );
}
