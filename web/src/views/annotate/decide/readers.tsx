// The reads of a study, each with its kind of line.

import type { ShownRead } from "../../../api/types.ts";
import { t } from "../../../texts/index.ts";

const DASHES = ["9 4", "2 5", "14 4 2 4", "5 5", "1 3"] as const;

/** The kind of line of a read, by its place. */
export function dashOf(place: number): string {
  return DASHES[place % DASHES.length] ?? "";
}

export function Readers({ reads, earlier }: { reads: readonly ShownRead[]; earlier: readonly ShownRead[] }) {
  const { decide } = t.annotation;
  return (
    <section aria-label={decide.readers}>
      <h2>{decide.readers}</h2>
      <ul class="readers">
        {reads.map((read, place) => (
          <li key={read.id}>
            <svg class="reader-line" viewBox="0 0 40 6" aria-hidden="true">
              <line x1="0" y1="3" x2="40" y2="3" stroke-dasharray={dashOf(place)} />
            </svg>
            <span>{read.reader}</span>
            <span class="help">{decide.read(read.regions.length, (read.active_seconds / 60).toFixed(1))}</span>
            {read.question !== "" && <span class="help">{t.annotation.work.asked(read.question)}</span>}
          </li>
        ))}
        {earlier
          .filter(({ skip_reason }) => skip_reason !== "")
          .map((read) => (
            <li key={read.id}>
              <span>{read.reader}</span>
              <span class="help">{decide.skipped(read.skip_reason)}</span>
            </li>
          ))}
      </ul>
    </section>
  );
}
