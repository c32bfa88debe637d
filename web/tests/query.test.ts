import { describe, expect, it } from "vitest";
import type { Study } from "../src/api/types.ts";
import { dayBounds, isFiltered, NO_FILTER, type Query, queryOf, requestOf, searchOf } from "../src/logic/query.ts";
import { matches, senderNames, studyName } from "../src/logic/study-name.ts";
import { address, parse } from "../src/state/route.ts";
import { endSession, onSessionEnd, sessionSignal } from "../src/state/session-signal.ts";

const SOME: Query = {
  ...NO_FILTER,
  call: "no fracture",
  body_part: "hand",
  state: "failed",
  opinion: "disagree",
  period: "dates",
  from: "2026-02-01",
  to: "2026-02-03",
  sort: "oldest",
};

describe("filters", () => {
  it("come back from their address", () => {
    expect(queryOf(searchOf(SOME))).toEqual(SOME);
    expect(searchOf(NO_FILTER)).toBe("");
    expect(queryOf("")).toEqual(NO_FILTER);
  });

  it("keep what was searched for out of the address", () => {
    expect(searchOf({ ...SOME, q: "PAT-4711" })).toBe(searchOf(SOME));
    expect(queryOf("q=PAT-4711").q).toBe("");
  });

  it("leave out what is no value of theirs", () => {
    for (const text of ["call=maybe", "sort=constructor", "period=__proto__", "opinion=agree%27", "from=2026-02-01"]) {
      expect(queryOf(text)).toEqual(NO_FILTER);
    }
    expect(queryOf("period=dates&from=2026-13-77&to=1.2.2026")).toEqual({ ...NO_FILTER, period: "dates" });
  });

  it("say whether anything is left out", () => {
    expect(isFiltered(NO_FILTER)).toBe(false);
    expect(isFiltered({ ...NO_FILTER, sort: "oldest" })).toBe(false);
    expect(isFiltered({ ...NO_FILTER, q: "x" })).toBe(true);
    expect(isFiltered(SOME)).toBe(true);
  });

  it("count days from midnight to midnight where the page is", () => {
    const now = new Date(2026, 1, 3, 15, 30);
    const fields = (query: Partial<Query>) => requestOf({ ...NO_FILTER, ...query }, now);
    expect(fields({ period: "today" }).since).toBe(new Date(2026, 1, 3).toISOString());
    expect(fields({ period: "week" }).since).toBe(new Date(2026, 0, 28).toISOString());
    expect(fields({ period: "dates", from: "2026-02-01", to: "2026-02-03" })).toEqual({
      sort: "urgency",
      since: new Date(2026, 1, 1).toISOString(),
      until: new Date(2026, 1, 4).toISOString(),
    });
    expect(dayBounds("", "")).toEqual([null, null]);
    expect(fields({})).toEqual({ sort: "urgency" });
    expect(fields({ call: "doubt", q: "x" })).toEqual({ sort: "urgency", call: ["doubt"], q: "x" });
  });
});

describe("addresses", () => {
  it("lead where they came from", () => {
    expect(address({ view: "worklist" })).toBe("#/");
    expect(parse("#/?call=fracture")).toEqual({ view: "worklist" });
    expect(parse("#/study/%E0%A4%A")).toEqual({ view: "study", id: "%E0%A4%A" });
    expect(parse("#setup=a%20b")).toEqual({ view: "setup", token: "a b" });
    expect(parse("#/settings/storage")).toEqual({ view: "settings", page: "storage" });
  });
});

describe("names of studies", () => {
  const study = (label: string | null, file: string | null, pseudonym: string | null) =>
    ({
      label,
      pseudonym,
      identifiers: file === null ? null : { study_uid: "1.2.3", accession: "ACC-1", patient: "P4711", file_name: file },
    }) as Pick<Study, "label" | "pseudonym" | "identifiers">;

  it("are what the sender calls them, as far as one may see it", () => {
    expect(studyName(study(null, null, null), "none")).toBe("none");
    expect(studyName(study("left", "a.jpg", "P-X"), "none")).toBe("P-X, left, a.jpg");
    expect(senderNames(study("left", null, null))).toEqual(["left"]);
  });

  it("show an identifier only where it was searched for", () => {
    expect(matches(study(null, "a.jpg", null), "")).toEqual([]);
    expect(matches(study(null, "a.jpg", null), "acc")).toEqual(["ACC-1"]);
    expect(matches(study(null, "a.jpg", null), "4711 left")).toEqual(["P4711"]);
    expect(matches(study("x", null, null), "4711")).toEqual([]);
  });
});

describe("what is somebody's own", () => {
  it("is forgotten when their session ends", () => {
    const tray = sessionSignal<readonly string[]>([]);
    let stopped = 0;
    onSessionEnd(() => stopped++);
    tray.value = ["strong.jpg"];
    endSession();
    expect(tray.value).toEqual([]);
    expect(stopped).toBe(1);
  });
});
