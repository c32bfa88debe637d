import { signal } from "@preact/signals";
import { type LiveEvent, listen } from "../api/events.ts";
import { loggedIn, refresh } from "./session.ts";
import * as uploads from "./uploads.ts";
import * as worklist from "./worklist.ts";

export const connected = signal<boolean | null>(null);

type Handler = (event: LiveEvent) => void;
const handlers = new Set<Handler>();

/** Hear every event until the function returned is called; a signal would lose all but the last of each frame. */
export function onLiveEvent(handler: Handler): () => void {
  handlers.add(handler);
  return () => handlers.delete(handler);
}

/** Whether the session is still valid; while the server does not answer, the stream is requested again. */
async function isSessionAlive(): Promise<boolean> {
  try {
    await refresh();
  } catch {
    return true;
  }
  return loggedIn.value;
}

/** Follow the server until the function returned is called. */
export function startLive(): () => void {
  const stop = listen(
    (event) => {
      for (const handler of handlers) handler(event);
      uploads.onEvent(event);
      if (event.kind !== "marks" && event.kind !== "traffic") worklist.onEvent(event); // the list shows neither
    },
    (live) => {
      connected.value = live;
    },
    isSessionAlive,
  );
  return () => {
    stop();
    connected.value = null;
  };
}
