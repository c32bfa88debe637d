// What happens on the server, as it happens. The browser reconnects by itself; after a gap the list is fetched again.

import { urlOf } from "./http.ts";
import type { paths } from "./types.ts";

/** What happened to a study. */
export type LiveEvent = paths["/api/v1/events"]["get"]["responses"][200]["content"]["text/event-stream"];

const RECONNECT = 5000; // ms

/**
 * Listen until the function returned is called. Where the server ends the stream or refuses it, `allowed` finds out
 * whether that is because the session is over.
 */
export function listen(
  hear: (event: LiveEvent) => void,
  connected: (live: boolean) => void,
  allowed: () => Promise<boolean>,
): () => void {
  let source: EventSource | null = null;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let gap = false;
  let stopped = false;
  const lost = () => {
    connected(false);
    gap = true;
  };
  const later = async () => {
    if ((await allowed()) && !stopped) waiting = setTimeout(connect, RECONNECT);
  };
  const connect = () => {
    source = new EventSource(urlOf("/api/v1/events"));
    source.onopen = () => {
      connected(true);
      if (gap) hear({ kind: "reset" });
      gap = false;
    };
    source.onmessage = (message: MessageEvent<string>) => hear(JSON.parse(message.data) as LiveEvent);
    source.addEventListener("ended", () => {
      source?.close();
      lost();
      void later();
    });
    source.onerror = () => {
      lost();
      // the browser gives up on an answer that is no stream
      if (source?.readyState === EventSource.CLOSED) void later();
    };
  };
  connect();
  return () => {
    stopped = true;
    clearTimeout(waiting);
    source?.close();
  };
}
