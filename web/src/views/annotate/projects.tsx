import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fetchProjects } from "../../api/annotation.ts";
import { useFetched, WhenFetched } from "../../parts/fetched.tsx";
import { Table } from "../../parts/table.tsx";
import { leftBehind, sendLeftBehind } from "../../state/annotation/outbox.ts";
import { address } from "../../state/route.ts";
import { may } from "../../state/session.ts";
import { t } from "../../texts/index.ts";
import { CreateProject } from "./lead/create.tsx";

/** The projects of whoever is logged in. */
export function Projects() {
  const { projects, roles } = t.annotation;
  const creating = useSignal(false);
  const fetched = useFetched(fetchProjects);
  const left = useSignal(leftBehind().length);
  useEffect(() => {
    document.title = t.title(projects.title);
    void sendLeftBehind().then((count) => (left.value = count));
  }, []);
  return (
    <main id="content" tabIndex={-1} class="settings annotation">
      <h1>{projects.title}</h1>
      {left.value > 0 && <p class="remark">{projects.left(left.value)}</p>}
      <WhenFetched fetched={fetched}>
        {(found) =>
          found.length === 0 ? (
            <p class="nothing">{projects.none}</p>
          ) : (
            <Table
              name={projects.title}
              columns={[projects.name, projects.role, projects.schema, projects.state]}
              rows={found.map((one) => ({
                key: one.id,
                cells: [
                  <a key="name" href={address({ view: "annotate", project: one.id, page: "", id: "" })}>
                    {one.name}
                  </a>,
                  roles[one.role],
                  one.schema_name,
                  one.closed ? projects.closed : projects.open,
                ],
              }))}
            />
          )
        }
      </WhenFetched>
      {may("reader") && (
        <p>
          <button type="button" class="primary" onClick={() => (creating.value = true)}>
            {projects.create}
          </button>
        </p>
      )}
      {creating.value && <CreateProject onClose={() => (creating.value = false)} />}
    </main>
  );
}
