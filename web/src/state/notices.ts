// Short messages: shown for a while, and spoken by screen readers.

import { ProblemError, problemOfStatus } from "../api/http.ts";
import type { Problem } from "../api/types.ts";
import { problemText, t } from "../texts/index.ts";
import { sessionSignal } from "./session-signal.ts";

export interface Notice {
  id: number;
  text: string;
  kind: "done" | "error";
  /** What the button “Try again” does. */
  again: (() => void) | null;
}

export const notices = sessionSignal<readonly Notice[]>([]);
/** Spoken and not shown. */
export const announcement = sessionSignal("");

let last = 0;

export function notify(text: string, kind: Notice["kind"] = "done", again: Notice["again"] = null): void {
  const notice = { id: ++last, text, kind, again };
  notices.value = [...notices.value, notice];
  setTimeout(() => dismiss(notice.id), kind === "error" ? 12_000 : 5000);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** The problem behind an error: the server's description, or an unexpected error of the page. */
export function failure(error: unknown): Problem {
  return error instanceof ProblemError
    ? error.problem
    : { ...problemOfStatus(-1, t.problems.broken), hint: t.problems.brokenHint };
}

/** Do something that a button asked for; where it fails, say why, and offer to try again. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    notify(problemText(failure(error)), "error", () => void attempt(work));
    return false;
  }
}

export function announce(text: string): void {
  announcement.value = text;
}
