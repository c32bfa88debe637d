import { describe, expect, it } from "vitest";
import type { AdjudicationCase, LabelSchema, Proposal, Region } from "../src/api/types.ts";
import { ActiveTime } from "../src/logic/annotation/active.ts";
import {
  chosenRead,
  decisionOf,
  draftOfCase,
  open,
  readChosen,
  regionIdOf,
  valueChosen,
} from "../src/logic/annotation/consensus.ts";
import { applied, type Change, type Draft, draftOf, inverse } from "../src/logic/annotation/draft.ts";
import { broken } from "../src/logic/annotation/schema.ts";
import { begun, nudged, shifted, withHandle, withPointAfter } from "../src/logic/annotation/shapes.ts";

const SIZE = { rows: 400, columns: 300 };
const PROPOSALS: Proposal[] = [
  {
    number: 0,
    label: "fracture",
    image: 0,
    points: [
      [1, 2],
      [30, 40],
    ],
    score: 0.9,
    model: "boxes@1",
  },
];
const put = (id: string, x: number, label = "fracture"): Change => ({
  kind: "region",
  payload: {
    id,
    label,
    image: 0,
    kind: "box",
    points: [
      [x, 0],
      [x + 10, 10],
    ],
  },
});
const EMPTY = draftOf({ answers: [], regions: [], rejected: [] });

describe("a read", () => {
  const steps: Change[] = [
    { kind: "answer", payload: { label: "normal", image: 1, value: 1 } },
    { kind: "answer", payload: { label: "normal", image: 1, value: 0 } },
    put("a", 5),
    put("a", 8),
    { kind: "proposal", payload: { number: 0, decision: "accepted", id: "b" } },
    put("b", 3),
    { kind: "region_removed", payload: { id: "b" } },
    { kind: "proposal", payload: { number: 0, decision: "rejected" } },
    { kind: "region_removed", payload: { id: "a" } },
  ];

  it.each(steps.map((_, at) => at))("is as before when step %d is undone", (at) => {
    const before = steps.slice(0, at).reduce<Draft>((now, step) => applied(now, step, PROPOSALS), EMPTY);
    const step = steps[at] as Change;
    const after = applied(before, step, PROPOSALS);
    const back = inverse(before, step).reduce<Draft>((now, one) => applied(now, one, PROPOSALS), after);
    expect(new Map([...back.regions].sort())).toEqual(new Map([...before.regions].sort()));
    expect(back.answers).toEqual(before.answers);
    expect(back.rejected).toEqual(before.rejected);
  });

  it("knows where a region comes from", () => {
    const accepted = applied(EMPTY, steps[4] as Change, PROPOSALS);
    expect(accepted.regions.get("b")?.provenance).toBe("proposed-accepted");
    const edited = applied(accepted, steps[5] as Change, PROPOSALS);
    expect(edited.regions.get("b")).toMatchObject({ provenance: "proposed-edited", model: "boxes@1", proposal: 0 });
    expect(applied(EMPTY, put("c", 1), []).regions.get("c")?.provenance).toBe("own");
  });
});

const SCHEMA: LabelSchema = {
  name: "test",
  title: "Test",
  labels: [
    { id: "sick", name: "Sick", scope: "study" },
    { id: "normal", name: "Normal", scope: "image" },
    {
      id: "lesion",
      name: "Lesion",
      scope: "region",
      kinds: ["box"],
      children: [{ id: "fracture", name: "Fracture", scope: "region", kinds: ["box"] }],
    },
  ],
  rules: [
    { kind: "required", labels: ["sick"] },
    { kind: "excludes", label: "normal", labels: ["lesion"] },
    { kind: "some_of", labels: ["normal", "lesion"] },
    { kind: "one_of", labels: ["normal", "fracture"] },
  ],
};

describe("the rules of a schema", () => {
  it("say what is missing in each place", () => {
    expect(broken(SCHEMA, EMPTY, [0, 1])).toEqual([
      { kind: "required", labels: ["sick"], image: null },
      { kind: "some_of", labels: ["normal", "lesion"], image: 0 },
      { kind: "some_of", labels: ["normal", "lesion"], image: 1 },
      { kind: "one_of", labels: ["normal", "fracture"], image: 0 },
      { kind: "one_of", labels: ["normal", "fracture"], image: 1 },
    ]);
  });

  it("count a child as its parents, and find what excludes it", () => {
    const changes: Change[] = [
      { kind: "answer", payload: { label: "sick", image: null, value: 0 } },
      { kind: "answer", payload: { label: "normal", image: 0, value: 1 } },
      put("a", 5),
    ];
    const draft = changes.reduce<Draft>((now, one) => applied(now, one, []), EMPTY);
    expect(broken(SCHEMA, draft, [0])).toEqual([
      { kind: "excludes", labels: ["lesion"], image: 0, label: "normal" },
      { kind: "one_of", labels: ["normal", "fracture"], image: 0 },
    ]);
  });
});

describe("shapes", () => {
  const box = [
    [10, 10],
    [50, 60],
  ] as const;

  it("stay in the image and keep their size", () => {
    expect(shifted(box, -30, 1000, SIZE)).toEqual([
      [0, 350],
      [40, 400],
    ]);
  });

  it("keep a box upright when a corner is dragged past another", () => {
    expect(withHandle("box", box, 0, [80, 90], SIZE)).toEqual([
      [50, 60],
      [80, 90],
    ]);
  });

  it("are resized by the keyboard and never turned round", () => {
    expect(nudged("box", box, 2, 5, -5, SIZE)).toEqual([
      [10, 10],
      [55, 55],
    ]);
    expect(nudged("box", box, 2, -45, 0, SIZE)).toEqual(box);
  });

  it("begin in the middle and take further points", () => {
    const outline = begun("polygon", [100, 100], 20, SIZE);
    expect(outline).toHaveLength(4);
    expect(withPointAfter("polygon", outline, 3)).toHaveLength(5);
    expect(withPointAfter("box", box, 0)).toHaveLength(2);
  });
});

describe("active time", () => {
  it("is cut off where nobody does anything", () => {
    const time = new ActiveTime();
    time.input(0);
    time.input(10_000);
    expect(time.take(12_000)).toBe(12);
    expect(time.take(300_000)).toBe(28);
    expect(time.take(400_000)).toBe(0);
    time.input(500_000);
    expect(time.take(501_000)).toBe(1);
  });
});

describe("a decision", () => {
  const region = (id: string): Region => ({
    id,
    label: "fracture",
    image: 0,
    kind: "box",
    points: [
      [0, 0],
      [9, 9],
    ],
  });
  const read = (id: number, regions: Region[], value: number) => ({
    id,
    reader: `Reader ${id}`,
    round: 1,
    stage: "unaided" as const,
    answers: [{ label: "sick", value, image: null }],
    regions,
    active_seconds: 0,
    finished: "",
    skip_reason: "",
    question: "",
  });
  const found: AdjudicationCase = {
    item: 1,
    state: "included",
    age: null,
    sex: null,
    images: [],
    reads: [read(1, [region("both"), region("mine")], 1), read(2, [region("other")], 0)],
    earlier: [],
    labels: [{ label: "sick", image: null, values: { 1: 1, 2: 0 } }],
    regions: [{ label: "fracture", image: 0, regions: { 1: region("mine") }, missing: [2] }],
    consensus: null,
  };

  const stand = (changes: readonly Change[], from = draftOfCase(found)) =>
    changes.reduce<Draft>((now, one) => applied(now, one, []), from);

  it("holds what all agree on and what was chosen", () => {
    const begun = draftOfCase(found);
    expect(open(found, begun)).toBe(2);
    const answered = stand(valueChosen(found, 0, 0));
    const chosen = stand(readChosen(found, answered, 0, "1"), answered);
    expect(open(found, chosen)).toBe(0);
    expect(chosenRead(found, chosen, 0)).toBe("1");
    const sent = decisionOf(chosen, "", true);
    expect(sent.answers).toEqual([{ label: "sick", value: 0, image: null }]);
    expect(sent.regions?.map(({ id }) => id)).toEqual(["both", regionIdOf(0)]);
    const without = stand(readChosen(found, chosen, 0, "none"), chosen);
    expect(decisionOf(without, "", false).regions?.map(({ id }) => id)).toEqual(["both"]);
    expect(open(found, without)).toBe(0);
    const unanswered = stand(valueChosen(found, 0, null), chosen);
    expect([open(found, unanswered), decisionOf(unanswered, "", false).answers]).toEqual([0, []]);
  });

  it("holds what the adjudicator changed, drew and removed", () => {
    const chosen = stand([...readChosen(found, draftOfCase(found), 0, "1"), put(regionIdOf(0), 3), put("new", 50)]);
    expect(chosenRead(found, chosen, 0)).toBe("changed");
    const left = stand([{ kind: "region_removed", payload: { id: "both" } }], chosen);
    expect(decisionOf(left, "", false).regions?.map(({ id, points }) => [id, points[0]])).toEqual([
      [regionIdOf(0), [3, 0]],
      ["new", [50, 0]],
    ]);
    const gone = stand([{ kind: "region_removed", payload: { id: regionIdOf(0) } }], left);
    expect(chosenRead(found, gone, 0)).toBe("none");
  });

  it("takes a choice back", () => {
    const begun = draftOfCase(found);
    let now = begun;
    const back: Change[] = [];
    for (const change of [...valueChosen(found, 0, 1), ...readChosen(found, begun, 0, "1")]) {
      back.unshift(...inverse(now, change));
      now = applied(now, change, []);
    }
    expect(open(found, now)).toBe(0);
    expect(stand(back, now)).toEqual(begun);
  });

  it("goes on from what was decided of the same reads", () => {
    const consensus = {
      ...{ rule: "person" as const, answers: [{ label: "sick", value: 1, image: null }], reads: [1, 2] },
      ...{ regions: [region("both"), region("elsewhere")], author: "cleo", created: "", signed: null, note: "" },
    };
    const decided = { ...found, consensus };
    const begun = draftOfCase(decided);
    expect(open(decided, begun)).toBe(0);
    expect(open(found, draftOfCase({ ...found, consensus: { ...consensus, reads: [1, 3] } }))).toBe(2);
    expect(open(found, draftOfCase({ ...found, consensus: { ...consensus, rule: "majority" } }))).toBe(2);
  });
});
