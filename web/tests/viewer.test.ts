import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MarkKind } from "../src/api/types.ts";
import type { Affine, Point } from "../src/logic/affine.ts";
import { type Draft, moved, pressed, released } from "../src/logic/draft.ts";
import { type Calibration, distance, measured } from "../src/logic/measure.ts";
import { orientationOf } from "../src/logic/orientation.ts";
import { en } from "../src/texts/en/index.ts";
import { Hold } from "../src/viewer/hold-key.ts";
import { preset, quantiles, shifted } from "../src/viewer/image/windows.ts";
import { actionOf, BINDINGS, keyName } from "../src/viewer/keys.ts";

const typed = (key: string, more = {}) =>
  actionOf({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more });

describe("keys", () => {
  it("mean one thing each", () => {
    const all = BINDINGS.flatMap(({ keys }) => keys);
    expect(new Set(all).size).toBe(all.length);
  });

  it("leave the browser its own", () => {
    expect(typed("r")).toBe("rotate");
    expect(typed("R", { shiftKey: true })).toBe("rotateLeft");
    expect(typed("r", { ctrlKey: true })).toBeUndefined();
    expect(typed("ArrowUp")).toBe("brighter");
    expect(typed("ArrowUp", { shiftKey: true })).toBe("up");
  });

  it("stand in the user's guide, every one", () => {
    const guide = readFileSync(new URL("../../docs/reading-room.md", import.meta.url), "utf8");
    for (const { action, keys } of BINDINGS) {
      const row = `| ${keys.map((key) => `\`${keyName(key)}\``).join(" or ")} | ${en.help.keys[action]} |`;
      expect(guide).toContain(row);
    }
  });
});

describe("the key of the original", () => {
  it("shows it while held", () => {
    const hold = new Hold();
    expect(hold.press(false, 0)).toBe(true);
    expect(hold.release(true, 900)).toBe(false);
  });

  it("shows it until tapped again", () => {
    const hold = new Hold();
    expect(hold.release(hold.press(false, 0), 100)).toBe(true);
    expect(hold.release(hold.press(true, 500), 600)).toBe(false);
  });
});

describe("windows", () => {
  it("grow brighter by a lower level and harder by a smaller width", () => {
    const brighter = shifted({ low: 0, high: 1 }, 0.1, 0);
    expect(brighter.low).toBeCloseTo(-0.1);
    expect(brighter.high).toBeCloseTo(0.9);
    const harder = shifted({ low: 0, high: 1 }, 0, 0.5);
    expect([harder.low, harder.high]).toEqual([0.25, 0.75]);
  });

  it("never close", () => {
    let window = { low: 0, high: 1 };
    for (let step = 0; step < 200; step++) window = shifted(window, 0, 0.2);
    expect(window.high - window.low).toBeGreaterThan(0.005);
  });

  it("follow the image, without the air around it", () => {
    const image = [...new Array(500).fill(0), ...Array.from({ length: 500 }, (_, at) => 50 + at * 0.4)];
    const [middle = 0] = quantiles(image, 255, [0.5]);
    expect(middle).toBeGreaterThan(0.5);
    expect(middle).toBeLessThan(0.7);
    const bone = preset("bone", { low: 0, high: 1 }, image, 255);
    const soft = preset("soft", { low: 0, high: 1 }, image, 255);
    expect(bone.low).toBeGreaterThan(soft.low);
    expect(bone.high).toBeGreaterThan(bone.low);
    expect(preset("full", { low: 0.2, high: 0.4 }, image, 255)).toEqual({ low: 0, high: 1 });
  });
});

interface Case {
  kind: MarkKind;
  points: Point[];
  spacing: [number, number] | null;
  calibration: Calibration | null;
  value: number | null;
  unit: string | null;
  calibrated: boolean;
}

describe("measurements", () => {
  const cases: Case[] = JSON.parse(
    readFileSync(new URL("../../tests/clinic/measures.json", import.meta.url), "utf8"),
  ) as Case[];

  it.each(cases)("are those of the server: $kind $value", ({ kind, points, spacing, calibration, ...wanted }) => {
    const found = measured(kind, points, spacing, calibration);
    if (wanted.value === null) expect(found).toBeUndefined();
    else {
      expect(found?.value).toBeCloseTo(wanted.value, 3);
      expect([found?.unit, found?.calibrated]).toEqual([wanted.unit, wanted.calibrated]);
    }
  });

  it("measure nothing while they are drawn", () => {
    expect(measured("length", [[0, 0]], null, null)).toBeUndefined();
    expect(
      measured(
        "angle",
        [
          [1, 0],
          [0, 0],
        ],
        null,
        null,
      ),
    ).toBeUndefined();
  });
});

describe("drawing", () => {
  /** What comes of strokes and clicks: the steps are `down`, `move` or `up` at a place. */
  function drawn(kind: MarkKind, steps: readonly (readonly ["down" | "move" | "up", number, number])[]): Draft | null {
    let draft: Draft | null = null;
    for (const [step, x, y] of steps) {
      if (step === "down") draft = pressed(draft, kind, [x, y]);
      else if (draft !== null && step === "move") draft = moved(draft, [x, y]);
      else if (draft !== null) {
        const [before, end] = draft.points.slice(-2) as [Point, Point];
        const ended: { draft: Draft; done: boolean } = released(draft, distance(before, end));
        if (ended.done) return ended.draft;
        draft = ended.draft;
      }
    }
    return null;
  }

  it("goes by dragging and by clicking", () => {
    const line = [
      [10, 10],
      [60, 10],
    ];
    const dragged = drawn("length", [
      ["down", 10, 10],
      ["move", 40, 10],
      ["move", 60, 10],
      ["up", 60, 10],
    ]);
    const clicked = drawn("length", [
      ["down", 10, 10],
      ["up", 10, 10],
      ["move", 60, 10],
      ["down", 60, 10],
      ["up", 60, 10],
    ]);
    expect(dragged?.points).toEqual(line);
    expect(clicked?.points).toEqual(line);
  });

  it("takes three points for an angle and two lines for a Cobb angle", () => {
    const angle = drawn("angle", [
      ["down", 0, 0],
      ["move", 0, 50],
      ["up", 0, 50],
      ["move", 30, 50],
      ["down", 50, 50],
      ["up", 50, 50],
    ]);
    expect(angle?.points).toEqual([
      [0, 0],
      [0, 50],
      [50, 50],
    ]);
    const cobb = drawn("cobb", [
      ["down", 0, 0],
      ["move", 50, 0],
      ["up", 50, 0],
      ["move", 20, 20],
      ["down", 0, 90],
      ["move", 50, 99],
      ["up", 50, 99],
    ]);
    expect(cobb?.points).toEqual([
      [0, 0],
      [50, 0],
      [0, 90],
      [50, 99],
    ]);
  });

  it("begins afresh with another tool", () => {
    const draft = pressed(pressed(null, "length", [0, 0]), "box", [5, 5]);
    expect(draft.points).toEqual([
      [5, 5],
      [5, 5],
    ]);
  });
});

describe("a turned image", () => {
  const right = ([a, b, c, d]: Affine): Affine => [-b, a, -d, c, 0, 0]; // on the screen, y down
  const mirror = ([a, b, c, d]: Affine): Affine => [-a, b, -c, d, 0, 0];
  const upright: Affine = [2, 0, 0, 2, 0, 0];

  it("is told as it was turned", () => {
    expect(orientationOf(right(upright), false)).toEqual({ degrees: 90, mirrored: false, mirroredLast: false });
    expect(orientationOf(mirror(right(upright)), true)).toEqual({ degrees: 90, mirrored: true, mirroredLast: true });
    expect(orientationOf(right(mirror(upright)), false)).toEqual({ degrees: 90, mirrored: true, mirroredLast: false });
    expect(orientationOf(right(right(right(upright))), false).degrees).toBe(270);
    expect(orientationOf(mirror(right(right(upright))), true)).toMatchObject({ degrees: 180, mirrored: true });
  });
});
