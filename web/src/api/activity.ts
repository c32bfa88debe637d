// A session ends when its user does nothing for a while. What the page asks for by itself does not count, so each request
// says whether the user has done something since the last one that said so.

const HEADER = "X-Osteon-Activity";
/** The header of an answer: seconds until the session ends. */
export const IDLE_LEFT = "X-Osteon-Idle-Left";

let acted = false;
let onLeft: (seconds: number, active: boolean) => void = () => {};

/** The user has done something. */
export function noteActivity(): void {
  acted = true;
}

/** What is done when an answer says in how many seconds the session ends; `active`: the request kept it alive. */
export function setLeft(handler: (seconds: number, active: boolean) => void): void {
  onLeft = handler;
}

/** The header that says that the user did something, where that is so; the next request need not say it again. */
export function activityHeader(): Record<string, string> {
  if (!acted) return {};
  acted = false;
  return { [HEADER]: "user" };
}

/** Take from an answer when the session ends; `headers` are those of the request. */
export function noteLeft(headers: Record<string, string>, left: string | null): void {
  const seconds = left === null || left === "" ? Number.NaN : Number(left);
  if (Number.isFinite(seconds)) onLeft(seconds, HEADER in headers);
  else if (HEADER in headers) acted = true; // it did not arrive: the next request says it
}

/** The same for an answer of `fetch`. */
export function noteAnswer(headers: Record<string, string>, answer: Response | null): void {
  noteLeft(headers, answer?.headers.get(IDLE_LEFT) ?? null);
}
