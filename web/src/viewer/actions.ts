// What the actions of keys and buttons do to the image.

import { active, activeView, boxes, changeOpacity, heat, single, tool } from "./display.ts";
import { link } from "./image/link.ts";
import type { Preset } from "./image/windows.ts";
import type { Action } from "./keys.ts";
import { removeLatest } from "./marks.ts";
import type { Tool } from "./tools.ts";

const STEP = 0.06;
const MOVE_STEP = 40; // pixels of the screen
const ZOOM_STEP = 1.25;

const PRESETS: Partial<Record<Action, Preset>> = {
  presetStored: "stored",
  presetBone: "bone",
  presetSoft: "soft",
  presetFull: "full",
};
const TOOLS: Partial<Record<Action, Tool>> = {
  toolWindow: "window",
  toolPan: "pan",
  toolZoom: "zoom",
  toolLength: "length",
  toolAngle: "angle",
  toolCobb: "cobb",
  toolCalibrate: "calibrate",
  toolMark: "mark",
};

/** Perform an action if it concerns the images; returns whether it did. */
export function perform(action: Action): boolean {
  const view = activeView();
  const preset = PRESETS[action];
  const chosen = TOOLS[action];
  if (preset !== undefined) view?.choose(preset);
  else if (chosen !== undefined) tool.value = chosen;
  else if (action === "boxes") boxes.value = !boxes.value;
  else if (action === "heat") heat.value = !heat.value;
  else if (action === "fainter") changeOpacity(-0.1);
  else if (action === "stronger") changeOpacity(0.1);
  else if (action === "brighter") view?.change(STEP, 0);
  else if (action === "darker") view?.change(-STEP, 0);
  else if (action === "harder") view?.change(0, STEP);
  else if (action === "softer") view?.change(0, -STEP);
  else if (action === "invert") view?.invert();
  else if (action === "rotate") view?.rotate(90);
  else if (action === "rotateLeft") view?.rotate(-90);
  else if (action === "flip") view?.flip();
  else if (action === "zoomIn") view?.zoom(ZOOM_STEP);
  else if (action === "zoomOut") view?.zoom(1 / ZOOM_STEP);
  else if (action === "fit") view?.fit();
  else if (action === "actual") view?.actual();
  else if (action === "linked") link(view);
  else if (action === "reset") view?.reset();
  else if (action === "left") view?.move(-MOVE_STEP, 0);
  else if (action === "right") view?.move(MOVE_STEP, 0);
  else if (action === "up") view?.move(0, -MOVE_STEP);
  else if (action === "down") view?.move(0, MOVE_STEP);
  else if (action === "erase") removeLatest(active.value);
  else if (action === "layout") single.value = !single.value;
  else return false;
  return true;
}
