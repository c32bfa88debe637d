// Locks the screen when the session has been idle for too long. The server says when that is; what counts is the user's
// input in any tab: pointer, keys and fingers, and nothing that the page does by itself.

import { noteActivity, setLeft } from "../api/activity.ts";
import { fetchSession, keepAlive } from "../api/session.ts";
import { lock, loggedIn, refresh } from "./session.ts";
import { sessionSignal } from "./session-signal.ts";

const INPUTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "touchmove"] as const;
const WARNING = 60; // s before the end at which it is said, where there is as much time in all
const ASLEEP = 5; // s by which a timer may be late before the machine must have slept

/** Seconds after which the screen will be locked, while it is said. */
export const locking = sessionSignal<number | null>(null);

let ends = Number.POSITIVE_INFINITY; // by the clock of performance, ms
let idle = 0; // s that a session may be idle, as far as answers have told
let lastReported = 0; // when the server last heard of the user
let timer: ReturnType<typeof setTimeout> | undefined;

/** Watch over the session until the function returned is called. */
export function watchIdle(): () => void {
  idle = 0;
  lastReported = performance.now();
  setLeft((seconds, active) => {
    const now = performance.now();
    ends = now + seconds * 1000;
    idle = Math.max(idle, seconds);
    if (active) lastReported = now;
    schedule();
  });
  for (const kind of INPUTS) addEventListener(kind, input, { capture: true, passive: true });
  document.addEventListener("visibilitychange", schedule);
  addEventListener("pageshow", schedule);
  return () => {
    clearTimeout(timer);
    ends = Number.POSITIVE_INFINITY;
    setLeft(() => {});
    for (const kind of INPUTS) removeEventListener(kind, input, { capture: true });
    document.removeEventListener("visibilitychange", schedule);
    removeEventListener("pageshow", schedule);
  };
}

function input(event: Event): void {
  if (!event.isTrusted) return; // a script's
  if (performance.now() > ends) {
    schedule(); // too late: whoever comes to a machine that slept is not let in by touching it
    return;
  }
  noteActivity();
  // What asks for nothing, such as windowing or measuring, has to be told; often enough, not each time.
  const often = Math.min(30, Math.max(1, idle / 10)) * 1000;
  if (locking.value === null && performance.now() - lastReported < often) return;
  lastReported = performance.now();
  locking.value = null;
  void keepAlive().catch(() => undefined);
}

function schedule(): void {
  clearTimeout(timer);
  if (ends === Number.POSITIVE_INFINITY) return;
  const left = (ends - performance.now()) / 1000;
  const warns = idle > 3 * WARNING;
  if (left < -ASLEEP) {
    lock();
    void refresh().catch(() => undefined); // another tab of the same session may have been in use
  } else if (left <= 0) {
    void onTimeUp();
  } else if (warns && left <= WARNING) {
    locking.value = Math.ceil(left);
    timer = setTimeout(schedule, Math.min(1000, left * 1000 + 50));
  } else {
    locking.value = null;
    timer = setTimeout(schedule, (left - (warns ? WARNING : 0)) * 1000 + 50);
  }
}

/** The time is up, unless another tab has kept the session alive. */
async function onTimeUp(): Promise<void> {
  try {
    const answer = await fetchSession(); // its header plans anew
    if (answer.user === null) lock();
  } catch {
    lock(); // a server that is silent does not say that the session goes on
  }
  if (loggedIn.value && performance.now() >= ends) lock();
}
