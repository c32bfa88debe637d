// Events on their way to the server. Each is written into the browser's storage before anything else, sent in order, and taken
// out only when the server has acknowledged it: a lost connection, a closed tab or a killed server lose none. They name
// labels, places and numbers of a random identifier, and nothing of a patient.

import { signal } from "@preact/signals";
import { appendEvents } from "../../api/annotation.ts";
import { ProblemError } from "../../api/http.ts";
import type { EventOutcome, KeptEvents, NewEvent, Problem } from "../../api/types.ts";
import { session } from "../session.ts";

const PREFIX = "osteon.annotation";
const AT_ONCE = 200;
const PAUSES = [1, 2, 4, 8, 15] as const; // s

/** Since when events wait, because the server does not answer; null while it does. */
export const waitingSince = signal<Date | null>(null);
/** How many events are not acknowledged yet. */
export const unsent = signal(0);
/** Why the server will not take them, although it answers. */
export const refusedBy = signal<Problem | null>(null);
/** The browser keeps nothing: what is not sent is lost when the tab closes. */
export const fleeting = signal(false);

export interface Receiver {
  /** Outcomes of events, in their order, with the state of the assignment after them. */
  acknowledged: (answer: KeptEvents, sent: readonly NewEvent[]) => void;
}

export class Outbox {
  readonly assignment: string;
  readonly #key: string;
  readonly #receiver: Receiver;
  #events: NewEvent[];
  #sending = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  readonly #online = () => this.flush();

  constructor(assignment: string, receiver: Receiver) {
    this.assignment = assignment;
    this.#key = `${PREFIX}.${session.peek()?.user?.name ?? ""}.${assignment}`;
    this.#receiver = receiver;
    this.#events = this.#stored();
    unsent.value = this.#events.length;
    waitingSince.value = null;
    refusedBy.value = null;
    addEventListener("online", this.#online);
  }

  /** Events that an earlier tab could not send. */
  get waiting(): readonly NewEvent[] {
    return this.#events;
  }

  push(...events: { kind: NewEvent["kind"]; payload: Record<string, unknown> }[]): void {
    const at = new Date().toISOString();
    const made = events.map(({ kind, payload }) => ({ id: uuid(), kind, payload, at }));
    this.#events = [...this.#events, ...made];
    this.#keep(made, []);
    unsent.value = this.#events.length;
    void this.flush();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#sending || this.#events.length === 0 || this.#closed) return;
    this.#sending = true;
    const sent = this.#events.slice(0, AT_ONCE);
    try {
      const answer = await appendEvents(this.assignment, sent);
      const done = new Set(answer.outcomes.map(({ id }: EventOutcome) => id));
      this.#events = this.#events.filter(({ id }) => !done.has(id));
      this.#keep([], [...done]);
      this.#failures = 0;
      waitingSince.value = null;
      refusedBy.value = null;
      unsent.value = this.#events.length;
      if (!this.#closed) this.#receiver.acknowledged(answer, sent);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { status } = error.problem;
      const passing = status === 0 || status === 408 || status === 429 || status >= 500;
      if (passing) {
        waitingSince.value ??= new Date();
        this.#again();
      } else if (status !== 401) refusedBy.value = error.problem; // 401: sent once logged in again
      return;
    } finally {
      this.#sending = false;
    }
    if (this.#events.length > 0) await this.flush();
  }

  /** Stop; what is left stays in the browser's storage and is sent when the study is opened again. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    removeEventListener("online", this.#online);
  }

  #again(): void {
    const pause = PAUSES[Math.min(this.#failures++, PAUSES.length - 1)] ?? 15;
    this.#timer = setTimeout(() => void this.flush(), pause * 1000);
  }

  #stored(): NewEvent[] {
    try {
      const found: unknown = JSON.parse(localStorage.getItem(this.#key) ?? "[]");
      return Array.isArray(found) ? (found as NewEvent[]) : [];
    } catch {
      return [];
    }
  }

  /** Another tab may hold the same study: only the own events are added and taken out. */
  #keep(added: readonly NewEvent[], done: readonly string[]): void {
    const left = [...this.#stored(), ...added].filter(({ id }) => !done.includes(id));
    try {
      if (left.length === 0) localStorage.removeItem(this.#key);
      else localStorage.setItem(this.#key, JSON.stringify(left));
      fleeting.value = false;
    } catch {
      fleeting.value = true;
    }
  }
}

/** Assignments of whoever is logged in that have events in this browser which no server has acknowledged. */
export function leftBehind(): string[] {
  const prefix = `${PREFIX}.${session.peek()?.user?.name ?? ""}.`;
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  } catch {
    return [];
  }
}

/** Send what an earlier tab could not send; gives how many studies still have something. */
export async function sendLeftBehind(): Promise<number> {
  for (const assignment of leftBehind()) {
    const box = new Outbox(assignment, { acknowledged: () => {} });
    await box.flush();
    box.close();
  }
  return leftBehind().length;
}

/** `crypto.randomUUID` is there only where the page came over TLS or from this machine. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
