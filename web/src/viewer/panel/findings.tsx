// Boxes: those of the network, to be accepted or rejected, and those that people added.

import type { Finding, FullStudy, Reading } from "../../api/types.ts";
import { numberOf } from "../../logic/arrange.ts";
import { probability } from "../../logic/numbers.ts";
import { Icon } from "../../parts/icon.tsx";
import { may } from "../../state/session.ts";
import { t } from "../../texts/index.ts";
import { active, boxes, chosen, original, threshold, views } from "../display.ts";
import { newBox } from "../draw.ts";
import { isOwn, marks, remove, type ShownMark, setVerdict, verdictsOn } from "../marks.ts";

export function Findings({ study, reading }: { study: FullStudy; reading: Reading }) {
  const found = [...reading.findings].sort((one, other) => other.score - one.score);
  const shown = found.filter(({ score }) => score >= threshold.value);
  const missed = marks.value.filter(({ kind }) => kind === "box");
  if (reading.call === "abstain" && found.length === 0 && missed.length === 0) return null;
  return (
    <section aria-labelledby="findings-title">
      <h2 id="findings-title">{t.findings.title}</h2>
      {found.length === 0 && <p class="help">{reasonForNoBox(reading)}</p>}
      {found.length > 1 && <Threshold findings={found} hidden={found.length - shown.length} />}
      <ul class="findings">
        {shown.map((finding) => (
          <li key={`${finding.image} ${finding.box.join(" ")}`}>
            <Row study={study} finding={finding} />
          </li>
        ))}
        {missed.map((mark) => (
          <li key={mark.id}>
            <MissedFinding study={study} mark={mark} />
          </li>
        ))}
      </ul>
      {may("reader") && reading.labels.length > 1 && (
        <label class="missed-label">
          {t.findings.addedAs}
          <select onChange={(event) => (newBox.label = event.currentTarget.value)}>
            {reading.labels.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
    </section>
  );
}

/** Why there is no box. */
function reasonForNoBox({ call, labels }: Reading): string {
  if (labels.length === 0) return t.findings.drawsNone;
  return call === "fracture" || call === "doubt" ? t.findings.noPlace : t.findings.noBox;
}

function Threshold({ findings, hidden }: { findings: readonly Finding[]; hidden: number }) {
  const scores = findings.map(({ score }) => score);
  const least = Math.floor(Math.min(...scores) * 100);
  return (
    <label class="threshold">
      <span>{t.findings.threshold(probability(Math.max(threshold.value, Math.min(...scores))))}</span>
      <input
        type="range"
        min={least}
        max={100}
        value={Math.max(least, Math.round(threshold.value * 100))}
        onInput={(event) => {
          const value = Number(event.currentTarget.value);
          threshold.value = value <= least ? 0 : value / 100;
        }}
      />
      <span class="help">{hidden === 0 ? t.findings.thresholdHelp : t.findings.hidden(hidden, findings.length)}</span>
    </label>
  );
}

/** Bring a place of an image to the middle of the screen. */
function centre(image: number, [x0, y0, x1, y1]: readonly [number, number, number, number]): void {
  boxes.value = true;
  original.value = false;
  active.value = image;
  views.value.get(image)?.centre((x0 + x1) / 2, (y0 + y1) / 2);
}

function Row({ study, finding }: { study: FullStudy; finding: Finding }) {
  const number = numberOf(study.images, finding.image);
  const verdicts = verdictsOn(finding);
  const verdict = verdicts.find(isOwn)?.accepted;
  return (
    <div class="finding">
      <button
        type="button"
        class={`place${chosen.value === finding ? " chosen" : ""}`}
        title={t.findings.centre(finding.label, number)}
        onClick={() => {
          chosen.value = finding;
          centre(finding.image, finding.box);
        }}
      >
        <span class={`swatch ${finding.definite ? "definite" : "doubt"}`} aria-hidden="true" />
        <span>{finding.label}</span>
        <span class="help">
          {finding.definite ? t.findings.definite : t.findings.doubt}
          {study.images.length > 1 && `, ${t.findings.onImage(number)}`}
        </span>
        <span class="number">{probability(finding.score)}</span>
      </button>
      {may("reader") &&
        [true, false].map((accepted) => (
          <button
            key={String(accepted)}
            type="button"
            class="quiet verdict-button"
            title={accepted ? t.findings.accept : t.findings.reject}
            aria-label={
              accepted ? t.findings.acceptOn(finding.label, number) : t.findings.rejectOn(finding.label, number)
            }
            aria-pressed={verdict === accepted}
            onClick={() => setVerdict(finding, accepted)}
          >
            <Icon name={accepted ? "check" : "cross"} />
          </button>
        ))}
      {verdicts.length > 0 && (
        <p class="help">
          {verdicts
            .map(({ accepted, author }) =>
              t.findings.by(accepted === true ? t.findings.accepted : t.findings.rejected, author),
            )
            .join("; ")}
        </p>
      )}
    </div>
  );
}

/** A box that a person added. */
function MissedFinding({ study, mark }: { study: FullStudy; mark: ShownMark }) {
  const number = numberOf(study.images, mark.image);
  const [[x0, y0] = [0, 0], [x1, y1] = [0, 0]] = mark.points;
  return (
    <div class="finding">
      <button
        type="button"
        class="place"
        title={t.findings.centre(mark.label, number)}
        onClick={() => centre(mark.image, [x0, y0, x1, y1])}
      >
        <span class="swatch missed" aria-hidden="true" />
        <span>{mark.label}</span>
        <span class="help">
          {t.findings.by(t.findings.added, mark.author)}
          {study.images.length > 1 && `, ${t.findings.onImage(number)}`}
          {mark.id < 0 && `, ${t.marks.notKept}`}
        </span>
      </button>
      {(isOwn(mark) || may("administrator")) && (
        <button
          type="button"
          class="quiet"
          aria-label={t.marks.remove(t.marks.missed(mark.label))}
          title={t.marks.remove(t.marks.missed(mark.label))}
          onClick={() => void remove(mark.id)}
        >
          <Icon name="erase" />
        </button>
      )}
    </div>
  );
}
