// The own studies of an annotator, with how far they are.

import { useSignal } from "@preact/signals";
import { fetchProgress, fetchQueue } from "../../api/annotation.ts";
import type { QueuedStudy } from "../../api/types.ts";
import { useFetched, WhenFetched } from "../../parts/fetched.tsx";
import { Table } from "../../parts/table.tsx";
import { attempt } from "../../state/notices.ts";
import { address } from "../../state/route.ts";
import { t } from "../../texts/index.ts";

const isOpen = ({ state }: QueuedStudy) => state === "open" || state === "aided";

export function Queue({ project }: { project: string }) {
  const { project: words, states } = t.annotation;
  const more = useSignal<readonly QueuedStudy[]>([]);
  const cursor = useSignal<number | null>(null);
  const fetched = useFetched(async () => {
    const [queue, progress] = await Promise.all([fetchQueue(project), fetchProgress(project)]);
    cursor.value = queue.next;
    more.value = [];
    return { queue, progress };
  });
  const showMore = async () => {
    const page = await fetchQueue(project, cursor.value);
    more.value = [...more.value, ...page.items];
    cursor.value = page.next;
  };
  const link = (assignment: string) => address({ view: "annotate", project, page: "read", id: assignment });
  return (
    <WhenFetched fetched={fetched}>
      {({ queue, progress }) => {
        const own = progress.readers[0];
        const items = [...queue.items, ...more.value];
        const done = (own?.states.finished ?? 0) + (own?.states.skipped ?? 0);
        const all = Object.entries(own?.states ?? {}).reduce(
          (sum, [state, n]) => sum + (state === "withdrawn" ? 0 : n),
          0,
        );
        const next = items.find(isOpen);
        return (
          <section class="part" aria-label={words.mine}>
            <h2>{words.mine}</h2>
            {all === 0 ? (
              <p class="help">{words.nothing}</p>
            ) : (
              <>
                <p>
                  <progress value={done} max={all} aria-label={words.mine} /> {words.progress(done, all)},{" "}
                  {words.minutes(((own?.active_seconds ?? 0) / 60).toFixed(1))}
                </p>
                {next === undefined ? (
                  <p>{words.allDone}</p>
                ) : (
                  <p>
                    <a class="button primary" href={link(next.assignment)}>
                      {words.start}
                    </a>
                  </p>
                )}
                <Table
                  name={words.mine}
                  columns={[words.number, words.state]}
                  rows={items.map((one) => ({
                    key: one.assignment,
                    cells: [
                      <a key="study" href={link(one.assignment)}>
                        {words.study(one.position + 1)}
                      </a>,
                      one.round > 1 && isOpen(one) ? `${states[one.state]}, ${words.again}` : states[one.state],
                    ],
                  }))}
                />
                {cursor.value !== null && (
                  <button type="button" onClick={() => void attempt(showMore)}>
                    {words.more}
                  </button>
                )}
              </>
            )}
          </section>
        );
      }}
    </WhenFetched>
  );
}
