// XMLHttpRequest, because fetch does not tell how much of a body has been sent.

import { activity, hear, LEFT } from "./activity.ts";
import { BASE, guard, loggedOut, ProblemError, problemOf } from "./http.ts";
import type { Accepted } from "./types.ts";

/** Send files as one request; the answer is a job that reads them. `stop` ends it on the way. */
export function upload(
  files: readonly File[],
  together: boolean,
  label: string,
  progress: (sent: number, total: number) => void,
  stop: AbortSignal,
): Promise<Accepted> {
  const form = new FormData();
  if (together) form.append("together", "true");
  if (label !== "") form.append("label", label);
  for (const file of files) form.append("files", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${BASE}/studies`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Prefer", "respond-async");
    const marks = { ...guard(), ...activity() };
    for (const [name, value] of Object.entries(marks)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => progress(event.loaded, event.total);
    request.onerror = () => reject(new ProblemError({ title: "", status: 0 }));
    request.onabort = request.onerror;
    stop.addEventListener("abort", () => request.abort());
    request.onload = () => {
      hear(marks, request.getResponseHeader(LEFT));
      if (request.status === 202) {
        resolve(JSON.parse(request.responseText) as Accepted);
        return;
      }
      if (request.status === 401) loggedOut();
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
  constructor(problem: ProblemError["problem"], wait: number | null) {
    super(problem);
    this.wait = wait;
  }
}
