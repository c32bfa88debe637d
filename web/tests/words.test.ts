import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { problemOfStatus } from "../src/api/http.ts";
import { following, inOrder, numberOf } from "../src/logic/arrange.ts";
import { age, ago, frequency, probability, size } from "../src/logic/numbers.ts";
import { neighbour } from "../src/logic/order.ts";
import { labels, zones } from "../src/logic/scale.ts";
import { en } from "../src/texts/en/index.ts";
import { ageWords, frequencyText, problemText } from "../src/texts/index.ts";

const shared = JSON.parse(readFileSync(new URL("../../tests/outputs/words.json", import.meta.url), "utf8"));

describe("the words of reports", () => {
  it("name calls", () => {
    expect(en.calls).toEqual(shared.calls);
    expect(en.viewer.unread).toBe(shared.unread);
  });

  it.each(shared.probabilities as [number, string][])("write the probability %d as %s", (value, words) => {
    expect(probability(value)).toBe(words);
  });

  it.each(shared.frequencies as [number, string][])("count %d as %s", (value, words) => {
    const { bound, count, per } = frequency(value);
    expect(en.verdict.amount(bound, count, per)).toBe(words);
  });

  it.each(shared.ages as [number, string][])("say of %d years %s", (years, words) => {
    expect(ageWords(years)).toBe(words);
  });

  it.each(shared.meanings as [keyof typeof en.verdict.meaning, number, number, number, string][])(
    "say what %s means",
    (call, value, doubt, definite, words) => {
      const { meaning } = en.verdict;
      expect(meaning[call](probability(value), probability(doubt), probability(definite))).toBe(words);
    },
  );

  it("are the same sentences", () => {
    const { verdict, findings } = en;
    const said = shared.sentences;
    expect(frequencyText(said.frequency[0])).toBe(said.frequency[1]);
    expect([verdict.scope, verdict.abstained, verdict.abstainedMeaning]).toEqual([
      said.scope,
      said.abstained,
      said.abstainedMeaning,
    ]);
    expect([findings.noPlace, findings.noBox, findings.drawsNone]).toEqual([said.noPlace, said.noBox, said.drawsNone]);
  });
});

describe("numbers", () => {
  it("count months of small children", () => {
    expect(age(1.5)).toEqual({ value: 18, unit: "months" });
    expect(age(34.9)).toEqual({ value: 34, unit: "years" });
  });

  it("tell time in the unit that fits", () => {
    const now = new Date("2026-01-01T12:00:00Z");
    expect(ago(new Date("2026-01-01T11:59:30Z"), now)).toEqual({ value: 30, unit: "second" });
    expect(ago(new Date("2026-01-01T09:30:00Z"), now)).toEqual({ value: 2, unit: "hour" });
    expect(ago(new Date("2026-01-01T12:00:05Z"), now)).toEqual({ value: 0, unit: "second" });
    expect(size(394_000)).toBe("394 kB");
  });
});

describe("a problem in words", () => {
  it("says what is wrong, what was expected and what to do", () => {
    const words = problemText({
      type: "urn:osteon:problem:input",
      title: "The image cannot be read",
      status: 422,
      detail: "the file is not a radiograph",
      expected: "a radiograph as DICOM, JPEG, PNG or TIFF",
      got: "a PDF document",
      hint: "Export the radiograph itself.",
    });
    expect(words).toBe(
      "The image cannot be read: the file is not a radiograph. Expected: a radiograph as DICOM, JPEG, PNG or TIFF. " +
        "Got: a PDF document. Export the radiograph itself.",
    );
  });

  it("has words for silence and for answers without any", () => {
    expect(problemText(problemOfStatus(0))).toBe(en.problems.silent);
    expect(problemText(problemOfStatus(502))).toMatch(/502/);
  });
});

describe("the worklist", () => {
  it("leads from one study to the next", () => {
    const studies = [{ id: "surer" }, { id: "sure" }, { id: "doubt" }];
    expect(neighbour(studies, "sure", 1)).toBe("doubt");
    expect(neighbour(studies, "surer", -1)).toBeUndefined();
    expect(neighbour(studies, "elsewhere", 1)).toBeUndefined();
  });
});

describe("images", () => {
  it("hang frontal first and keep the index that the server knows", () => {
    const images = inOrder([
      { index: 0, view: "lateral" },
      { index: 1, view: null },
      { index: 2, view: "frontal" },
    ] as const);
    expect(images.map(({ index }) => index)).toEqual([2, 0, 1]);
    expect(numberOf(images, 0)).toBe(2);
    expect(following(images, 2)).toBe(0);
    expect(following(images, 1)).toBe(2);
  });
});

describe("the scale", () => {
  it("has its zones between the operating points", () => {
    expect(zones(0.05, 0.3)).toEqual([
      { call: "no fracture", from: 0, to: 0.05 },
      { call: "doubt", from: 0.05, to: 0.3 },
      { call: "fracture", from: 0.3, to: 1 },
    ]);
    expect(zones(0, 1)).toEqual([{ call: "doubt", from: 0, to: 1 }]);
  });

  it("keeps its labels apart and on it", () => {
    for (const [doubt, definite] of [
      [0.05, 0.3],
      [0.01, 0.02],
      [0.95, 0.99],
      [0.5, 0.5],
    ] as const) {
      const [first, second] = labels(doubt, definite, 0.26);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(second - first).toBeGreaterThanOrEqual(0.26 - 1e-9);
      expect(second + 0.26).toBeLessThanOrEqual(1 + 1e-9);
    }
  });
});
