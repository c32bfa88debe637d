// A session ends when its user does nothing for a while. What the page asks for by itself does not count, so each request
// says whether the user has done something since the last one that said so.

const HEADER = "X-Osteon-Activity";
const LEFT = "X-Osteon-Idle-Left";

let acted = false;
let onLeft: (seconds: number, active: boolean) => void = () => {};

/** The user has done something. */
export function act(): void {
  acted = true;
}

/** What is done when an answer says in how many seconds the session ends; `active`: the request kept it alive. */
export function setLeft(handler: (seconds: number, active: boolean) => void): void {
  onLeft = handler;
}

/** The header that says so, where it is true; the next request need not say it again. */
export function activity(): Record<string, string> {
  if (!acted) return {};
  acted = false;
  return { [HEADER]: "user" };
}

/** Hear what an answer says of the session's end. */
export function hear(headers: Record<string, string>, left: string | null): void {
  const seconds = left === null || left === "" ? Number.NaN : Number(left);
  if (Number.isFinite(seconds)) onLeft(seconds, HEADER in headers);
  else if (HEADER in headers) acted = true; // nobody heard it: the next request says it
}

/** The same for an answer of `fetch`. */
export function hearAnswer(headers: Record<string, string>, answer: Response | null): void {
  hear(headers, answer?.headers.get(LEFT) ?? null);
}

export { LEFT };
