// The studies of a project: who reads each, what is screened out and why.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fetchItems, type ItemChoice, itemThumbnail, screenItem } from "../../../api/annotation.ts";
import type { FullAnnotationProject, ProjectItem, ProjectMember } from "../../../api/types.ts";
import { ProblemAlert } from "../../../parts/alert.tsx";
import { useFetched } from "../../../parts/fetched.tsx";
import { Choice } from "../../../parts/forms/field.tsx";
import { Table } from "../../../parts/table.tsx";
import { attempt } from "../../../state/notices.ts";
import { address } from "../../../state/route.ts";
import { t } from "../../../texts/index.ts";
import { Assign } from "./assign.tsx";
import { Exclude } from "./exclude.tsx";
import { StudyReaders } from "./study-readers.tsx";

const CHOICES = ["to_screen", "included", "screened_out", "locked"] as const satisfies readonly ItemChoice[];
const PAGE = 50;

interface Props {
  project: FullAnnotationProject;
  members: readonly ProjectMember[];
  /** Counts changes elsewhere after which the list is fetched anew. */
  changes: number;
  /** Something was changed here. */
  onChange: () => void;
}

export function Studies({ project, members, changes, onChange }: Props) {
  const { lead, decide } = t.annotation;
  const state = useSignal<ItemChoice>(null);
  const items = useSignal<readonly ProjectItem[]>([]);
  const next = useSignal<number | null>(null);
  const total = useSignal(0);
  const asking = useSignal<{ item: ProjectItem; what: "exclude" | "readers" } | null>(null);
  const fetched = useFetched(async () => {
    const page = await fetchItems(project.id, state.peek(), PAGE);
    items.value = page.items;
    next.value = page.next;
    total.value = page.total;
    return page;
  });
  useEffect(() => void fetched.load(), [state.value, changes]);
  const more = async () => {
    const page = await fetchItems(project.id, state.peek(), PAGE, next.peek());
    items.value = [...items.value, ...page.items];
    next.value = page.next;
  };
  const put = (item: ProjectItem, change: Partial<ProjectItem>) => {
    items.value = items.value.map((one) => (one.id === item.id ? { ...one, ...change } : one));
    onChange();
  };
  const include = async (item: ProjectItem) => {
    await screenItem(project.id, item.id, true, "");
    put(item, { state: "included", reason: "", to_screen: false });
  };
  const row = (item: ProjectItem) => ({
    key: String(item.id),
    class: item.state === "screened_out" ? "screened-out" : "",
    cells: [
      <span key="study" class="study-cell">
        <img src={itemThumbnail(project.id, item.id, 0)} alt="" loading="lazy" width={56} height={56} />
        {item.disputed === null ? (
          decide.item(item.id)
        ) : (
          <a href={address({ view: "annotate", project: project.id, page: "decide", id: String(item.id) })}>
            {decide.item(item.id)}
          </a>
        )}
      </span>,
      <>
        {lead.itemStates[item.state]}
        {item.reason !== "" && <span class="help">: {item.reason}</span>}
        {item.to_screen && <Suspicions item={item} />}
      </>,
      lead.readersOf(item.finished, item.readers),
      item.disputed === null ? "–" : item.disputed === 0 ? decide.agreed : decide.disputed(item.disputed),
      item.state === "locked" || project.closed ? (
        ""
      ) : (
        <span key="actions" class="row-actions">
          {item.to_screen && (
            <button
              type="button"
              class="small"
              aria-label={`${lead.keep}: ${decide.item(item.id)}`}
              onClick={() => void attempt(() => include(item))}
            >
              {lead.keep}
            </button>
          )}
          {item.state === "included" && (
            <>
              <button
                type="button"
                class="small"
                aria-label={`${lead.readers}: ${decide.item(item.id)}`}
                onClick={() => (asking.value = { item, what: "readers" })}
              >
                {lead.readers}
              </button>
              <button
                type="button"
                class="small"
                aria-label={`${lead.exclude}: ${decide.item(item.id)}`}
                onClick={() => (asking.value = { item, what: "exclude" })}
              >
                {lead.exclude}
              </button>
            </>
          )}
          {item.state === "screened_out" && (
            <button
              type="button"
              class="small"
              aria-label={`${lead.include}: ${decide.item(item.id)}`}
              onClick={() => void attempt(() => include(item))}
            >
              {lead.include}
            </button>
          )}
        </span>
      ),
    ],
  });
  const close = () => (asking.value = null);
  const asked = asking.value;
  return (
    <section class="part" aria-label={lead.studies}>
      <h2>{lead.studies}</h2>
      {!project.closed && (
        <Assign
          project={project}
          onChange={() => {
            void fetched.load();
            onChange();
          }}
        />
      )}
      <div class="inline-form">
        <Choice
          label={lead.show}
          value={state.value ?? ""}
          onChange={(value) => (state.value = CHOICES.find((one) => one === value) ?? null)}
        >
          <option value="">{lead.allStudies}</option>
          {CHOICES.map((one) => (
            <option key={one} value={one}>
              {lead.itemStates[one]}
            </option>
          ))}
        </Choice>
        <p class="help" role="status">
          {lead.items(total.value)}
        </p>
      </div>
      {fetched.problem.value !== null && (
        <ProblemAlert problem={fetched.problem.value} onRetry={() => void fetched.load()} />
      )}
      {items.value.length > 0 && (
        <Table
          name={lead.studies}
          columns={[t.annotation.project.number, lead.state, lead.readers, decide.differencesShort, lead.actions]}
          rows={items.value.map(row)}
        />
      )}
      {next.value !== null && (
        <p>
          <button type="button" onClick={() => void attempt(more)}>
            {t.annotation.project.more}
          </button>
        </p>
      )}
      {asked?.what === "exclude" && (
        <Exclude
          project={project.id}
          item={asked.item}
          onDone={(reason) => put(asked.item, { state: "screened_out", reason, to_screen: false })}
          onClose={close}
        />
      )}
      {asked?.what === "readers" && (
        <StudyReaders
          project={project.id}
          item={asked.item}
          members={members}
          onChange={(readers) => put(asked.item, { readers, disputed: null })}
          onClose={() => {
            close();
            void fetched.load();
          }}
        />
      )}
    </section>
  );
}

/** What speaks against a study, as the gate and the checks of quality have told it. */
function Suspicions({ item }: { item: ProjectItem }) {
  return (
    <ul class="suspicions">
      {item.suspicions.map(({ sentence, image }) => (
        <li key={`${image} ${sentence}`}>
          {image === null || item.images === 1 ? sentence : `${t.viewer.image(image + 1, "")}: ${sentence}`}
        </li>
      ))}
    </ul>
  );
}
