// One way to the server: same origin, the session's cookie, the CSRF token with every change, problems as errors.

import { activity, hearAnswer } from "./activity.ts";
import type { Problem } from "./types.ts";

export const BASE = "api/v1";

/** A refusal of the server, or its silence (status 0). */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

let token: string | null = null;
let onLoggedOut: () => void = () => {};
let onMustChange: () => void = () => {};

/** Of the refusal of an account that has to choose another password first. */
const MUST_CHANGE = "urn:osteon:problem:password";

export function setToken(csrf: string | null): void {
  token = csrf;
}

/** What is done when the server no longer knows the session. */
export function setLoggedOut(handler: () => void): void {
  onLoggedOut = handler;
}

/** What is done when the server wants another password before anything else. */
export function setMustChange(handler: () => void): void {
  onMustChange = handler;
}

/** The server has refused a request because nobody is logged in. */
export function loggedOut(): void {
  onLoggedOut();
}

/** Headers that a request which changes something needs. */
export function guard(): Record<string, string> {
  return token === null ? {} : { "X-CSRF-Token": token };
}

/** The problem that an answer holds; one is made up where a proxy answered in its own words. */
export function problemOf(status: number, type: string, body: string): Problem {
  if (type.includes("json")) {
    try {
      const told: unknown = JSON.parse(body);
      if (typeof told === "object" && told !== null && "title" in told) return { ...(told as Problem), status };
    } catch {
      // not JSON after all: the status has to do
    }
  }
  return { title: "", status };
}

/** Send a request; the body is sent as JSON. */
export async function send(
  method: string,
  path: string,
  body?: unknown,
  accept = "application/json",
): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept, ...activity(), ...(method === "GET" ? {} : guard()) };
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(`${BASE}${path}`, init);
  } catch {
    hearAnswer(headers, null);
    throw new ProblemError({ title: "", status: 0 });
  }
  hearAnswer(headers, response);
  if (response.ok) return response;
  const known = path === "/session" || path === "/setup";
  if (response.status === 401 && !known) loggedOut();
  const type = response.headers.get("Content-Type") ?? "";
  const problem = problemOf(response.status, type, await response.text());
  if (problem.type === MUST_CHANGE) onMustChange();
  throw new ProblemError(problem);
}

export async function get<Answer>(path: string): Promise<Answer> {
  return (await send("GET", path)).json() as Promise<Answer>;
}

export async function change<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await send(method, path, body);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}
