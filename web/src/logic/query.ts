// The filters of the worklist, as they are in the address and as they are sent to the server.

import type { BodyPart, Call, paths, State } from "../api/types.ts";

export type WorklistQuery = NonNullable<paths["/api/v1/studies"]["get"]["parameters"]["query"]>;

export const CALLS: readonly Call[] = ["fracture", "doubt", "abstain", "no fracture"];
export const STATES: readonly State[] = ["queued", "reading", "done", "failed"];
/** In the order of the alphabet. */
export const PARTS = [
  ...["abdomen", "ankle", "chest", "elbow", "femur", "finger", "foot", "forearm", "hand", "hip", "humerus", "knee"],
  ...["leg", "pelvis", "shoulder", "skull", "spine", "wrist"],
] as const satisfies readonly BodyPart[];
export const SORTS = ["urgency", "time", "oldest"] as const satisfies readonly WorklistQuery["sort"][];
export const PERIODS = ["today", "week", "month", "dates"] as const;
export const OPINIONS = ["none", "agree", "disagree"] as const satisfies NonNullable<WorklistQuery["opinion"]>;

export type Sort = (typeof SORTS)[number];
type Choice<Value extends string> = Value | "";

export interface Query {
  call: Choice<Call>;
  body_part: Choice<(typeof PARTS)[number]>;
  state: Choice<State>;
  opinion: Choice<(typeof OPINIONS)[number]>;
  period: Choice<(typeof PERIODS)[number]>;
  /** First and last day of the period "dates", `YYYY-MM-DD`; empty for no limit. */
  from: string;
  to: string;
  sort: Sort;
  q: string;
}

export const NO_FILTER: Query = {
  call: "",
  body_part: "",
  state: "",
  opinion: "",
  period: "",
  from: "",
  to: "",
  sort: "urgency",
  q: "",
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAYS_BACK = { today: 0, week: 6, month: 29 } as const;

/** The filters as they are in the address. The search text is left out: it may be a patient's number. */
export function searchOf(query: Query): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const dated = name === "from" || name === "to";
    if (name === "q" || value === NO_FILTER[name as keyof Query] || (dated && query.period !== "dates")) continue;
    fields.set(name, value);
  }
  return fields.toString();
}

/** The filters of an address; unknown values are left out, so that an old address still opens. */
export function queryOf(text: string): Query {
  const fields = new URLSearchParams(text);
  const one = <Value extends string>(name: string, values: readonly Value[]): Choice<Value> =>
    values.find((value) => value === fields.get(name)) ?? "";
  const day = (name: string) => {
    const value = fields.get(name) ?? "";
    return DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : "";
  };
  const period = one("period", PERIODS);
  return {
    call: one("call", CALLS),
    body_part: one("body_part", PARTS),
    state: one("state", STATES),
    opinion: one("opinion", OPINIONS),
    period,
    from: period === "dates" ? day("from") : "",
    to: period === "dates" ? day("to") : "",
    sort: one("sort", SORTS) || "urgency",
    q: "",
  };
}

/** Whether anything is left out. */
export function isFiltered(query: Query): boolean {
  return searchOf({ ...query, sort: "urgency" }) !== "" || query.q !== "";
}

/** The query that the server gets. Days are those of the browser's time zone, and the last one counts whole. */
export function requestOf(query: Query, now: Date): WorklistQuery {
  const { call, body_part, state, opinion, sort, q } = query;
  const [since, until] = bounds(query, now);
  return {
    ...(call === "" ? {} : { call: [call] }),
    ...(body_part === "" ? {} : { body_part: [body_part] }),
    ...(state === "" ? {} : { state: [state] }),
    ...(opinion === "" ? {} : { opinion: [opinion] }),
    ...(q === "" ? {} : { q }),
    ...(since === null ? {} : { since: since.toISOString() }),
    ...(until === null ? {} : { until: until.toISOString() }),
    sort,
  };
}

function bounds({ period, from, to }: Query, now: Date): [since: Date | null, until: Date | null] {
  if (period === "") return [null, null];
  if (period !== "dates") return [midnight(now, -DAYS_BACK[period]), null];
  return dayBounds(from, to);
}

/** From the first moment of a day to the last of another, both `YYYY-MM-DD`; empty for no limit. */
export function dayBounds(from: string, to: string): [since: Date | null, until: Date | null] {
  return [from === "" ? null : local(from, 0), to === "" ? null : local(to, 1)];
}

function midnight(moment: Date, days: number): Date {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate() + days);
}

function local(day: string, later: number): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later);
}
