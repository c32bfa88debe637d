// All keys in one table: the viewer obeys it, the help and the user's guide list it.

import type { Texts } from "../texts/en/index.ts";
import { t } from "../texts/index.ts";

export type Action = keyof Texts["help"]["keys"];
export type Group = keyof Texts["help"]["groups"];

export interface Binding {
  action: Action;
  group: Group;
  /** As `KeyboardEvent.key` names it, with Shift+ before keys that are no letters. */
  keys: readonly string[];
}

export const BINDINGS: readonly Binding[] = [
  { group: "layers", action: "original", keys: [" ", "o"] },
  { group: "layers", action: "boxes", keys: ["b"] },
  { group: "layers", action: "heat", keys: ["h"] },
  { group: "layers", action: "fainter", keys: ["["] },
  { group: "layers", action: "stronger", keys: ["]"] },
  { group: "look", action: "brighter", keys: ["ArrowUp"] },
  { group: "look", action: "darker", keys: ["ArrowDown"] },
  { group: "look", action: "harder", keys: ["ArrowRight"] },
  { group: "look", action: "softer", keys: ["ArrowLeft"] },
  { group: "look", action: "presetStored", keys: ["1"] },
  { group: "look", action: "presetBone", keys: ["2"] },
  { group: "look", action: "presetSoft", keys: ["3"] },
  { group: "look", action: "presetFull", keys: ["4"] },
  { group: "look", action: "invert", keys: ["i"] },
  { group: "look", action: "rotate", keys: ["r"] },
  { group: "look", action: "rotateLeft", keys: ["R"] },
  { group: "look", action: "flip", keys: ["m"] },
  { group: "look", action: "zoomIn", keys: ["+", "="] },
  { group: "look", action: "zoomOut", keys: ["-"] },
  { group: "look", action: "fit", keys: ["f"] },
  { group: "look", action: "actual", keys: ["e"] },
  { group: "look", action: "left", keys: ["Shift+ArrowLeft"] },
  { group: "look", action: "right", keys: ["Shift+ArrowRight"] },
  { group: "look", action: "up", keys: ["Shift+ArrowUp"] },
  { group: "look", action: "down", keys: ["Shift+ArrowDown"] },
  { group: "look", action: "reset", keys: ["0"] },
  { group: "tools", action: "toolWindow", keys: ["w"] },
  { group: "tools", action: "toolPan", keys: ["p"] },
  { group: "tools", action: "toolZoom", keys: ["z"] },
  { group: "tools", action: "toolLength", keys: ["l"] },
  { group: "tools", action: "toolAngle", keys: ["a"] },
  { group: "tools", action: "toolCobb", keys: ["c"] },
  { group: "tools", action: "toolCalibrate", keys: ["u"] },
  { group: "tools", action: "toolMark", keys: ["d"] },
  { group: "tools", action: "erase", keys: ["Delete"] },
  { group: "study", action: "nextImage", keys: ["n"] },
  { group: "study", action: "layout", keys: ["s"] },
  { group: "study", action: "linked", keys: ["v"] },
  { group: "study", action: "next", keys: ["j"] },
  { group: "study", action: "previous", keys: ["k"] },
  { group: "study", action: "agree", keys: ["y"] },
  { group: "study", action: "disagree", keys: ["x"] },
  { group: "study", action: "note", keys: ["t"] },
  { group: "study", action: "back", keys: ["Escape"] },
  { group: "study", action: "help", keys: ["?"] },
];

export const GROUPS: readonly Group[] = ["look", "layers", "tools", "study"];

/** What is printed on the key. */
export function keyName(key: string): string {
  const letter = key.length === 1 && key !== key.toLowerCase() ? `Shift ${key}` : key.toUpperCase();
  return t.help.keyNames[key] ?? (key.length === 1 ? letter : key);
}

const BY_KEY = new Map(BINDINGS.flatMap(({ action, keys }) => keys.map((key) => [key, action] as const)));

/** What a key does; keys with Ctrl, Alt or Meta belong to the browser. */
export function actionOf(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey">,
): Action | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const named = event.key.length > 1 && event.shiftKey ? `Shift+${event.key}` : event.key;
  return BY_KEY.get(named);
}

/** Where letters are written, or a key has a meaning of its own. */
export function isTyping(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog[open]") !== null) return true;
  if (target.matches("input, textarea, select")) return !(target.matches("input[type=checkbox]") && key !== " ");
  return key === " " && target.matches("button, a, summary");
}
