// Active time: seconds in which a reader did something, or had done something a moment before.

const IDLE = 30_000; // ms after an input that still count
const MOST = 60; // s of one report

/** Counts between inputs; time beyond `IDLE` after an input does not count. */
export class ActiveTime {
  #counted = 0; // ms
  #until = 0; // counted up to here
  #input = Number.NEGATIVE_INFINITY;

  input(now: number): void {
    this.#count(now);
    this.#input = now;
    this.#until = Math.max(this.#until, now);
  }

  /** Seconds since the last report; what is above the most that one may state waits for the next. */
  take(now: number): number {
    this.#count(now);
    const seconds = Math.min(MOST, Math.floor(this.#counted / 100) / 10);
    this.#counted -= seconds * 1000;
    return seconds;
  }

  #count(now: number): void {
    const end = Math.min(now, this.#input + IDLE);
    if (end > this.#until) {
      this.#counted += end - this.#until;
      this.#until = end;
    }
  }
}
