// The rows of the worklist.

import { thumbnailUrl } from "../../api/images.ts";
import type { Call, Study } from "../../api/types.ts";
import { probability } from "../../logic/numbers.ts";
import { matches, senderNames, studyName } from "../../logic/study-name.ts";
import { CallTag, StateTag } from "../../parts/call.tsx";
import { Icon } from "../../parts/icon.tsx";
import { address, go } from "../../state/route.ts";
import { may } from "../../state/session.ts";
import { picked, query, studies } from "../../state/worklist.ts";
import { ageText, dateTime, problemText, t, timeAgo } from "../../texts/index.ts";
import { retry } from "./selection.tsx";

export function Studies({ now }: { now: Date }) {
  const { columns } = t.worklist;
  const picks = may("reader");
  return (
    <table class="studies">
      <caption class="unseen">{t.worklist.captions[query.value.sort]}</caption>
      <thead>
        <tr>
          {picks && (
            <th scope="col" class="pick">
              <PickAll />
            </th>
          )}
          <th scope="col">{columns.image}</th>
          <th scope="col">{columns.call}</th>
          <th scope="col" class="number">
            {columns.probability}
          </th>
          <th scope="col">{columns.patient}</th>
          <th scope="col" class="number">
            {columns.age}
          </th>
          <th scope="col">{columns.sex}</th>
          <th scope="col">{columns.body}</th>
          <th scope="col">{columns.views}</th>
          <th scope="col">{columns.received}</th>
        </tr>
      </thead>
      <tbody>
        {studies.value.map((study) => (
          <Row key={study.id} study={study} now={now} picks={picks} picked={picked.value.has(study.id)} />
        ))}
      </tbody>
    </table>
  );
}

function PickAll() {
  const all = studies.value.length > 0 && picked.value.size === studies.value.length;
  return (
    <input
      type="checkbox"
      aria-label={t.worklist.pickAll}
      checked={all}
      ref={(box) => {
        if (box !== null) box.indeterminate = picked.value.size > 0 && !all;
      }}
      onChange={() => {
        picked.value = new Set(all ? [] : studies.value.map(({ id }) => id));
      }}
    />
  );
}

function pick(id: string, wanted: boolean): void {
  const next = new Set(picked.value);
  if (wanted) next.add(id);
  else next.delete(id);
  picked.value = next;
}

interface RowProps {
  study: Study;
  now: Date;
  picks: boolean;
  picked: boolean;
}

function Row({ study, now, picks, picked: ticked }: RowProps) {
  const { id, call, state } = study;
  const named = studyName(study, t.worklist.noPatient);
  const open = (event: MouseEvent) => {
    // the whole row is a target for the mouse; the link in it is the one for keys and screen readers
    if (event.defaultPrevented || (event.target as HTMLElement).closest("a, button, input, label") !== null) return;
    if (getSelection()?.toString() === "") go({ view: "study", id });
  };
  return (
    <tr class={`study ${call === null ? state : `call-${call.replace(" ", "-")}`}`} data-study={id} onClick={open}>
      {picks && (
        <td class="pick">
          <Bar call={call} />
          <input
            type="checkbox"
            aria-label={t.worklist.pick(named)}
            checked={ticked}
            onChange={(event) => pick(id, event.currentTarget.checked)}
          />
        </td>
      )}
      <td class="image">
        {!picks && <Bar call={call} />}
        {call === null ? (
          <span class="no-thumbnail">
            <Icon name="image" />
          </span>
        ) : (
          <img src={thumbnailUrl(id, 0)} alt="" width={56} height={56} loading="lazy" decoding="async" />
        )}
      </td>
      <td class="call-cell">
        {call === null ? <StateTag state={state} /> : <CallTag call={call} />}
        <OpinionMark study={study} />
        {state === "failed" && <Failed study={study} />}
      </td>
      <td class="number probability">{study.probability === null ? "–" : probability(study.probability)}</td>
      <Patient study={study} open={t.worklist.open(named, call === null ? t.states[state] : t.calls[call])} />
      <td class="number age">{ageText(study.age)}</td>
      <td class="sex">{study.sex === null ? "–" : <abbr title={t.sexNames[study.sex]}>{t.sexes[study.sex]}</abbr>}</td>
      <td class="body">{study.body_part ?? "–"}</td>
      <td class="views">{study.view_count > 0 ? t.worklist.views(study.view_count) : "–"}</td>
      <td class="received">
        <time dateTime={study.received} title={dateTime(study.received)}>
          {timeAgo(study.received, now)}
        </time>
      </td>
    </tr>
  );
}

/**
 * The mark at the beginning of an urgent row. It is a separate element, created again for each call: Chromium does
 * not repaint a table cell when only the class of its row changes.
 */
function Bar({ call }: { call: Call | null }) {
  if (call !== "fracture" && call !== "doubt") return null;
  return <span key={call} class={`bar call-${call}`} aria-hidden="true" />;
}

/** The latest opinion of a reader. */
function OpinionMark({ study: { opinion } }: { study: Study }) {
  if (opinion === null) return null;
  const word = opinion.agrees ? t.worklist.agreed : t.worklist.disagreed;
  return (
    <span class={opinion.agrees ? "opinion" : "opinion disagreed"} title={word}>
      <Icon name={opinion.agrees ? "check" : "cross"} />
      <span class={opinion.agrees ? "unseen" : ""}>{word}</span>
    </span>
  );
}

/** Why it was not read, and the way to try again. */
function Failed({ study }: { study: Study }) {
  return (
    <>
      {may("reader") && (
        <button type="button" class="small" onClick={() => void retry([study])}>
          {t.retry}
        </button>
      )}
      {study.problem !== null && <p class="help why">{problemText(study.problem)}</p>}
    </>
  );
}

/** The pseudonym, and what else distinguishes the study: image files without a header name no patient. */
function Patient({ study, open }: { study: Study; open: string }) {
  const { pseudonym, version, warnings, id } = study;
  const names = senderNames(study);
  const first = pseudonym ?? names.shift();
  const found = matches(study, query.value.q);
  return (
    <th scope="row" class="patient">
      <a href={address({ view: "study", id })} aria-label={open}>
        {first === undefined ? <span class="help">{t.worklist.noPatient}</span> : <bdi>{first}</bdi>}
      </a>
      {warnings.length > 0 && (
        <span class="warned" title={warnings.join("\n")}>
          <Icon name="warning" />
          <span class="unseen">{warnings.join(" ")}</span>
        </span>
      )}
      {names.map((name) => (
        <bdi key={name} class="help">
          {name}
        </bdi>
      ))}
      {version > 1 && <span class="help">{t.worklist.version(version)}</span>}
      {found.map((one) => (
        <bdi key={one} class="help found">
          {one}
        </bdi>
      ))}
    </th>
  );
}
