import { useEffect } from "preact/hooks";
import { fetchProject } from "../../api/annotation.ts";
import { useFetched, WhenFetched } from "../../parts/fetched.tsx";
import { Icon } from "../../parts/icon.tsx";
import { address } from "../../state/route.ts";
import { t } from "../../texts/index.ts";
import { Ready } from "./decide/ready.tsx";
import { Lead } from "./lead/lead.tsx";
import { Queue } from "./queue.tsx";

/** A project, as whoever is logged in may see it: the own studies, those to be decided, what leads look at. */
export function Project({ id }: { id: string }) {
  const fetched = useFetched(() => fetchProject(id));
  useEffect(() => {
    document.title = t.title(t.annotation.project.title);
  }, []);
  return (
    <main id="content" tabIndex={-1} class="settings annotation">
      <p>
        <a class="button quiet" href={address({ view: "annotate", project: "", page: "", id: "" })}>
          <Icon name="back" />
          {t.annotation.projects.title}
        </a>
      </p>
      <WhenFetched fetched={fetched}>
        {(project) => (
          <>
            <h1>{project.name}</h1>
            <p class="help">
              {project.label_schema.title} · {t.annotation.roles[project.role]}
              {project.closed && ` · ${t.annotation.projects.closed}`}
            </p>
            {project.role === "annotator" && <Queue project={id} />}
            {project.role !== "annotator" && <Ready project={id} />}
            {project.role === "lead" && <Lead project={project} onChange={() => void fetched.load()} />}
          </>
        )}
      </WhenFetched>
    </main>
  );
}
