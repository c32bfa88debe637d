// How far a project is: its studies, and each reader.

import type { ProjectProgress } from "../../../api/types.ts";
import { Table } from "../../../parts/table.tsx";
import { dateTime, t } from "../../../texts/index.ts";

export function ProgressPart({ found }: { found: ProjectProgress }) {
  const { lead } = t.annotation;
  const states = found.items ?? {};
  const locked = states.locked ?? 0;
  const all = (states.included ?? 0) + locked;
  const out = states.screened_out ?? 0;
  const bars = [
    [lead.readByAll, (found.ready ?? 0) + locked],
    [lead.decidedStudies, found.decided ?? 0],
    [lead.signedStudies, locked],
  ] as const;
  return (
    <section class="part" aria-label={lead.progress}>
      <h2>{lead.progress}</h2>
      <p>
        {lead.items(all)}
        {out > 0 && `, ${lead.screenedOut(out)}`}
        {(found.disputed ?? 0) > 0 && `. ${lead.disputed(found.disputed ?? 0)}`}
      </p>
      {(found.to_screen ?? 0) > 0 && <p class="remark">{lead.toScreen(found.to_screen ?? 0)}</p>}
      {all > 0 && (
        <dl class="bars">
          {bars.map(([name, count]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <progress value={count} max={all} aria-label={name} /> {lead.share(count, all)}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {found.readers.length === 0 ? (
        <p class="help">{lead.nobodyReads}</p>
      ) : (
        <Table
          name={lead.readers}
          columns={[lead.person, lead.done, lead.open, lead.skipped, lead.minutes, lead.last]}
          rows={found.readers.map((one) => {
            const { finished = 0, skipped = 0, open = 0, aided = 0 } = one.states;
            const total = finished + skipped + open + aided;
            return {
              key: String(one.member),
              cells: [
                one.name,
                <>
                  <progress
                    value={finished + skipped}
                    max={Math.max(1, total)}
                    aria-label={`${lead.done}: ${one.name}`}
                  />{" "}
                  {lead.share(finished + skipped, total)}
                </>,
                open + aided,
                skipped,
                (one.active_seconds / 60).toFixed(1),
                one.last === null ? "–" : dateTime(one.last),
              ],
            };
          })}
        />
      )}
    </section>
  );
}
