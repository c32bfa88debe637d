// Locks the screen when the session has been idle for too long. The server states when that is; what counts is the
// user's input in any tab: pointer, keys and touch, and nothing that the page does automatically.

import { noteActivity, setLeft } from "../api/activity.ts";
import { fetchSession, keepAlive } from "../api/session.ts";
import { lock, loggedIn, refresh } from "./session.ts";
import { sessionSignal } from "./session-signal.ts";

const INPUTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "touchmove"] as const;
const WARNING = 60; // s before the end at which a warning appears, where the session is long enough
const ASLEEP = 5; // s by which a timer may be late before the machine must have slept

/** Seconds after which the screen will be locked, while the warning is shown. */
export const locking = sessionSignal<number | null>(null);

let ends = Number.POSITIVE_INFINITY; // by the clock of performance, ms
let idle = 0; // s that a session may be idle, as far as answers have stated
let lastReported = 0; // when activity was last reported to the server
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
    schedule(); // too late: input on a machine that slept must not keep the session
    return;
  }
  noteActivity();
  // Actions without a request, such as windowing or measuring, have to be reported; often enough, not each time.
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
    const answer = await fetchSession(); // its header schedules again
    if (answer.user === null) lock();
  } catch {
    lock(); // without an answer the session cannot be assumed to be valid
  }
  if (loggedIn.value && performance.now() >= ends) lock();
}
