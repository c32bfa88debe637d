// What has passed through the DICOM node and what waits, kept up to date while its view is open.

import {
  changeDeliveries,
  fetchDeliveries,
  fetchQuarantine,
  fetchTraffic,
  type OutboxFilter,
  type QuarantineFilter,
} from "../api/traffic.ts";
import type { Deliveries, DeliveryAction, DeliveryChoice, Problem, Quarantine, Traffic } from "../api/types.ts";
import { t } from "../texts/index.ts";
import { onLiveEvent } from "./live.ts";
import { attempt, failure, notify } from "./notices.ts";
import { sessionSignal } from "./session-signal.ts";

const PAUSE = 400; // ms in which several events are one
const STEP = 50; // rows
const MOST = 500; // rows at once, as the server allows
/** Waiting images become a study by the passing of time, of which no event tells. */
const CLOCK = 10_000; // ms

export const NO_OUTBOX_FILTER: OutboxFilter = { destination: "", state: "", output: "" };
export const NO_QUARANTINE_FILTER: QuarantineFilter = { peer: "", reason: "" };

export const traffic = sessionSignal<Traffic | null>(null);
export const deliveries = sessionSignal<Deliveries | null>(null);
export const quarantine = sessionSignal<Quarantine | null>(null);
export const problem = sessionSignal<Problem | null>(null);
export const outboxFilter = sessionSignal<OutboxFilter>(NO_OUTBOX_FILTER);
export const quarantineFilter = sessionSignal<QuarantineFilter>(NO_QUARANTINE_FILTER);

let shownObjects = STEP;
let shownImages = STEP;
let question = 0;

/** Ask for everything; an answer that comes after a later question is left aside. */
export async function load(): Promise<void> {
  const asked = ++question;
  try {
    const answers = await Promise.all([
      fetchTraffic(),
      fetchDeliveries(outboxFilter.value, shownObjects),
      fetchQuarantine(quarantineFilter.value, shownImages),
    ]);
    if (asked !== question) return;
    [traffic.value, deliveries.value, quarantine.value] = answers;
    problem.value = null;
  } catch (error) {
    if (asked === question) problem.value = failure(error);
  }
}

export function filterOutbox(change: Partial<OutboxFilter>): void {
  outboxFilter.value = { ...outboxFilter.value, ...change };
  shownObjects = STEP;
  void load();
}

export function filterQuarantine(change: Partial<QuarantineFilter>): void {
  quarantineFilter.value = { ...quarantineFilter.value, ...change };
  shownImages = STEP;
  void load();
}

/** Whether more rows can be shown: there are some, and the server gives so many at once. */
export const moreObjects = () => deliveries.value?.before != null && shownObjects < MOST;
export const moreImages = () => quarantine.value?.before != null && shownImages < MOST;

export function showMoreObjects(): void {
  shownObjects += STEP;
  void load();
}

export function showMoreImages(): void {
  shownImages += STEP;
  void load();
}

/** Send objects again, hold them back, or let them go. */
export async function change(action: DeliveryAction, choice: Partial<DeliveryChoice>): Promise<void> {
  await attempt(async () => notify(t.traffic.done[action]((await changeDeliveries(action, choice)).objects)));
  await load();
}

/** Do something with an image of the quarantine. */
export async function settle(work: () => Promise<unknown>, done: string): Promise<void> {
  await work();
  notify(done);
  await load();
}

/** Keep up with what happens until the function returned is called. */
export function follow(): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    if (waiting !== undefined) return;
    waiting = setTimeout(() => {
      waiting = undefined;
      void load();
    }, PAUSE);
  };
  void load();
  const stop = onLiveEvent((event) => {
    if (event.kind !== "marks") soon();
  });
  const clock = setInterval(() => {
    if (traffic.value?.peers.some((peer) => peer.waiting > 0) || traffic.value?.reports.pending) soon();
  }, CLOCK);
  return () => {
    stop();
    clearInterval(clock);
    clearTimeout(waiting);
  };
}
