// A session ends when its user does nothing for a while. Requests that the page sends automatically do not count, so
// each request states whether the user has done something since the last one that stated it.

const HEADER = "X-Osteon-Activity";
/** The header of an answer: seconds until the session ends. */
export const IDLE_LEFT = "X-Osteon-Idle-Left";

let acted = false;
let onLeft: (seconds: number, active: boolean) => void = () => {};

/** The user has done something. */
export function noteActivity(): void {
  acted = true;
}

/** Called when an answer states in how many seconds the session ends; `active`: the request kept it alive. */
export function setLeft(handler: (seconds: number, active: boolean) => void): void {
  onLeft = handler;
}

/** The header which states that the user did something, if so; the next request need not repeat it. */
export function activityHeader(): Record<string, string> {
  if (!acted) return {};
  acted = false;
  return { [HEADER]: "user" };
}

/** Take from an answer when the session ends; `headers` are those of the request. */
export function noteLeft(headers: Record<string, string>, left: string | null): void {
  const seconds = left === null || left === "" ? Number.NaN : Number(left);
  if (Number.isFinite(seconds)) onLeft(seconds, HEADER in headers);
  else if (HEADER in headers) acted = true; // it did not arrive: the next request states it
}

/** The same for an answer of `fetch`. */
export function noteAnswer(headers: Record<string, string>, answer: Response | null): void {
  noteLeft(headers, answer?.headers.get(IDLE_LEFT) ?? null);
}
