import { useEffect, useState } from "preact/hooks";
import { CALLS, NO_FILTER, OPINIONS, PARTS, PERIODS, type Query, SORTS, STATES, searchOf } from "../../logic/query.ts";
import { Choice } from "../../parts/forms/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { may } from "../../state/session.ts";
import { filter, filtered, query, searchSoon } from "../../state/worklist.ts";
import { t } from "../../texts/index.ts";

type Name = "call" | "body_part" | "state" | "opinion" | "period" | "sort";

/** What of the worklist is shown. */
export function Filters() {
  const { worklist } = t;
  const now = query.value;
  const [open, setOpen] = useState(false);
  const set = [...new URLSearchParams(searchOf({ ...now, sort: "urgency" }))].length;
  const choice = <Key extends Name>(
    name: Key,
    label: string,
    any: string | null,
    values: readonly Exclude<Query[Key], "">[],
    text: (value: Exclude<Query[Key], "">) => string,
  ) => (
    <Choice label={label} hidden value={now[name]} onChange={(value) => filter({ [name]: value } as Partial<Query>)}>
      {any !== null && <option value="">{any}</option>}
      {values.map((value) => (
        <option key={value} value={value}>
          {text(value)}
        </option>
      ))}
    </Choice>
  );
  return (
    <form class={`filters${open ? " open" : ""}`} role="search" onSubmit={(event) => event.preventDefault()}>
      <Search />
      <button type="button" class="unfold" aria-expanded={open} onClick={() => setOpen(!open)}>
        {worklist.filters(set)}
      </button>
      <div class="choices">
        {choice("call", worklist.call, worklist.anyCall, CALLS, (call) => t.calls[call])}
        {choice("body_part", worklist.body, worklist.anyBody, PARTS, (part) => part)}
        {choice("state", worklist.state, worklist.anyState, STATES, (state) => t.states[state])}
        {choice("opinion", worklist.opinion, worklist.anyOpinion, OPINIONS, (opinion) => worklist.opinions[opinion])}
        {choice("period", worklist.since, worklist.anyTime, PERIODS, (period) => worklist.periods[period])}
        {now.period === "dates" && <Dates />}
        {choice("sort", worklist.sort, null, SORTS, (sort) => worklist.sorts[sort])}
        {filtered.value && (
          <button type="button" class="quiet" onClick={() => filter({ ...NO_FILTER, sort: now.sort })}>
            {worklist.clear}
          </button>
        )}
      </div>
    </form>
  );
}

function Search() {
  const label = may("reader") ? t.worklist.searchMore : t.worklist.search;
  const wanted = query.value.q;
  const [words, setWords] = useState(wanted);
  useEffect(() => setWords(wanted), [wanted]);
  return (
    <div class="field search">
      <label for="search" class="unseen">
        {label}
      </label>
      <Icon name="search" />
      <input
        id="search"
        type="search"
        value={words}
        placeholder={label}
        maxlength={200}
        autocomplete="off"
        onInput={(event) => {
          setWords(event.currentTarget.value);
          searchSoon(event.currentTarget.value);
        }}
      />
    </div>
  );
}

/** First and last day, both included. */
function Dates() {
  const { from, to } = query.value;
  return (
    <>
      <label class="day">
        {t.worklist.from}
        <input
          type="date"
          value={from}
          max={to || undefined}
          onChange={(event) => filter({ from: event.currentTarget.value })}
        />
      </label>
      <label class="day">
        {t.worklist.to}
        <input
          type="date"
          value={to}
          min={from || undefined}
          onChange={(event) => filter({ to: event.currentTarget.value })}
        />
      </label>
    </>
  );
}
