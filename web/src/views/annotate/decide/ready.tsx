// Studies that all their readers have finished.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fetchReady } from "../../../api/annotation.ts";
import { useFetched, WhenFetched } from "../../../parts/fetched.tsx";
import { Choice } from "../../../parts/forms/field.tsx";
import { Table } from "../../../parts/table.tsx";
import { address } from "../../../state/route.ts";
import { t } from "../../../texts/index.ts";

const FILTERS = ["disputed", "agreed", "ready", "signed"] as const;
type Filter = (typeof FILTERS)[number];

export function Ready({ project }: { project: string }) {
  const { decide } = t.annotation;
  const filter = useSignal<Filter>("disputed");
  const fetched = useFetched(() => fetchReady(project, filter.value));
  useEffect(() => void fetched.load(), [filter.value]);
  return (
    <section class="part" aria-label={decide.ready}>
      <h2>{decide.ready}</h2>
      <Choice
        label={decide.filter}
        value={filter.value}
        onChange={(value) => (filter.value = FILTERS.find((one) => one === value) ?? "disputed")}
      >
        {FILTERS.map((one) => (
          <option key={one} value={one}>
            {decide.filters[one]}
          </option>
        ))}
      </Choice>
      <WhenFetched fetched={fetched}>
        {(page) =>
          page.items.length === 0 ? (
            <p class="help">{decide.none}</p>
          ) : (
            <Table
              name={decide.ready}
              columns={[t.annotation.project.number, decide.differencesShort]}
              rows={page.items.map((one) => ({
                key: String(one.item),
                cells: [
                  <a key="item" href={address({ view: "annotate", project, page: "decide", id: String(one.item) })}>
                    {decide.item(one.item)}
                  </a>,
                  one.disputed === 0 ? decide.agreed : decide.disputed(one.disputed),
                ],
              }))}
            />
          )
        }
      </WhenFetched>
    </section>
  );
}
