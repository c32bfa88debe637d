// The panel next to the images: the result, opinions, boxes, measurements, versions, the bundle, downloads.

import { useSignal } from "@preact/signals";
import type { FullStudy, Reading } from "../../api/types.ts";
import { numberOf } from "../../logic/arrange.ts";
import { probability } from "../../logic/numbers.ts";
import { CallTag } from "../../parts/call.tsx";
import { Facts } from "../../parts/facts.tsx";
import { Scale } from "../../parts/scale.tsx";
import { frequencyText, t } from "../../texts/index.ts";
import { active } from "../display.ts";
import { BundlePart } from "./bundle.tsx";
import { Downloads, Remove } from "./downloads.tsx";
import { Earlier } from "./earlier.tsx";
import { Findings } from "./findings.tsx";
import { Measures } from "./measures.tsx";
import { LatestOpinions, Opinions } from "./opinions.tsx";
import { StudyWarnings, Versions } from "./versions.tsx";

export function Panel({ study }: { study: FullStudy }) {
  if (study.reading === null) return null;
  return (
    <aside class="side" aria-label={t.verdict.title} tabIndex={0}>
      <StudyWarnings study={study} />
      <ResultSummary study={study} reading={study.reading} />
      <Opinions study={study} />
      <Findings study={study} reading={study.reading} />
      <Measures images={study.images} kept />
      <Notes study={study} reading={study.reading} />
      <Earlier study={study.id} />
      <Versions study={study} />
      <BundlePart identity={study.bundle} />
      <Downloads study={study} />
      <Remove study={study} />
    </aside>
  );
}

function ResultSummary({ study, reading }: { study: FullStudy; reading: Reading }) {
  const { verdict } = t;
  const { call, doubt, definite } = reading;
  return (
    <section class="verdict" aria-labelledby="verdict-title">
      <h2 id="verdict-title" class="unseen">
        {verdict.title}
      </h2>
      <p class="verdict-call">
        <CallTag call={call} large />
        {reading.probability !== null && <span class="verdict-number">{probability(reading.probability)}</span>}
      </p>
      <LatestOpinions study={study} />
      <Scale probability={reading.probability} doubt={doubt} definite={definite} />
      {call === "abstain" || reading.probability === null ? (
        <>
          <p>{verdict.abstained}</p>
          <p class="reason">{reading.reason}</p>
          <p class="help">{verdict.abstainedMeaning}</p>
        </>
      ) : (
        <>
          <p>{verdict.meaning[call](probability(reading.probability), probability(doubt), probability(definite))}</p>
          <p>{frequencyText(reading.probability)}</p>
          <p class="help">{verdict.scope}</p>
        </>
      )}
      {study.images.length > 1 && (
        <ul class="per-image" aria-label={verdict.perImage}>
          {study.images.map((image) => (
            <li key={image.index}>
              <button type="button" class="quiet" onClick={() => (active.value = image.index)}>
                {t.viewer.image(numberOf(study.images, image.index), image.view ?? "")}
              </button>
              <span>
                {image.probability === null ? `${t.viewer.unread}: ${image.reason}` : probability(image.probability)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Notes({ study, reading }: { study: FullStudy; reading: Reading }) {
  const open = useSignal(false);
  const total = reading.milliseconds.total;
  const notes = [...new Set([...reading.notes, ...study.images.flatMap((image) => image.notes)])];
  return (
    <details open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>
        <h2>{t.notes.title}</h2>
        {total !== undefined && <span class="help">{t.notes.ms(total)}</span>}
      </summary>
      <ul class="notes">
        {notes.length === 0 && <li>{t.notes.none}</li>}
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <Facts
        facts={[
          ...study.images.map(
            ({ index, columns, rows, bits, format }) =>
              [t.notes.image(numberOf(study.images, index)), t.notes.facts(columns, rows, bits, format)] as const,
          ),
          ...Object.entries(reading.milliseconds).map(
            ([step, time]) => [t.notes.steps[step] ?? step, t.notes.ms(time)] as const,
          ),
        ]}
      />
    </details>
  );
}
