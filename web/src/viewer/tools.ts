// Which tool the mouse's left button and a single finger use; the wheel, other buttons and two fingers always do the same.

import { Enums, PanTool, ToolGroupManager, WindowLevelTool, ZoomTool } from "@cornerstonejs/tools";
import type { MarkKind } from "../api/types.ts";
import { start, TOOLS } from "./image/engine.ts";

export type Tool = "window" | "pan" | "zoom" | "length" | "angle" | "cobb" | "calibrate" | "mark";
export const TOOL_NAMES: readonly Tool[] = ["window", "pan", "zoom", "length", "angle", "cobb", "calibrate", "mark"];

/** Tools that Cornerstone has; the others draw, see `draw.ts`. */
const NAMES: Partial<Record<Tool, string>> = {
  window: WindowLevelTool.toolName,
  pan: PanTool.toolName,
  zoom: ZoomTool.toolName,
};

/** What a tool draws. */
export const DRAWS: Partial<Record<Tool, MarkKind>> = {
  length: "length",
  angle: "angle",
  cobb: "cobb",
  calibrate: "calibration",
  mark: "box",
};
/** Tools that measure. */
export const MEASURES: ReadonlySet<Tool> = new Set<Tool>(["length", "angle", "cobb", "calibrate"]);
const GROUP = "osteon";
const { MouseBindings } = Enums;

interface Binding {
  mouseButton?: number;
  numTouchPoints?: number;
}

const ALWAYS: Partial<Record<Tool, Binding[]>> = {
  pan: [{ mouseButton: MouseBindings.Auxiliary }],
  zoom: [{ mouseButton: MouseBindings.Secondary }, { mouseButton: MouseBindings.Wheel }, { numTouchPoints: 2 }],
};

function group() {
  const known = ToolGroupManager.getToolGroup(GROUP);
  if (known !== undefined) return known;
  start(); // tools are known to Cornerstone from then on
  const made = ToolGroupManager.createToolGroup(GROUP);
  if (made === undefined) throw new Error("no tool group");
  for (const tool of TOOLS) made.addTool(tool.toolName);
  return made;
}

export function attach(viewportId: string, engineId: string): void {
  group().addViewport(viewportId, engineId);
}

export function detach(viewportId: string, engineId: string): void {
  group().removeViewports(engineId, viewportId);
}

/** Give the left button and a single finger a tool. */
export function chooseTool(chosen: Tool): void {
  const tools = group();
  for (const tool of TOOL_NAMES) {
    const name = NAMES[tool];
    if (name === undefined) continue;
    tools.setToolPassive(name, { removeAllBindings: true });
    const bindings = [...(ALWAYS[tool] ?? [])];
    if (tool === chosen) bindings.push({ mouseButton: MouseBindings.Primary }, { numTouchPoints: 1 });
    if (bindings.length > 0) tools.setToolActive(name, { bindings });
  }
}
