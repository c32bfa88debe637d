// The panel beside the films: what was said, how sure, by what, and what to do with it.

import { useSignal } from "@preact/signals";
import type { FullStudy, Reading } from "../api/types.ts";
import { numberOf } from "../logic/arrange.ts";
import { inHundred, probability } from "../logic/numbers.ts";
import { CallTag } from "../parts/call.tsx";
import { Scale } from "../parts/scale.tsx";
import { t } from "../texts/index.ts";
import { BundlePart } from "./bundle.tsx";
import { Downloads, Remove } from "./downloads.tsx";
import { active, boxes, chosen, drawn, original, views } from "./looking.ts";
import { lettered } from "./measure.ts";
import { Opinions } from "./opinions.tsx";
import { measures } from "./tools.ts";

export function Side({ study, onChange }: { study: FullStudy; onChange: () => void }) {
  if (study.reading === null) return null;
  return (
    <aside class="side" aria-label={t.verdict.title} tabIndex={0}>
      <Verdict study={study} reading={study.reading} />
      <Findings study={study} reading={study.reading} />
      <Measures study={study} />
      <Opinions study={study} onChange={onChange} />
      <Notes study={study} reading={study.reading} />
      <BundlePart identity={study.bundle} />
      <Downloads study={study} />
      <Remove study={study} />
    </aside>
  );
}

function Verdict({ study, reading }: { study: FullStudy; reading: Reading }) {
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
      <Scale probability={reading.probability} doubt={doubt} definite={definite} />
      {call === "abstain" ? (
        <>
          <p>{verdict.abstained}</p>
          <p class="reason">{reading.reason}</p>
          <p class="help">{verdict.abstainedMeaning}</p>
        </>
      ) : (
        <>
          <p>{verdict.hundred(inHundred(reading.probability ?? 0), verdict.meaning[call])}</p>
          <p class="help">{verdict.scope}</p>
        </>
      )}
      {study.images.length > 1 && (
        <ul class="per-film" aria-label={verdict.perFilm}>
          {study.images.map((film) => (
            <li key={film.index}>
              <button type="button" class="quiet" onClick={() => (active.value = film.index)}>
                {t.viewer.film(numberOf(study.images, film.index), film.view ?? "")}
              </button>
              <span>
                {film.probability === null ? `${t.viewer.unread}: ${film.reason}` : probability(film.probability)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Findings({ study, reading }: { study: FullStudy; reading: Reading }) {
  const found = [...reading.findings].sort((one, other) => other.score - one.score);
  if (reading.labels.length === 0) {
    return reading.call === "abstain" ? null : <p class="help side-remark">{t.viewer.boxesNone}</p>;
  }
  return (
    <section aria-labelledby="findings-title">
      <h2 id="findings-title">{t.findings.title}</h2>
      {found.length === 0 && <p class="help">{t.findings.none}</p>}
      <ul class="findings">
        {found.map((finding) => (
          <li key={`${finding.image} ${finding.box.join(" ")}`}>
            <button
              type="button"
              class={chosen.value === finding ? "chosen" : ""}
              title={t.findings.centre(finding.label, numberOf(study.images, finding.image))}
              onClick={() => {
                const [x0, y0, x1, y1] = finding.box;
                boxes.value = true;
                original.value = false;
                chosen.value = finding;
                active.value = finding.image;
                views.value.get(finding.image)?.centre((x0 + x1) / 2, (y0 + y1) / 2);
              }}
            >
              <span class={`swatch ${finding.definite ? "definite" : "doubt"}`} aria-hidden="true" />
              <span>{finding.label}</span>
              <span class="help">
                {finding.definite ? t.findings.definite : t.findings.doubt},{" "}
                {t.findings.onFilm(numberOf(study.images, finding.image))}
              </span>
              <span class="number">{probability(finding.score)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Measures({ study }: { study: FullStudy }) {
  drawn.value;
  const found = [...views.value.values()].flatMap((view) => measures(view.id).map((one) => ({ film: view.film, one })));
  if (found.length === 0) return null;
  const lengths = found.filter(({ one }) => one.kind === "length");
  const bare = lengths.some(({ film }) => film.spacing === null);
  const scaled = lengths.some(({ film }) => film.spacing !== null);
  return (
    <section aria-labelledby="measures-title">
      <h2 id="measures-title">{t.viewer.measureTitle}</h2>
      <ul class="measures">
        {found.map(({ film, one }) => (
          <li key={one.id}>
            <span>{one.kind === "length" ? t.viewer.length : t.viewer.angle}</span>
            {study.images.length > 1 && (
              <span class="help">{t.findings.onFilm(numberOf(study.images, film.index))}</span>
            )}
            <span class="number">{lettered(one, film) ?? "…"}</span>
          </li>
        ))}
      </ul>
      {bare && <p class="help">{t.viewer.noSpacing}</p>}
      {scaled && <p class="help">{t.viewer.spacing}</p>}
    </section>
  );
}

function Notes({ study, reading }: { study: FullStudy; reading: Reading }) {
  const open = useSignal(false);
  const total = reading.milliseconds.total;
  const notes = [...new Set([...reading.notes, ...study.images.flatMap((film) => film.notes)])];
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
      <dl class="facts-list">
        {study.images.map((film) => (
          <div key={film.index}>
            <dt>{t.notes.film(numberOf(study.images, film.index))}</dt>
            <dd>{t.notes.facts(film.columns, film.rows, film.bits, film.format)}</dd>
          </div>
        ))}
        {Object.entries(reading.milliseconds).map(([step, time]) => (
          <div key={step}>
            <dt>{t.notes.steps[step] ?? step}</dt>
            <dd>{t.notes.ms(time)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
