// State of the person who is logged in. When their session ends all of it is cleared at once, so that the next person who
// logs in in the same tab finds none of it: file names, messages, searches, images in memory.

import { batch, type Signal, signal } from "@preact/signals";

const handlers: (() => void)[] = [];

/** Do something when the session of a person ends. */
export function onSessionEnd(handler: () => void): void {
  handlers.push(handler);
}

/** A signal that goes back to its first value when the session ends. */
export function sessionSignal<Value>(first: Value): Signal<Value> {
  const value = signal(first);
  onSessionEnd(() => (value.value = first));
  return value;
}

/** The session of a person has ended. */
export function endSession(): void {
  batch(() => {
    for (const handler of handlers) handler();
  });
}
