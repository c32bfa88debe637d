import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = resolve(import.meta.dirname, "../src");

/** What the page is made of, from the top down: a folder knows those below it and none above. Files of a row are siblings. */
const LAYERS: readonly (readonly string[])[] = [
  ["main.tsx"],
  ["app.tsx"],
  ["views"],
  ["viewer"],
  ["parts"],
  ["state"],
  ["texts", "api"],
  ["logic"],
  ["api/types.ts"],
];

function filesOf(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesOf(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

/** The place of a file in the list of layers, and its folder. */
function layerOf(path: string): { rank: number; name: string } {
  const parts = relative(SRC, path).split("/");
  for (const name of [parts.join("/"), parts[0] ?? ""]) {
    const rank = LAYERS.findIndex((layer) => layer.includes(name));
    if (rank >= 0) return { rank, name };
  }
  throw new Error(`${path} is in no layer`);
}

function importsOf(path: string): string[] {
  const found = readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+\.tsx?)"/g);
  return [...found].map(([, target = ""]) => resolve(dirname(path), target));
}

describe("the page's imports", () => {
  const files = filesOf(SRC);

  it("are found", () => {
    expect(importsOf(join(SRC, "main.tsx"))).toContain(join(SRC, "app.tsx"));
    expect(files.length).toBeGreaterThan(80);
  });

  it("lead down only", () => {
    const up = files.flatMap((path) =>
      importsOf(path)
        .filter((target) => {
          const [from, to] = [layerOf(path), layerOf(target)];
          return to.rank < from.rank || (to.rank === from.rank && to.name !== from.name);
        })
        .map((target) => `${relative(SRC, path)} -> ${relative(SRC, target)}`),
    );
    expect(up).toEqual([]);
  });

  it("form no cycle", () => {
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]) => {
      if (trail.includes(path)) {
        const cycle = [...trail.slice(trail.indexOf(path)), path];
        cycles.push(cycle.map((file) => relative(SRC, file)).join(" -> "));
      }
      if (done.has(path) || trail.includes(path)) return;
      for (const target of importsOf(path)) visit(target, [...trail, path]);
      done.add(path);
    };
    for (const path of files) visit(path, []);
    expect(cycles).toEqual([]);
  });
});
