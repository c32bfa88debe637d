// Who reads a study: another reader, and withdrawing one who has not finished.

import { useSignal } from "@preact/signals";
import { fetchAssignments, giveItem, withdraw } from "../../../api/annotation.ts";
import type { ProjectAssignment, ProjectItem, ProjectMember } from "../../../api/types.ts";
import { Dialog } from "../../../parts/dialogs/dialog.tsx";
import { useFetched, WhenFetched } from "../../../parts/fetched.tsx";
import { Choice } from "../../../parts/forms/field.tsx";
import { Table } from "../../../parts/table.tsx";
import { attempt, notify } from "../../../state/notices.ts";
import { dateTime, t } from "../../../texts/index.ts";
import { StudyPictures } from "./pictures.tsx";

interface Props {
  project: string;
  item: ProjectItem;
  members: readonly ProjectMember[];
  /** Gets how many read it now. */
  onChange: (readers: number) => void;
  onClose: () => void;
}

export function StudyReaders({ project, item, members, onChange, onClose }: Props) {
  const { lead, decide, states } = t.annotation;
  const chosen = useSignal("");
  const fetched = useFetched(async () => [...(await fetchAssignments(project, item.id)).items]);
  const reload = async () => {
    await fetched.load();
    const counted = (fetched.answer.value ?? []).filter(({ repeat, state }) => !repeat && state !== "withdrawn");
    onChange(counted.length);
  };
  const give = async (name: string) => {
    await giveItem(project, item.id, name);
    notify(lead.given(name));
    chosen.value = "";
    await reload();
  };
  const take = async (one: ProjectAssignment) => {
    await withdraw(project, one.id);
    await reload();
  };
  return (
    <Dialog title={`${lead.readers}: ${decide.item(item.id)}`} wide onClose={onClose}>
      <StudyPictures project={project} item={item} />
      <WhenFetched fetched={fetched}>
        {(found) => {
          const has = new Set(found.map(({ reader }) => reader));
          const free = members.filter(({ active, role, name }) => active && role === "annotator" && !has.has(name));
          const name = free.some((one) => one.name === chosen.value) ? chosen.value : (free[0]?.name ?? "");
          return (
            <>
              {found.length > 0 && (
                <Table
                  name={lead.readers}
                  columns={[lead.person, lead.state, lead.changed, lead.actions]}
                  rows={found.map((one) => ({
                    key: one.id,
                    cells: [
                      one.reader,
                      [states[one.state], one.repeat ? lead.repeat : "", one.round > 1 ? lead.round(one.round) : ""]
                        .filter((part) => part !== "")
                        .join(", "),
                      dateTime(one.changed),
                      one.state === "open" ? (
                        <button
                          key="withdraw"
                          type="button"
                          class="small"
                          aria-label={`${lead.withdraw}: ${one.reader}`}
                          onClick={() => void attempt(() => take(one))}
                        >
                          {lead.withdraw}
                        </button>
                      ) : (
                        ""
                      ),
                    ],
                  }))}
                />
              )}
              {free.length === 0 ? (
                <p class="help">{lead.nobodyElse}</p>
              ) : (
                <div class="inline-form">
                  <Choice label={lead.anotherReader} value={name} onChange={(value) => (chosen.value = value)}>
                    {free.map((one) => (
                      <option key={one.id} value={one.name}>
                        {one.name}
                      </option>
                    ))}
                  </Choice>
                  <button type="button" class="primary" onClick={() => void attempt(() => give(name))}>
                    {lead.give}
                  </button>
                </div>
              )}
            </>
          );
        }}
      </WhenFetched>
    </Dialog>
  );
}
