import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { angle, distance } from "../src/logic/measure.ts";
import { en } from "../src/texts/en.ts";
import { Hold } from "../src/viewer/hold.ts";
import { actionOf, BINDINGS, keyName } from "../src/viewer/keys.ts";
import { preset, shares, shifted } from "../src/viewer/windows.ts";

const pressed = (key: string, more = {}) =>
  actionOf({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more });

describe("keys", () => {
  it("mean one thing each", () => {
    const all = BINDINGS.flatMap(({ keys }) => keys);
    expect(new Set(all).size).toBe(all.length);
  });

  it("leave the browser its own", () => {
    expect(pressed("r")).toBe("rotate");
    expect(pressed("R", { shiftKey: true })).toBe("rotateLeft");
    expect(pressed("r", { ctrlKey: true })).toBeUndefined();
    expect(pressed("ArrowUp")).toBe("brighter");
    expect(pressed("ArrowUp", { shiftKey: true })).toBe("up");
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

  it("follow the film, without the air around it", () => {
    const film = [...new Array(500).fill(0), ...Array.from({ length: 500 }, (_, at) => 50 + at * 0.4)];
    const [middle = 0] = shares(film, 255, [0.5]);
    expect(middle).toBeGreaterThan(0.5);
    expect(middle).toBeLessThan(0.7);
    const bone = preset("bone", { low: 0, high: 1 }, film, 255);
    const soft = preset("soft", { low: 0, high: 1 }, film, 255);
    expect(bone.low).toBeGreaterThan(soft.low);
    expect(bone.high).toBeGreaterThan(bone.low);
    expect(preset("full", { low: 0.2, high: 0.4 }, film, 255)).toEqual({ low: 0, high: 1 });
  });
});

describe("measurements", () => {
  it("are lengths and angles", () => {
    expect(
      distance([
        [0, 0],
        [3, 4],
      ]),
    ).toBe(5);
    expect(distance([[0, 0]])).toBeUndefined();
    expect(
      angle([
        [1, 0],
        [0, 0],
        [0, 1],
      ]),
    ).toBeCloseTo(90);
    expect(
      angle([
        [1, 0],
        [0, 0],
        [-1, 0.0],
      ]),
    ).toBeCloseTo(180);
    expect(
      angle([
        [1, -0.1],
        [0, 0],
        [1, 0.1],
      ]),
    ).toBeCloseTo(11.42, 1);
    expect(
      angle([
        [1, 0],
        [0, 0],
      ]),
    ).toBeUndefined();
  });
});
