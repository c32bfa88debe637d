// The key of the original: held, it shows the image bare until it is let go; tapped, until it is tapped again.

const TAP = 300; // ms

export class Hold {
  #since = 0;
  #before = false;

  /** The key went down; gives what is shown now. */
  press(shown: boolean, now: number): boolean {
    this.#since = now;
    this.#before = shown;
    return !shown;
  }

  /** The key went up; gives what is shown now. */
  release(shown: boolean, now: number): boolean {
    return now - this.#since > TAP ? this.#before : shown;
  }
}
