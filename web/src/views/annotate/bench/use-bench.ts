// What images, tools and keys need while a study is read or decided.

import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { selected } from "../../../state/annotation/editor.ts";
import { shortcuts } from "../../../state/preferences.ts";
import { perform } from "../../../viewer/actions.ts";
import { original, tool } from "../../../viewer/display.ts";
import { cancel } from "../../../viewer/draw.ts";
import { actionOf, isTyping } from "../../../viewer/keys.ts";
import { openUnkept } from "../../../viewer/marks.ts";
import { chooseTool } from "../../../viewer/tools.ts";
import { command } from "./commands.ts";
import { cancelDrawing, endDrawing } from "./drawing.ts";

/** Actions of the viewer that are none of the workbench. */
const NOT_HERE = new Set(["erase", "toolMark", "boxes", "heat"]);

/**
 * Tools and keys of a study.
 *
 * `study` names it: measurements are of one study and go with it. `own` gets each key first and says whether it took it.
 */
export function useBench(
  study: string,
  onHelp: () => void,
  own: (event: KeyboardEvent) => boolean = () => false,
): void {
  const latest = useRef({ onHelp, own });
  latest.current = { onHelp, own };
  useEffect(() => {
    openUnkept();
    return () => {
      cancelDrawing();
      cancel();
    };
  }, [study]);
  useSignalEffect(() => {
    chooseTool(tool.value);
    cancelDrawing();
    cancel();
  });
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (isTyping(event.target, event.key)) return;
      const onButton = event.target instanceof HTMLElement && event.target.matches("button, a, summary");
      if (event.key === "Enter" && onButton) return;
      if (event.key === "Escape") {
        if (!cancelDrawing() && !cancel() && selected.value !== null) selected.value = null;
        return;
      }
      if (event.key === "Enter" && endDrawing()) return event.preventDefault();
      if (shortcuts.value === "off" && event.key.length === 1 && !event.ctrlKey) return;
      if (latest.current.own(event) || command(event)) return event.preventDefault();
      if (event.key === "?") return latest.current.onHelp();
      const action = actionOf(event);
      if (action === undefined || NOT_HERE.has(action)) return;
      if (action === "original") original.value = !original.value;
      else if (!perform(action)) return;
      event.preventDefault();
    };
    document.addEventListener("keydown", down);
    return () => document.removeEventListener("keydown", down);
  }, []);
}
