// What the lead of a project sees: how far everybody is, studies, members, questions, results.

import { useSignal } from "@preact/signals";
import { changeProject, fetchMembers, fetchProgress, fetchQuestions } from "../../../api/annotation.ts";
import type { FullAnnotationProject } from "../../../api/types.ts";
import { useFetched, WhenFetched } from "../../../parts/fetched.tsx";
import { Table } from "../../../parts/table.tsx";
import { attempt } from "../../../state/notices.ts";
import { t } from "../../../texts/index.ts";
import { AgreementPart } from "./agreement.tsx";
import { Members } from "./members.tsx";
import { ProgressPart } from "./progress.tsx";
import { Results } from "./results.tsx";
import { SchemaPart } from "./schema-part.tsx";
import { Studies } from "./studies.tsx";

const SMALL = 2000; // studies of which agreement is computed whenever the page is opened

export function Lead({ project, onChange }: { project: FullAnnotationProject; onChange: () => void }) {
  const { lead } = t.annotation;
  const progress = useFetched(() => fetchProgress(project.id));
  const members = useFetched(() => fetchMembers(project.id));
  const changes = useSignal(0);
  const again = () => void progress.load();
  const found = progress.answer.value;
  const read = (found?.ready ?? 0) + (found?.items?.locked ?? 0);
  return (
    <>
      <WhenFetched fetched={progress}>{(now) => <ProgressPart found={now} />}</WhenFetched>
      <Members project={project.id} members={members} onChange={again} />
      <Studies project={project} members={members.answer.value ?? []} changes={changes.value} onChange={again} />
      <Questions project={project.id} />
      {read > 0 && <AgreementPart key={read} project={project.id} small={read <= SMALL} />}
      <Results
        project={project.id}
        onChange={() => {
          changes.value++;
          again();
        }}
      />
      <SchemaPart project={project} onChange={onChange} />
      <p>
        <button
          type="button"
          onClick={() =>
            void attempt(async () => {
              await changeProject(project.id, { closed: !project.closed });
              onChange();
            })
          }
        >
          {project.closed ? lead.reopen : lead.close}
        </button>
      </p>
    </>
  );
}

function Questions({ project }: { project: string }) {
  const { lead, decide } = t.annotation;
  const questions = useFetched(() => fetchQuestions(project));
  const found = questions.answer.value ?? [];
  if (found.length === 0) return null;
  return (
    <section class="part" aria-label={lead.questions}>
      <h2>{lead.questions}</h2>
      <Table
        name={lead.questions}
        columns={[t.annotation.project.number, lead.person, lead.questions]}
        rows={found.map((one) => ({
          key: one.assignment,
          cells: [decide.item(one.item), one.reader, one.text],
        }))}
      />
    </section>
  );
}
