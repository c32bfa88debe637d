// Adjudication of a study: the reads over the images in lines of different kinds, what they disagree on beside them, and the
// consensus, which the adjudicator chooses, draws and changes.

import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { adjudicatedPixels, decide, fetchCase, fetchProject } from "../../../api/annotation.ts";
import type { AdjudicationCase, FullAnnotationProject } from "../../../api/types.ts";
import { decisionOf, draftOfCase, open } from "../../../logic/annotation/consensus.ts";
import type { Draft } from "../../../logic/annotation/draft.ts";
import { inOrder } from "../../../logic/arrange.ts";
import { useFetched, WhenFetched } from "../../../parts/fetched.tsx";
import { Field } from "../../../parts/forms/field.tsx";
import { Icon } from "../../../parts/icon.tsx";
import { begin, canUndo, draft, editing, end, missing } from "../../../state/annotation/editor.ts";
import { attempt, notify } from "../../../state/notices.ts";
import { address } from "../../../state/route.ts";
import { onSessionEnd } from "../../../state/session-signal.ts";
import { ageWords, t } from "../../../texts/index.ts";
import { resetDisplay } from "../../../viewer/display.ts";
import { Calibrate, Measures } from "../../../viewer/panel/measures.tsx";
import { Missing } from "../bench/finish.tsx";
import { BenchHelp } from "../bench/help.tsx";
import { Labels } from "../bench/labels.tsx";
import { Panes } from "../bench/panes.tsx";
import { Regions } from "../bench/regions.tsx";
import { useBench } from "../bench/use-bench.ts";
import { Differences } from "./differences.tsx";
import { shownRegions } from "./drawn.ts";
import { Readers } from "./readers.tsx";
import { SendBack } from "./send-back.tsx";

/** What was not decided yet when a study was left, by study and reads; it is there again when the study is opened again. */
const left = new Map<string, Draft>();
onSessionEnd(() => left.clear());

interface Found {
  project: FullAnnotationProject;
  study: AdjudicationCase;
}

export function Decide({ project, item }: { project: string; item: number }) {
  const [help, setHelp] = useState(false);
  const fetched = useFetched(async (): Promise<Found> => {
    const [about, study] = await Promise.all([fetchProject(project), fetchCase(project, item)]);
    return { project: about, study };
  });
  useEffect(() => {
    document.title = t.title(t.annotation.decide.title);
  }, []);
  useBench(
    `${project}/${item}`,
    () => setHelp(true),
    (event) => event.key === "N" && nextDifference(),
  );
  const facts = fetched.answer.value?.study;
  return (
    <main id="content" tabIndex={-1} class="viewer bench">
      <div class="viewer-head">
        <a class="button quiet" href={address({ view: "annotate", project, page: "", id: "" })}>
          <Icon name="back" />
          {t.annotation.decide.list}
        </a>
        <h1>{t.annotation.decide.item(item)}</h1>
        {facts !== undefined && (
          <p class="help facts">
            {[facts.age === null ? null : ageWords(facts.age), facts.sex === null ? null : t.sexNames[facts.sex]]
              .filter((fact) => fact !== null)
              .join(" · ")}
          </p>
        )}
        <span class="steps">
          <button type="button" class="quiet" onClick={() => setHelp(true)}>
            <Icon name="help" />
            <span class="wide-only">{t.annotation.help.button}</span>
            <span class="unseen narrow-only">{t.annotation.help.button}</span>
          </button>
        </span>
      </div>
      <WhenFetched fetched={fetched}>{(found) => <Body {...found} onChange={fetched.load} />}</WhenFetched>
      {help && (
        <BenchHelp
          schema={fetched.answer.value?.project.label_schema ?? null}
          lead={t.annotation.decide.helpLead}
          onClose={() => setHelp(false)}
        />
      )}
    </main>
  );
}

/** Go to the first difference that has no choice yet; returns whether there is one. */
function nextDifference(): boolean {
  const button = document.querySelector<HTMLElement>(".difference.wanted button");
  button?.focus();
  return button !== null;
}

function Body({ project, study, onChange }: Found & { onChange: () => Promise<void> }) {
  const { decide: words } = t.annotation;
  const images = inOrder(study.images);
  const note = useSignal(study.consensus?.note ?? "");
  const asking = useSignal(false);
  const locked = study.state === "locked";
  const key = [project.id, study.item, ...study.reads.map(({ id }) => id)].join();
  useEffect(() => resetDisplay(images[0]?.index ?? 0), []);
  useEffect(() => {
    const subject = { label_schema: project.label_schema, images: study.images, proposals: [] };
    begin({ ...subject, writable: () => !locked, send: () => {} }, left.get(key) ?? draftOfCase(study));
  }, [study]);
  useEffect(() => {
    const ask = (event: Event) => (canUndo.peek() || left.has(key)) && event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => {
      removeEventListener("beforeunload", ask);
      if (canUndo.peek()) left.set(key, draft.peek());
      end();
    };
  }, []);
  if (editing.value === null) return null; // until it has begun
  const subject = { label_schema: project.label_schema, images: study.images };
  const undecided = open(study, draft.value);
  const save = async (sign: boolean) => {
    await decide(project.id, study.item, decisionOf(draft.peek(), note.peek(), sign));
    left.delete(key);
    notify(words.decided);
    await onChange();
  };
  return (
    <div class="viewer-body">
      <Panes
        images={study.images}
        source={{
          key: `item/${project.id}/${study.item}`,
          fetch: (image) => adjudicatedPixels(project.id, study.item, image),
        }}
        editing={!locked}
        regions={(image) => shownRegions(project.label_schema, study, image)}
      />
      <aside class="side bench-side" aria-label={words.differences}>
        <Readers reads={study.reads} earlier={study.earlier} />
        <Differences project={project} study={study} disabled={locked} />
        <Regions task={subject} title={words.regions} />
        <Measures images={images} kept={false} />
        {!locked && (
          <details class="own-labels">
            <summary>{words.draw}</summary>
            <Labels task={subject} />
          </details>
        )}
        <section class="finish-part" aria-label={words.decide}>
          {study.consensus !== null && (
            <p class="remark">
              {study.consensus.signed === null
                ? words.held(study.consensus.rule, study.consensus.author)
                : words.signed(study.consensus.author)}
            </p>
          )}
          {!locked && (
            <>
              {undecided > 0 && <p class="help">{words.open(undecided)}</p>}
              {undecided === 0 && missing.value.length > 0 && <Missing task={subject} />}
              <Field
                label={words.note}
                value={note.value}
                onInput={(text) => (note.value = text)}
                required={false}
                maxlength={2000}
              />
              <div class="row-actions">
                <button type="button" disabled={undecided > 0} onClick={() => void attempt(() => save(false))}>
                  {words.decide}
                </button>
                <button
                  type="button"
                  class="primary"
                  disabled={undecided > 0 || missing.value.length > 0}
                  onClick={() => void attempt(() => save(true))}
                >
                  {words.sign}
                </button>
                <button type="button" onClick={() => (asking.value = true)}>
                  {words.sendBack}
                </button>
              </div>
              <p class="help">{words.signHelp}</p>
            </>
          )}
        </section>
      </aside>
      <Calibrate />
      {asking.value && (
        <SendBack project={project.id} item={study.item} reads={study.reads} onClose={() => (asking.value = false)} />
      )}
    </div>
  );
}
