import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LiveEvent } from "../api/events.ts";
import { problemOfStatus } from "../api/http.ts";
import { fetchStudies, fetchStudy } from "../api/studies.ts";
import type { FullStudy, Problem, Study } from "../api/types.ts";
import { following, inOrder, numberOf } from "../logic/arrange.ts";
import { neighbour } from "../logic/order.ts";
import { studyName } from "../logic/study-name.ts";
import { ProblemAlert } from "../parts/alert.tsx";
import { Busy } from "../parts/busy.tsx";
import { CallTag, StateTag } from "../parts/call.tsx";
import { Icon } from "../parts/icon.tsx";
import { onLiveEvent } from "../state/live.ts";
import { failure } from "../state/notices.ts";
import { address, go } from "../state/route.ts";
import { may } from "../state/session.ts";
import { NO_FILTER, query, studies } from "../state/worklist.ts";
import { ageWords, t } from "../texts/index.ts";
import { active, resetDisplay, single, tool } from "../viewer/display.ts";
import { cancel, newBox } from "../viewer/draw.ts";
import { Pane } from "../viewer/image/pane.tsx";
import * as annotations from "../viewer/marks.ts";
import { Remove } from "../viewer/panel/downloads.tsx";
import { Calibrate } from "../viewer/panel/measures.tsx";
import { opinionText } from "../viewer/panel/opinions.tsx";
import { Panel } from "../viewer/panel/panel.tsx";
import { useShortcuts } from "../viewer/shortcuts.ts";
import { Toolbar } from "../viewer/toolbar.tsx";
import { chooseTool } from "../viewer/tools.ts";
import { Help } from "./help.tsx";
import { retry } from "./worklist/selection.tsx";
import "../styles/viewer.css";
import "../styles/side.css";

export default function Viewer({ id }: { id: string }) {
  const study = useSignal<FullStudy | null>(null);
  const problem = useSignal<Problem | null>(null);
  const [help, setHelp] = useState(false);
  const around = useSignal<readonly Study[]>(studies.value);

  const requests = useRef(0);

  const load = async () => {
    const request = ++requests.current;
    try {
      const fetched = await fetchStudy(id);
      if (request !== requests.current) return; // a later answer tells more
      const found = { ...fetched, images: inOrder(fetched.images) };
      if (study.value?.reading == null) {
        resetDisplay(found.images[0]?.index ?? 0);
        newBox.label = found.reading?.labels[0] ?? t.findings.usual;
      }
      study.value = found;
      problem.value = null;
    } catch (error) {
      if (request === requests.current) problem.value = failure(error);
    }
  };
  const hear = (event: LiveEvent) => {
    if (event.kind === "traffic") return;
    // each fetch is recorded in the audit log: fetch only when needed
    const before = study.peek();
    // whatever happened meanwhile was missed, a newer version too
    if (event.kind === "reset" || (event.id === id && before?.reading == null)) void load();
    if (event.kind === "study" && event.replaces === id) void load();
    if (event.kind === "marks" && event.id === id) void annotations.refreshMarks();
    if (event.kind === "study" && event.id === id && event.state === "done") void annotations.refreshOpinions();
    if (event.kind === "reset") void annotations.refresh();
    if (event.kind === "removed" && event.id === id) problem.value = problemOfStatus(404);
  };
  useEffect(() => {
    document.title = t.title(t.viewer.title);
    annotations.open(id);
    void load();
    // opened by its address: the neighbours are those of the whole worklist
    if (around.value.length === 0) {
      fetchStudies(query.value ?? NO_FILTER, 200).then(
        (page) => (around.value = page.items),
        () => undefined,
      );
    }
    return onLiveEvent(hear);
  }, []);
  useSignalEffect(() => {
    chooseTool(tool.value);
    cancel();
  });

  const step = (by: 1 | -1) => {
    const other = neighbour(around.value, id, by);
    if (other !== undefined) go({ view: "study", id: other });
  };
  useShortcuts({
    next: () => step(1),
    previous: () => step(-1),
    back: () => {
      if (!cancel()) go({ view: "worklist" });
    },
    help: () => setHelp(true),
    nextImage: () => (active.value = following(study.value?.images ?? [], active.value)),
    agree: () => pressButton("opinion-agree"),
    disagree: () => pressButton("opinion-disagree"),
    note: () => document.getElementById("opinion-note")?.focus(),
  });

  return (
    <main id="content" tabIndex={-1} class="viewer">
      <div class="viewer-head">
        <a class="button quiet" href={address({ view: "worklist" })}>
          <Icon name="back" />
          <span class="wide-only">{t.viewer.back}</span>
          <span class="unseen narrow-only">{t.viewer.back}</span>
        </a>
        <h1 class={study.value?.pseudonym == null ? "" : "pseudonym"}>
          {study.value === null ? t.viewer.title : studyName(study.value, t.viewer.title)}
        </h1>
        {study.value !== null && <StudyFacts study={study.value} />}
        <span class="steps">
          <StepButton step={-1} id={id} around={around.value} onStep={step} />
          <StepButton step={1} id={id} around={around.value} onStep={step} />
        </span>
      </div>
      <Body study={study.value} problem={problem.value} onRetry={() => void load()} />
      <Calibrate />
      {help && <Help onClose={() => setHelp(false)} />}
    </main>
  );
}

/** Press a button by its key: the focus goes there too, one step before the note. */
function pressButton(id: string): void {
  const button = document.getElementById(id);
  button?.click();
  button?.focus();
}

interface StepProps {
  step: 1 | -1;
  id: string;
  around: readonly Study[];
  onStep: (by: 1 | -1) => void;
}

function StepButton({ step, id, around, onStep }: StepProps) {
  const label = step === 1 ? t.viewer.next : t.viewer.previous;
  return (
    <button
      type="button"
      class="quiet"
      title={label}
      aria-label={label}
      disabled={neighbour(around, id, step) === undefined}
      onClick={() => onStep(step)}
    >
      <Icon name={step === 1 ? "next" : "previous"} />
    </button>
  );
}

function StudyFacts({ study }: { study: FullStudy }) {
  const facts = [
    study.age === null ? null : ageWords(study.age),
    study.sex === null ? null : t.sexNames[study.sex],
    study.body_part,
    t.viewer.images(study.view_count),
  ].filter((fact) => fact !== null);
  return (
    <>
      {study.call === null ? <StateTag state={study.state} /> : <CallTag call={study.call} />}
      <LatestOpinion study={study} />
      <p class="help facts">{facts.join(" · ")}</p>
    </>
  );
}

/** The latest opinion, next to the call. */
function LatestOpinion({ study }: { study: FullStudy }) {
  const opinion = annotations.latestOpinions.value.at(-1);
  if (opinion === undefined) return null;
  return (
    <span class={`said ${opinion.agrees ? "agreed" : "disagreed"}`} data-opinion>
      <Icon name={opinion.agrees ? "check" : "cross"} />
      {opinionText(opinion, study.call)}
    </span>
  );
}

interface BodyProps {
  study: FullStudy | null;
  problem: Problem | null;
  onRetry: () => void;
}

function Body({ study, problem, onRetry }: BodyProps) {
  if (problem !== null && (study === null || problem.status === 404)) {
    const gone = problem.status === 404;
    return gone ? <p class="nothing">{t.viewer.gone}</p> : <ProblemAlert problem={problem} onRetry={onRetry} />;
  }
  if (study === null) return <Busy />;
  if (study.state === "failed") {
    return (
      <section class="study-failed">
        <h2>{t.viewer.failed}</h2>
        {study.problem !== null && (
          <ProblemAlert
            problem={study.problem}
            onRetry={may("reader") ? () => void retry([study]).then(onRetry) : undefined}
          />
        )}
        <Remove study={study} />
      </section>
    );
  }
  if (study.reading === null) return <Busy text={study.state === "reading" ? t.viewer.reading : t.viewer.waiting} />;
  return (
    <div class="viewer-body">
      <div class="viewer-images">
        <Toolbar study={study} />
        {single.value && study.images.length > 1 && <ImageTabs study={study} />}
        <div class={`panes count-${Math.min(4, single.value ? 1 : study.images.length)}`}>
          {study.images.map((image) => (
            <Pane
              key={image.index}
              study={study.id}
              image={image}
              number={numberOf(study.images, image.index)}
              findings={study.reading?.findings.filter((finding) => finding.image === image.index) ?? []}
              hidden={single.value && active.value !== image.index}
            />
          ))}
        </div>
      </div>
      <Panel study={study} />
    </div>
  );
}

/** Which image is shown, where there is one at a time. */
function ImageTabs({ study }: { study: FullStudy }) {
  return (
    <div class="image-tabs" role="group" aria-label={t.viewer.images(study.images.length)}>
      {study.images.map((image) => (
        <button
          key={image.index}
          type="button"
          aria-pressed={active.value === image.index}
          onClick={() => (active.value = image.index)}
        >
          {t.viewer.image(numberOf(study.images, image.index), image.view ?? "")}
        </button>
      ))}
    </div>
  );
}
