// The members of a project.

import { useSignal } from "@preact/signals";
import { putMember, removeMember } from "../../../api/annotation.ts";
import type { MemberRole, ProjectMember } from "../../../api/types.ts";
import { ProblemAlert } from "../../../parts/alert.tsx";
import { type Fetched, WhenFetched } from "../../../parts/fetched.tsx";
import { Choice, Field } from "../../../parts/forms/field.tsx";
import { useSubmit } from "../../../parts/forms/submit.ts";
import { Table } from "../../../parts/table.tsx";
import { attempt } from "../../../state/notices.ts";
import { t } from "../../../texts/index.ts";

const ROLES: readonly MemberRole[] = ["annotator", "adjudicator", "lead"];

interface Props {
  project: string;
  members: Fetched<readonly ProjectMember[]>;
  onChange: () => void;
}

export function Members({ project, members, onChange }: Props) {
  const { lead, roles } = t.annotation;
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
