// Annotation: the list of projects, a project, and the study that is annotated or decided in it.

import type { AnnotationPage } from "../../state/route.ts";
import { Bench } from "./bench/bench.tsx";
import { Decide } from "./decide/decide.tsx";
import { Project } from "./project.tsx";
import { Projects } from "./projects.tsx";
import "../../styles/viewer.css";
import "../../styles/side.css";
import "../../styles/settings.css";
import "../../styles/annotation.css";

export default function Annotate({ project, page, id }: { project: string; page: AnnotationPage; id: string }) {
  if (project === "") return <Projects />;
  if (page === "read") return <Bench project={project} id={id} />;
  if (page === "decide") return <Decide key={id} project={project} item={Number(id)} />;
  return <Project key={project} id={project} />;
}
