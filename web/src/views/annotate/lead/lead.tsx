// What the lead of a project sees: how far everybody is, members, studies, questions, results.

import { useSignal } from "@preact/signals";
import {
  addItems,
  assign,
  changeProject,
  fetchMembers,
  fetchProgress,
  fetchQuestions,
  putMember,
  removeMember,
} from "../../../api/annotation.ts";
import type { BodyPart, FullAnnotationProject, MemberRole } from "../../../api/types.ts";
import { ProblemAlert } from "../../../parts/alert.tsx";
import { useFetched, WhenFetched } from "../../../parts/fetched.tsx";
import { Choice, Field } from "../../../parts/forms/field.tsx";
import { useSubmit } from "../../../parts/forms/submit.ts";
import { Table } from "../../../parts/table.tsx";
import { attempt, notify } from "../../../state/notices.ts";
import { t } from "../../../texts/index.ts";
import { Results } from "./results.tsx";

const PARTS = [
  "spine",
  "wrist",
  "elbow",
  "shoulder",
  "hand",
  "knee",
  "hip",
  "ankle",
  "foot",
] as const satisfies readonly BodyPart[];
const ROLES: readonly MemberRole[] = ["annotator", "adjudicator", "lead"];

export function Lead({ project, onChange }: { project: FullAnnotationProject; onChange: () => void }) {
  const { lead } = t.annotation;
  const progress = useFetched(() => fetchProgress(project.id));
  const again = () => void progress.load();
  return (
    <>
      <section class="part" aria-label={lead.readers}>
        <h2>{lead.readers}</h2>
        <WhenFetched fetched={progress}>
          {(found) => (
            <>
              <p>{lead.ready(found.ready ?? 0, found.disputed ?? 0, found.decided ?? 0)}</p>
              <Table
                name={lead.readers}
                columns={[lead.person, lead.finished, lead.open, lead.skipped, lead.minutes]}
                rows={found.readers.map((one) => ({
                  key: String(one.member),
                  cells: [
                    one.name,
                    one.states.finished ?? 0,
                    (one.states.open ?? 0) + (one.states.aided ?? 0),
                    one.states.skipped ?? 0,
                    (one.active_seconds / 60).toFixed(1),
                  ],
                }))}
              />
            </>
          )}
        </WhenFetched>
      </section>
      <Members project={project.id} onChange={again} />
      <Studies project={project.id} onChange={again} />
      <Questions project={project.id} />
      <Results project={project.id} onChange={again} />
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

function Members({ project, onChange }: { project: string; onChange: () => void }) {
  const { lead, roles } = t.annotation;
  const members = useFetched(() => fetchMembers(project));
  const name = useSignal("");
  const role = useSignal<MemberRole>("annotator");
  const done = async () => {
    await members.load();
    onChange();
  };
  const form = useSubmit(async () => {
    await putMember(project, name.value.trim(), role.value);
    name.value = "";
    await done();
  });
  return (
    <section class="part" aria-label={lead.members}>
      <h2>{lead.members}</h2>
      <WhenFetched fetched={members}>
        {(found) => (
          <Table
            name={lead.members}
            columns={[lead.person, lead.role, ""]}
            rows={found
              .filter(({ active }) => active)
              .map((one) => ({
                key: String(one.id),
                cells: [
                  one.name,
                  <>
                    {roles[one.role]}
                    {one.role === "annotator" && one.sees_room && <span class="help"> {lead.seesRoom}</span>}
                  </>,
                  <button
                    key="remove"
                    type="button"
                    class="quiet small"
                    onClick={() => void attempt(() => removeMember(project, one.name).then(done))}
                  >
                    {lead.removeMember(one.name)}
                  </button>,
                ],
              }))}
          />
        )}
      </WhenFetched>
      <form class="inline-form" onSubmit={form.onSubmit}>
        <Field label={lead.person} value={name.value} onInput={(value) => (name.value = value)} />
        <Choice
          label={lead.role}
          value={role.value}
          onChange={(value) => (role.value = ROLES.find((one) => one === value) ?? "annotator")}
        >
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {roles[one]}
            </option>
          ))}
        </Choice>
        <button type="submit">{lead.addMember}</button>
      </form>
      {form.problem.value !== null && <ProblemAlert problem={form.problem.value} />}
    </section>
  );
}

function Studies({ project, onChange }: { project: string; onChange: () => void }) {
  const { lead } = t.annotation;
  const part = useSignal<string>("");
  const add = async () => {
    const chosen = PARTS.find((one) => one === part.value);
    const { added, present, unread } = await addItems(
      project,
      chosen === undefined ? { all: true } : { body_part: [chosen] },
    );
    notify(lead.added(added, present, unread));
    onChange();
  };
  const give = async () => {
    const { made, short } = await assign(project);
    notify(
      lead.assigned(
        Object.values(made).reduce((sum, n) => sum + n, 0),
        short,
      ),
    );
    onChange();
  };
  return (
    <section class="part" aria-label={lead.studies}>
      <h2>{lead.studies}</h2>
      <div class="inline-form">
        <Choice label={lead.whichStudies} value={part.value} onChange={(value) => (part.value = value)}>
          <option value="">{lead.allStudies}</option>
          {PARTS.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Choice>
        <button type="button" onClick={() => void attempt(add)}>
          {lead.addStudies}
        </button>
        <button type="button" class="primary" onClick={() => void attempt(give)}>
          {lead.assign}
        </button>
      </div>
      <p class="help">{lead.assignHelp}</p>
    </section>
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
        columns={[decide.title, lead.person, lead.questions]}
        rows={found.map((one) => ({
          key: one.assignment,
          cells: [decide.item(one.item), one.reader, one.text],
        }))}
      />
    </section>
  );
}
