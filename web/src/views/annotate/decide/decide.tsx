// Adjudication of a study: the reads over the images in lines of different kinds, and only what they disagree on beside them.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { adjudicatedPixels, decide, fetchCase, fetchProject } from "../../../api/annotation.ts";
import type { AdjudicationCase, FullAnnotationProject } from "../../../api/types.ts";
import { agreedRegions, type Choices, decisionOf, open } from "../../../logic/annotation/consensus.ts";
import { inOrder, numberOf } from "../../../logic/arrange.ts";
import { useFetched, WhenFetched } from "../../../parts/fetched.tsx";
import { Field } from "../../../parts/forms/field.tsx";
import { Icon } from "../../../parts/icon.tsx";
import { attempt, notify } from "../../../state/notices.ts";
import { address } from "../../../state/route.ts";
import { ageWords, t } from "../../../texts/index.ts";
import { active, resetDisplay, single, tool } from "../../../viewer/display.ts";
import type { Source } from "../../../viewer/image/loader.ts";
import { chooseTool } from "../../../viewer/tools.ts";
import { colourOf } from "../bench/colours.ts";
import { Film } from "../bench/film.tsx";
import type { DrawnRegion } from "../bench/layer.ts";
import { regionText } from "../bench/regions.tsx";
import { BenchTools } from "../bench/tools.tsx";
import { Differences } from "./differences.tsx";
import { dashOf, Readers } from "./readers.tsx";
import { SendBack } from "./send-back.tsx";

interface Found {
  project: FullAnnotationProject;
  study: AdjudicationCase;
}

export function Decide({ project, item }: { project: string; item: number }) {
  const fetched = useFetched(async (): Promise<Found> => {
    const [about, study] = await Promise.all([fetchProject(project), fetchCase(project, item)]);
    return { project: about, study };
  });
  useEffect(() => {
    document.title = t.title(t.annotation.decide.title);
    if (tool.value === "mark") tool.value = "window";
  }, []);
  useSignalEffect(() => chooseTool(tool.value));
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
      </div>
      <WhenFetched fetched={fetched}>{(found) => <Body {...found} onChange={fetched.load} />}</WhenFetched>
    </main>
  );
}

function Body({ project, study, onChange }: Found & { onChange: () => Promise<void> }) {
  const { decide: words } = t.annotation;
  const images = inOrder(study.images);
  const choices = useSignal<Choices>({ labels: new Map(), regions: new Map() });
  const note = useSignal(study.consensus?.note ?? "");
  const asking = useSignal(false);
  useEffect(() => resetDisplay(images[0]?.index ?? 0), []);
  const source: Source = {
    key: `item/${project.id}/${study.item}`,
    fetch: (image) => adjudicatedPixels(project.id, study.item, image),
  };
  const locked = study.state === "locked";
  const left = open(study, choices.value);
  const save = async (sign: boolean) => {
    await decide(project.id, study.item, decisionOf(study, choices.peek(), note.peek(), sign));
    notify(words.decided);
    await onChange();
  };
  const drawn = (image: number): DrawnRegion[] => {
    const agreed = new Set(agreedRegions(study).map(({ id }) => id));
    return study.reads.flatMap((read, at) =>
      read.regions
        .filter((region) => region.image === image)
        .filter((region) => at === 0 || study.regions.some(({ regions }) => regions[String(read.id)]?.id === region.id))
        .map((region) => ({
          id: `${read.id} ${region.id}`,
          kind: region.kind,
          points: region.points,
          colour: colourOf(project.label_schema, region.label),
          dash: at === 0 && agreed.has(region.id) ? "" : dashOf(at),
          text: `${at === 0 && agreed.has(region.id) ? "" : `${read.reader}: `}${regionText(project, region)}`,
          chosen: study.regions.some(
            ({ regions }, place) =>
              regions[String(read.id)]?.id === region.id && choices.value.regions.get(place) === String(read.id),
          ),
          open: false,
        })),
    );
  };
  return (
    <div class="viewer-body">
      <div class="viewer-images">
        <BenchTools images={images.length} editing={false} />
        <div class={`panes count-${Math.min(4, single.value ? 1 : images.length)}`}>
          {images.map((image) => (
            <Film
              key={image.index}
              source={source}
              image={image}
              number={numberOf(images, image.index)}
              hidden={single.value && active.value !== image.index}
              regions={() => drawn(image.index)}
            />
          ))}
        </div>
      </div>
      <aside class="side bench-side" aria-label={words.differences}>
        <Readers reads={study.reads} earlier={study.earlier} />
        <Differences project={project} study={study} choices={choices} disabled={locked} />
        <section aria-label={words.decide}>
          {study.consensus !== null && (
            <p class="remark">
              {study.consensus.signed === null
                ? words.held(study.consensus.rule, study.consensus.author)
                : words.signed(study.consensus.author)}
            </p>
          )}
          {!locked && (
            <>
              {left > 0 && <p class="help">{words.open(left)}</p>}
              <Field
                label={words.note}
                value={note.value}
                onInput={(text) => (note.value = text)}
                required={false}
                maxlength={2000}
              />
              <div class="row-actions">
                <button type="button" disabled={left > 0} onClick={() => void attempt(() => save(false))}>
                  {words.decide}
                </button>
                <button
                  type="button"
                  class="primary"
                  disabled={left > 0}
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
      {asking.value && (
        <SendBack project={project.id} item={study.item} reads={study.reads} onClose={() => (asking.value = false)} />
      )}
    </div>
  );
}
