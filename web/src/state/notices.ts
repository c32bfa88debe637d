// Short messages: shown for a while, and spoken by screen readers.

import { ProblemError } from "../api/http.ts";
import type { Problem } from "../api/types.ts";
import { t, told } from "../texts/index.ts";
import { own } from "./own.ts";

export interface Notice {
  id: number;
  text: string;
  kind: "done" | "fault";
  /** What is done anew when it is asked for. */
  again: (() => void) | null;
}

export const notices = own<readonly Notice[]>([]);
/** Spoken and not shown. */
export const spoken = own("");

let last = 0;

export function notify(text: string, kind: Notice["kind"] = "done", again: Notice["again"] = null): void {
  const notice = { id: ++last, text, kind, again };
  notices.value = [...notices.value, notice];
  setTimeout(() => dismiss(notice.id), kind === "fault" ? 12_000 : 5000);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** What an error says: the server's own words, or that the page itself is at fault. */
export function failure(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : { title: t.problems.broken, status: -1 };
}

/** Do something that a button asked for; where it fails, say why, and offer to try again. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    notify(told(failure(error)), "fault", () => void attempt(work));
    return false;
  }
}

export function say(text: string): void {
  spoken.value = text;
}
