import { useEffect, useRef } from "preact/hooks";
import { shortcuts } from "../state/preferences.ts";
import { perform } from "./actions.ts";
import { original } from "./display.ts";
import { Hold } from "./hold-key.ts";
import { type Action, actionOf, isTyping } from "./keys.ts";

/** Handle all shortcuts of the table; `others` are the actions that do not concern the images. */
export function useShortcuts(others: Partial<Record<Action, () => void>>): void {
  const latest = useRef(others);
  latest.current = others;
  useEffect(() => {
    const hold = new Hold();
    let held = "";
    const down = (event: KeyboardEvent) => {
      if (shortcuts.value === "off" || isTyping(event.target, event.key)) return;
      const action = actionOf(event);
      if (action === undefined) return;
      event.preventDefault();
      if (action === "original") {
        if (!event.repeat) original.value = hold.press(original.value, event.timeStamp);
        held = event.key;
      } else if (!perform(action)) {
        latest.current[action]?.();
      }
    };
    const up = (event: KeyboardEvent) => {
      if (held === "" || event.key !== held) return;
      held = "";
      event.preventDefault();
      original.value = hold.release(original.value, event.timeStamp);
    };
    document.addEventListener("keydown", down);
    document.addEventListener("keyup", up);
    return () => {
      document.removeEventListener("keydown", down);
      document.removeEventListener("keyup", up);
    };
  }, []);
}
