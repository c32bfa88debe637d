import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { thumbnailUrl } from "../api/studies.ts";
import type { Study } from "../api/types.ts";
import { probability } from "../logic/numbers.ts";
import { Busy } from "../parts/busy.tsx";
import { CallTag, StateTag } from "../parts/call.tsx";
import { DropArea, Sources, Together } from "../parts/dropzone.tsx";
import { Fault } from "../parts/fault.tsx";
import { Icon } from "../parts/icon.tsx";
import { address, go } from "../state/route.ts";
import { may } from "../state/session.ts";
import { uploads } from "../state/uploads.ts";
import { empty, follow, load, more, next, problem, studies, total } from "../state/worklist.ts";
import { aged, exactly, t, when } from "../texts/index.ts";
import { Filters } from "./filters.tsx";

export function Worklist() {
  const now = useSignal(new Date());
  useEffect(() => {
    document.title = t.title(t.worklist.title);
    const stop = follow();
    const clock = setInterval(() => {
      now.value = new Date();
    }, 30_000);
    return () => {
      stop();
      clearInterval(clock);
    };
  }, []);
  if (total.value === null) {
    return (
      <main id="content" tabIndex={-1} class="alone">
        {problem.value === null ? <Busy /> : <Fault problem={problem.value} onRetry={() => void load()} />}
      </main>
    );
  }
  if (empty.value) {
    return (
      <main id="content" tabIndex={-1} class="worklist empty">
        <h1 class="unseen">{t.worklist.title}</h1>
        <DropArea />
      </main>
    );
  }
  return (
    <main id="content" tabIndex={-1} class={`worklist${uploads.value.length > 0 ? " with-tray" : ""}`}>
      <div class="worklist-head">
        <h1>{t.worklist.title}</h1>
        <p class="help count">{t.worklist.count(total.value)}</p>
        {may("reader") && (
          <div class="add-films">
            <Together />
            <Sources small />
          </div>
        )}
      </div>
      <Filters />
      {problem.value !== null && <Fault problem={problem.value} onRetry={() => void load()} />}
      {studies.value.length === 0 ? <p class="nothing">{t.worklist.nothing}</p> : <Table now={now.value} />}
      {next.value !== null && (
        <button type="button" class="more" onClick={() => void more()}>
          {t.worklist.more}
        </button>
      )}
    </main>
  );
}

function Table({ now }: { now: Date }) {
  const { columns } = t.worklist;
  return (
    <table class="studies">
      <caption class="unseen">{t.worklist.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{columns.film}</th>
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
          <Row key={study.id} study={study} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ study, now }: { study: Study; now: Date }) {
  const { id, call, state, opinion } = study;
  const patient = study.pseudonym ?? t.worklist.noPatient;
  const told = call === null ? t.states[state] : t.calls[call];
  const open = (event: MouseEvent) => {
    // the whole row is a target for the mouse; the link in it is the one for keys and screen readers
    if (event.defaultPrevented || (event.target as HTMLElement).closest("a") !== null) return;
    if (getSelection()?.toString() === "") go({ view: "study", id });
  };
  return (
    <tr class={`study ${call === null ? state : `call-${call.replace(" ", "-")}`}`} data-study={id} onClick={open}>
      <td class="film">
        {call === null ? (
          <span class="no-thumbnail">
            <Icon name="film" />
          </span>
        ) : (
          <img src={thumbnailUrl(id, 0)} alt="" width={56} height={56} loading="lazy" decoding="async" />
        )}
      </td>
      <td class="call-cell">
        {call === null ? <StateTag state={state} /> : <CallTag call={call} />}
        {opinion !== null && (
          <span class="opinion" title={opinion.agrees ? t.worklist.agreed : t.worklist.disagreed}>
            <Icon name={opinion.agrees ? "check" : "cross"} />
            <span class="unseen">{opinion.agrees ? t.worklist.agreed : t.worklist.disagreed}</span>
          </span>
        )}
      </td>
      <td class="number probability">{study.probability === null ? "–" : probability(study.probability)}</td>
      <th scope="row" class="patient">
        <a href={address({ view: "study", id })} aria-label={t.worklist.open(patient, told)}>
          {study.pseudonym ?? <span class="help">{t.worklist.noPatient}</span>}
        </a>
      </th>
      <td class="number age">{aged(study.age)}</td>
      <td class="sex">{study.sex === null ? "–" : <abbr title={t.sexNames[study.sex]}>{t.sexes[study.sex]}</abbr>}</td>
      <td class="body">{study.body_part ?? "–"}</td>
      <td class="views">{study.view_count > 0 ? t.worklist.views(study.view_count) : "–"}</td>
      <td class="received">
        <time dateTime={study.received} title={exactly(study.received)}>
          {when(study.received, now)}
        </time>
      </td>
    </tr>
  );
}
