// Which tool the mouse's left button and a single finger use; the wheel, other buttons and two fingers always do the same.

import { eventTarget } from "@cornerstonejs/core";
import {
  AngleTool,
  annotation,
  Enums,
  LengthTool,
  PanTool,
  ToolGroupManager,
  WindowLevelTool,
  ZoomTool,
} from "@cornerstonejs/tools";
import type { Point as Place } from "../logic/affine.ts";
import { start, TOOLS } from "./engine.ts";

export type Tool = "window" | "pan" | "zoom" | "length" | "angle";
export const TOOL_NAMES: readonly Tool[] = ["window", "pan", "zoom", "length", "angle"];

const NAMES: Record<Tool, string> = {
  window: WindowLevelTool.toolName,
  pan: PanTool.toolName,
  zoom: ZoomTool.toolName,
  length: LengthTool.toolName,
  angle: AngleTool.toolName,
};
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
export function choose(chosen: Tool): void {
  const tools = group();
  for (const tool of TOOL_NAMES) tools.setToolPassive(NAMES[tool], { removeAllBindings: true });
  for (const tool of TOOL_NAMES) {
    const bindings = [...(ALWAYS[tool] ?? [])];
    if (tool === chosen) bindings.push({ mouseButton: MouseBindings.Primary }, { numTouchPoints: 1 });
    if (bindings.length > 0) tools.setToolActive(NAMES[tool], { bindings });
  }
}

/** A length or an angle that somebody drew. */
export interface Measure {
  id: string;
  kind: "length" | "angle";
  /** In mm of the film, or in pixels where it has no scale. */
  points: readonly Place[];
}

export function measures(viewportId: string): Measure[] {
  const found: Measure[] = [];
  for (const one of annotation.state.getAllAnnotations()) {
    const tool = one.metadata?.toolName;
    const kind = tool === NAMES.length ? "length" : tool === NAMES.angle ? "angle" : undefined;
    if (kind === undefined || one.metadata?.referencedImageId !== viewportId) continue;
    const points = (one.data.handles?.points ?? []).map(([x = 0, y = 0]): Place => [x, y]);
    found.push({ id: one.annotationUID ?? "", kind, points });
  }
  return found;
}

const CHANGES = [
  Enums.Events.ANNOTATION_MODIFIED,
  Enums.Events.ANNOTATION_COMPLETED,
  Enums.Events.ANNOTATION_REMOVED,
  Enums.Events.ANNOTATION_RENDERED,
] as const;

/** Be told when a measurement changes, until the function returned is called. */
export function onMeasured(listener: () => void): () => void {
  for (const change of CHANGES) eventTarget.addEventListener(change, listener);
  return () => {
    for (const change of CHANGES) eventTarget.removeEventListener(change, listener);
  };
}

export function erase(): void {
  annotation.state.removeAllAnnotations();
}
