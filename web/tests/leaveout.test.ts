import { describe, expect, it } from "vitest";
import { unused } from "../plugins/leaveout.ts";
import { address, parse, setupToken } from "../src/state/route.ts";

const TOOLS = "@cornerstonejs/tools/dist/esm/tools";

describe("what of Cornerstone is left out", () => {
  it("is what single images do not need", () => {
    expect(unused(`${TOOLS}/annotation/LengthTool.js`)).toBe(true);
    expect(unused(`${TOOLS}/annotation/CobbAngleTool.js`)).toBe(true);
    expect(unused(`${TOOLS}/WindowLevelTool.js`)).toBe(false);
    expect(unused(`${TOOLS}/CrosshairsTool.js`)).toBe(true);
    expect(unused(`${TOOLS}/base/BaseTool.js`)).toBe(false);
    expect(unused("@kitware/vtk.js/Rendering/WebGPU/Texture.js")).toBe(true);
    expect(unused("preact/dist/preact.mjs")).toBe(false);
  });
});

describe("addresses", () => {
  it("lead where they came from", () => {
    for (const route of [
      { view: "worklist" },
      { view: "study", id: "a/b c" },
      { view: "settings", page: "keys" },
    ] as const) {
      expect(parse(address(route))).toEqual(route);
    }
    expect(parse("#/nowhere")).toEqual({ view: "worklist" });
    expect(parse("#setup=abc")).toEqual({ view: "setup", token: "abc" });
    expect(setupToken("#setup=abc")).toBe("abc");
    expect(setupToken("#/study/1")).toBe("");
  });
});
