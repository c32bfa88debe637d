// The one way to the server: same origin, the session's cookie, the CSRF token with every change, problems as errors. Paths,
// fields and answers are those of the served OpenAPI document.

import { activityHeader, noteAnswer } from "./activity.ts";
import type { Problem, paths } from "./types.ts";

type Method = "get" | "post" | "put" | "patch" | "delete";
type Simplified<Fields> = { [Name in keyof Fields]: Fields[Name] };

/** The paths of the API that a method can be used with. */
type PathOf<M extends Method> = { [P in keyof paths]: paths[P][M] extends object ? P : never }[keyof paths];

/** The fields of the address of a request. */
type Address<Operation> = Simplified<
  (Operation extends { parameters: { path: infer Fields } } ? { path: Fields } : unknown) &
    (Operation extends { parameters: { query?: infer Fields } } ? { query?: Fields } : unknown)
>;

/** What a request needs: the fields of its path and query, and its body. */
type Request<Operation> = Simplified<
  Address<Operation> &
    (Operation extends { requestBody: { content: { "application/json": infer Body } } } ? { body: Body } : unknown)
>;

type Optional<Fields> = Record<never, never> extends Fields ? [fields?: Fields] : [fields: Fields];
type Success = 200 | 201 | 202 | 204;
type Json<Response> = Response extends { content: { "application/json": infer Body } } ? Body : undefined;

/** What a request is answered with where nothing is wrong. */
type Answer<Operation> = Operation extends { responses: infer Responses }
  ? { [Status in keyof Responses & Success]: Json<Responses[Status]> }[keyof Responses & Success]
  : never;

/** What is known of a request at run time. */
interface Fields {
  path?: Readonly<Record<string, string | number>>;
  query?: Readonly<Record<string, unknown>>;
  body?: unknown;
}

/** An error that the server answered with, or its silence (status 0). */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** A problem that no server has described: by a status of HTTP, 0 for no answer, below 0 for an error of the page itself. */
export function problemOfStatus(status: number, title = ""): Problem {
  return { type: "about:blank", title, status };
}

let token: string | null = null;
let onLoggedOut: () => void = () => {};
let onMustChange: () => void = () => {};

/** The type of the problem of an account that has to choose another password first. */
const MUST_CHANGE = "urn:osteon:problem:password";

/** Requests that somebody who is not logged in may send: being refused there ends no session. */
const WITHOUT_LOGIN: readonly string[] = ["/api/v1/session", "/api/v1/setup"] satisfies (keyof paths)[];

export function setToken(csrf: string | null): void {
  token = csrf;
}

/** Called when the server no longer knows the session. */
export function setLoggedOut(handler: () => void): void {
  onLoggedOut = handler;
}

/** Called when the server wants the password to be changed before anything else. */
export function setMustChange(handler: () => void): void {
  onMustChange = handler;
}

/** The session of requests that are sent now. */
export function currentSession(): string | null {
  return token;
}

/** The server refused a request because nobody is logged in; a request of an earlier session does not concern this one. */
export function loggedOut(session: string | null): void {
  if (session === token) onLoggedOut();
}

/** Headers that a request which changes something needs. */
export function csrfHeader(): Record<string, string> {
  return token === null ? {} : { "X-CSRF-Token": token };
}

/** The problem that an answer holds; one made of the status where a proxy answered in its own words. */
export function problemOf(status: number, type: string, body: string): Problem {
  if (type.includes("json")) {
    try {
      const answer: unknown = JSON.parse(body);
      if (typeof answer === "object" && answer !== null && "title" in answer) {
        return { ...(answer as Problem), status };
      }
    } catch {
      // not JSON after all: the status has to do
    }
  }
  return problemOfStatus(status);
}

function addressOf(path: string, { path: parts, query }: Fields): string {
  const place = path.slice(1).replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parts?.[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") search.append(name, String(one));
    }
  }
  return search.size === 0 ? place : `${place}?${search}`;
}

/** The address of something that the browser itself fetches: a picture, a download, a stream. */
export function urlOf<P extends PathOf<"get">>(path: P, ...[fields]: Optional<Address<paths[P]["get"]>>): string {
  return addressOf(path, (fields ?? {}) as Fields);
}

async function request(method: Method, path: string, fields: Fields, accept: string): Promise<Response> {
  const headers: Record<string, string> = {
    Accept: accept,
    ...activityHeader(),
    ...(method === "get" ? {} : csrfHeader()),
  };
  const init: RequestInit = { method: method.toUpperCase(), headers, credentials: "same-origin" };
  if (fields.body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(fields.body);
  }
  const session = currentSession();
  let response: Response;
  try {
    response = await fetch(addressOf(path, fields), init);
  } catch {
    noteAnswer(headers, null);
    throw new ProblemError(problemOfStatus(0));
  }
  noteAnswer(headers, response);
  if (response.ok) return response;
  if (response.status === 401 && !WITHOUT_LOGIN.includes(path)) loggedOut(session);
  const problem = problemOf(response.status, response.headers.get("Content-Type") ?? "", await response.text());
  if (problem.type === MUST_CHANGE) onMustChange();
  throw new ProblemError(problem);
}

/** Send a request and take its answer, which is JSON or nothing. */
export async function send<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  ...[fields]: Optional<Request<paths[P][M]>>
): Promise<Answer<paths[P][M]>> {
  const response = await request(method, path, (fields ?? {}) as Fields, "application/json");
  return (response.status === 204 ? undefined : await response.json()) as Answer<paths[P][M]>;
}

/** Send a request whose answer is no JSON, but of the type that is named. */
export function fetchAs<M extends Method, P extends PathOf<M>>(
  accept: string,
  method: M,
  path: P,
  ...[fields]: Optional<Request<paths[P][M]>>
): Promise<Response> {
  return request(method, path, (fields ?? {}) as Fields, accept);
}
