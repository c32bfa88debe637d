import { useEffect, useState } from "preact/hooks";
import type { Call, State } from "../api/types.ts";
import { Choice } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { filter, filtered, NO_FILTER, query } from "../state/worklist.ts";
import { t } from "../texts/index.ts";

const CALLS: readonly Call[] = ["fracture", "doubt", "abstain", "no fracture"];
const STATES: readonly State[] = ["queued", "reading", "done", "failed"];
const PARTS = [
  ...["abdomen", "ankle", "chest", "elbow", "femur", "finger", "foot", "forearm", "hand", "hip", "humerus", "knee"],
  ...["leg", "pelvis", "shoulder", "skull", "spine", "wrist"],
];
const PAUSE = 250; // ms after the last letter

function daysAgo(days: number): string {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() - days);
  return day.toISOString();
}

/** What of the worklist is shown. */
export function Filters() {
  const [words, setWords] = useState(query.value.q);
  const [since, setSince] = useState("");
  useEffect(() => {
    if (words === query.value.q) return;
    const later = setTimeout(() => filter({ q: words }), PAUSE);
    return () => clearTimeout(later);
  }, [words]);
  const { worklist } = t;
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <div class="field search">
        <label for="search" class="unseen">
          {worklist.search}
        </label>
        <Icon name="search" />
        <input
          id="search"
          type="search"
          value={words}
          placeholder={worklist.search}
          autocomplete="off"
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      </div>
      <div class="choices">
        <Choice label={worklist.call} hidden value={query.value.call} onChange={(call) => filter({ call })}>
          <option value="">{worklist.anyCall}</option>
          {CALLS.map((call) => (
            <option key={call} value={call}>
              {t.calls[call]}
            </option>
          ))}
        </Choice>
        <Choice
          label={worklist.body}
          hidden
          value={query.value.body_part}
          onChange={(body_part) => filter({ body_part })}
        >
          <option value="">{worklist.anyBody}</option>
          {PARTS.map((part) => (
            <option key={part} value={part}>
              {part}
            </option>
          ))}
        </Choice>
        <Choice label={worklist.state} hidden value={query.value.state} onChange={(state) => filter({ state })}>
          <option value="">{worklist.anyState}</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {t.states[state]}
            </option>
          ))}
        </Choice>
        <Choice
          label={worklist.since}
          hidden
          value={since}
          onChange={(days) => {
            setSince(days);
            filter({ since: days === "" ? "" : daysAgo(Number(days)) });
          }}
        >
          <option value="">{worklist.anyTime}</option>
          <option value="0">{worklist.today}</option>
          <option value="7">{worklist.week}</option>
        </Choice>
        <Choice
          label={worklist.sort}
          hidden
          value={query.value.sort}
          onChange={(sort) => filter({ sort: sort === "time" ? "time" : "urgency" })}
        >
          <option value="urgency">{worklist.byUrgency}</option>
          <option value="time">{worklist.byTime}</option>
        </Choice>
      </div>
      {filtered.value && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            setWords("");
            setSince("");
            filter({ ...NO_FILTER, sort: query.value.sort });
          }}
        >
          {worklist.clear}
        </button>
      )}
    </form>
  );
}
