// Files on their way: from the drop to the reading, each with its own state and its own reason where it fails.

import { computed } from "@preact/signals";
import type { LiveEvent } from "../api/events.ts";
import { ProblemError, problemOfStatus } from "../api/http.ts";
import { fetchJob, fetchSummary } from "../api/studies.ts";
import type { Call, Job, Outcome, Problem } from "../api/types.ts";
import { UploadError, upload } from "../api/upload.ts";
import { grouped, type Sniffed, sentShares, sniff } from "../logic/grouping.ts";
import { problemText, t } from "../texts/index.ts";
import { announce, failure } from "./notices.ts";
import { onSessionEnd, sessionSignal } from "./session-signal.ts";

export type Stage = "checking" | "sending" | "full" | "queued" | "reading" | "done" | "failed";

export interface Upload {
  id: number;
  name: string;
  bytes: number;
  stage: Stage;
  sent: number;
  wait: number;
  study: string | null;
  call: Call | null;
  /** What became of the file. */
  outcome: Outcome;
  /** What the sender should know. */
  warnings: readonly string[];
  problem: Problem | null;
  /** Whether what went wrong may go well another time: the server was silent, full or at fault. */
  again: boolean;
}

const AT_ONCE = 2; // requests under way
const POLL = 1500; // ms; events are quicker, this is for when they do not come

export const uploads = sessionSignal<readonly Upload[]>([]);
/** Whether pictures dropped together are views of one study. */
export const together = sessionSignal(false);
/** What the studies are called that are sent next. */
export const label = sessionSignal("");
export const finished = computed(() => uploads.value.filter(({ stage }) => stage === "done" || stage === "failed"));
export const busy = computed(() => uploads.value.length > finished.value.length);

interface Batch {
  ids: number[];
  label: string;
  files: Sniffed[];
}

let last = 0;
let running = 0;
let waiting: Batch[] = [];
const failed = new Map<number, Batch>(); // by upload: what is sent when it is tried again
const uploadsOfJob = new Map<string, number[]>(); // by id: the uploads that it reads, in the order in which they were sent
let stop = new AbortController();

onSessionEnd(() => {
  stop.abort(); // the next person who logs in must not send them
  stop = new AbortController();
  waiting = [];
  failed.clear();
  uploadsOfJob.clear();
});

function update(id: number, change: Partial<Upload>): void {
  uploads.value = uploads.value.map((one) => (one.id === id ? { ...one, ...change } : one));
}

/** Take files up. */
export async function add(files: readonly File[]): Promise<void> {
  const fresh: Upload[] = files.map((file) => ({
    id: ++last,
    name: file.name,
    bytes: file.size,
    stage: "checking",
    sent: 0,
    wait: 0,
    study: null,
    call: null,
    outcome: "new",
    warnings: [],
    problem: null,
    again: false,
  }));
  uploads.value = [...uploads.value, ...fresh];
  const one = together.value;
  const named = label.value.trim();
  label.value = ""; // those that come next are somebody else's
  const { signal } = stop;
  const sniffed = await Promise.all(files.map(sniff));
  if (signal.aborted) return;
  const items = sniffed.map((file, place) => ({ ...file, id: fresh[place]?.id ?? 0 }));
  for (const group of grouped(items, one)) waiting.push({ ids: group.map(({ id }) => id), label: named, files: group });
  sendNext();
}

export function clearFinished(): void {
  for (const { id } of finished.value) failed.delete(id);
  uploads.value = uploads.value.filter(({ stage }) => stage !== "done" && stage !== "failed");
}

/** Send uploads again that failed for a passing reason; with an id, that upload and those it was sent with. */
export function retry(id?: number): void {
  const batches = new Set(id === undefined ? failed.values() : [failed.get(id)].filter((batch) => batch !== undefined));
  for (const batch of batches) {
    for (const one of batch.ids) {
      failed.delete(one);
      update(one, { stage: "checking", sent: 0, problem: null, again: false });
    }
    waiting.push(batch);
  }
  sendNext();
}

function sendNext(): void {
  while (running < AT_ONCE) {
    const batch = waiting.shift();
    if (batch === undefined) return;
    running++;
    void submit(batch).finally(() => {
      running--;
      sendNext();
    });
  }
}

async function submit(batch: Batch): Promise<void> {
  const { ids, files } = batch;
  const { signal } = stop;
  const sizes = files.map(({ file }) => file.size);
  const progress = (sent: number) => {
    sentShares(sizes, sent).forEach((share, place) => {
      update(ids[place] ?? 0, { stage: "sending", sent: share });
    });
  };
  progress(0);
  try {
    const {
      job,
      files: sent,
      warnings,
    } = await upload(
      files.map(({ file }) => file),
      files.length > 1 && files.every(({ dicom }) => !dicom),
      batch.label,
      progress,
      signal,
    );
    ids.forEach((id, place) => {
      const outcome = sent.find(({ index }) => index === place)?.outcome ?? "new";
      update(id, { stage: "queued", sent: 1, outcome, warnings: place === 0 ? warnings : [] });
    });
    uploadsOfJob.set(job.id, ids);
    applyJob(job);
    void pollJob(job.id);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof UploadError && error.problem.status === 429) {
      await pause(ids, error.wait ?? 5);
      if (!signal.aborted) await submit(batch);
      return;
    }
    const problem = failure(error);
    const later = isTransient(problem);
    if (later) for (const id of ids) failed.set(id, batch);
    ids.forEach((id, place) => {
      const own = problem.failures?.find(({ index }) => index === place);
      fail(id, own?.problem ?? problem, later);
    });
  }
}

/** Whether a problem may be over when the same is sent again: the server is silent, busy or has an error. */
function isTransient({ status }: Problem): boolean {
  return status <= 0 || status === 408 || status === 429 || status >= 500;
}

async function pause(ids: readonly number[], seconds: number): Promise<void> {
  for (let left = Math.ceil(seconds); left > 0; left--) {
    for (const id of ids) update(id, { stage: "full", wait: left });
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function fail(id: number, problem: Problem, later = false): void {
  const one = uploads.value.find((other) => other.id === id);
  if (one === undefined || one.stage === "failed") return;
  update(id, { stage: "failed", problem, again: later });
  announce(t.uploads.announceFailed(one.name, problemText(problem)));
}

/** Ask after a job until it is done, in case its events are lost. */
async function pollJob(id: string): Promise<void> {
  while (uploadsOfJob.has(id)) {
    try {
      const job = await fetchJob(id);
      applyJob(job);
      await finishJob(job);
      if (job.state === "done" || job.state === "failed") {
        uploadsOfJob.delete(id);
        return;
      }
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.status === 404) uploadsOfJob.delete(id);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

/** Give each upload of a job its study or its failure. */
function applyJob(job: Job): void {
  const ids = uploadsOfJob.get(job.id);
  if (ids === undefined) return;
  for (const { index, problem } of job.failures) {
    const id = ids[index];
    if (id !== undefined) fail(id, problem);
  }
  const refused = new Set(job.failures.map(({ index }) => index));
  const well = ids.filter((_, place) => !refused.has(place));
  well.forEach((id, place) => {
    // an upload is one study, except where its files turned out to be of several
    const study = job.studies[Math.min(place, job.studies.length - 1)];
    const before = uploads.value.find((one) => one.id === id);
    if (study !== undefined && before?.study === null) update(id, { study });
    if (before?.stage === "queued" && job.state === "reading") update(id, { stage: "reading" });
  });
}

async function finishJob(job: Job): Promise<void> {
  if (job.state !== "done" && job.state !== "failed") return;
  for (const id of uploadsOfJob.get(job.id) ?? []) {
    const one = uploads.value.find((other) => other.id === id);
    if (one === undefined || one.stage === "failed" || one.stage === "done" || one.study === null) continue;
    const study = await fetchSummary(one.study);
    if (study === undefined) continue;
    if (study.state === "failed") {
      fail(id, study.problem ?? problemOfStatus(422, study.reason));
    } else {
      update(id, { stage: "done", call: study.call });
      const known = one.outcome === "known" ? ` ${t.uploads.known}` : "";
      if (study.call) announce(`${t.uploads.announceRead(one.name, t.calls[study.call])}.${known}`);
    }
  }
}

/** A study went a step further. */
export function onEvent(event: LiveEvent): void {
  if (event.kind !== "study" || event.state !== "reading") return;
  for (const one of uploads.value)
    if (one.study === event.id && one.stage === "queued") update(one.id, { stage: "reading" });
}
