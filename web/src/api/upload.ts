// XMLHttpRequest, because fetch does not report how much of a body has been sent.

import { activityHeader, IDLE_LEFT, noteLeft } from "./activity.ts";
import { csrfHeader, currentSession, loggedOut, ProblemError, problemOf, problemOfStatus, urlOf } from "./http.ts";
import type { Problem, UploadAccepted } from "./types.ts";

/** Send files as one request; the answer is a job that reads them. `stop` ends it on the way. */
export function upload(
  files: readonly File[],
  together: boolean,
  label: string,
  progress: (sent: number, total: number) => void,
  stop: AbortSignal,
): Promise<UploadAccepted> {
  const session = currentSession();
  const form = new FormData();
  if (together) form.append("together", "true");
  if (label !== "") form.append("label", label);
  for (const file of files) form.append("files", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", urlOf("/api/v1/studies"));
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Prefer", "respond-async");
    const headers = { ...csrfHeader(), ...activityHeader() };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => progress(event.loaded, event.total);
    request.onerror = () => reject(new ProblemError(problemOfStatus(0)));
    request.onabort = request.onerror;
    stop.addEventListener("abort", () => request.abort());
    request.onload = () => {
      noteLeft(headers, request.getResponseHeader(IDLE_LEFT));
      if (request.status === 202) {
        resolve(JSON.parse(request.responseText) as UploadAccepted);
        return;
      }
      if (request.status === 401) loggedOut(session);
      const type = request.getResponseHeader("Content-Type") ?? "";
      const problem = problemOf(request.status, type, request.responseText);
      const wait = Number(request.getResponseHeader("Retry-After") ?? Number.NaN);
      reject(new UploadError(problem, Number.isFinite(wait) ? wait : null));
    };
    request.send(form);
  });
}

/** A refused upload, with the seconds to wait where the server is only full. */
export class UploadError extends ProblemError {
  readonly wait: number | null;
  constructor(problem: Problem, wait: number | null) {
    super(problem);
    this.wait = wait;
  }
}
