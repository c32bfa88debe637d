// Short messages: shown for a while, and spoken by screen readers.

import { signal } from "@preact/signals";

export interface Notice {
  id: number;
  text: string;
  kind: "done" | "fault";
}

export const notices = signal<readonly Notice[]>([]);
/** Spoken and not shown. */
export const spoken = signal("");

let last = 0;

export function notify(text: string, kind: Notice["kind"] = "done"): void {
  const notice = { id: ++last, text, kind };
  notices.value = [...notices.value, notice];
  setTimeout(() => dismiss(notice.id), kind === "fault" ? 12_000 : 5000);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function say(text: string): void {
  spoken.value = text;
}
