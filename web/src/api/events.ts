// What happens on the server, as it happens. The browser connects anew by itself; after a gap the list is read afresh.

import { BASE } from "./http.ts";
import type { LiveEvent } from "./types.ts";

/** Listen until the function returned is called. */
export function listen(hear: (event: LiveEvent) => void, connected: (live: boolean) => void): () => void {
  let source: EventSource | null = null;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let gap = false;
  const connect = () => {
    source = new EventSource(`${BASE}/events`);
    source.onopen = () => {
      connected(true);
      if (gap) hear({ kind: "reset" });
      gap = false;
    };
    source.onmessage = (message: MessageEvent<string>) => hear(JSON.parse(message.data) as LiveEvent);
    source.onerror = () => {
      connected(false);
      gap = true;
      if (source?.readyState !== EventSource.CLOSED) return;
      waiting = setTimeout(connect, 5000); // the browser gives up on an answer that is no stream
    };
  };
  connect();
  return () => {
    clearTimeout(waiting);
    source?.close();
  };
}
