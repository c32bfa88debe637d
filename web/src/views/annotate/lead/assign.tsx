// Studies of the reading room are added to a project, and given to its readers.

import { useSignal } from "@preact/signals";
import { addItems, assign, changeProject } from "../../../api/annotation.ts";
import type { BodyPart, FullAnnotationProject } from "../../../api/types.ts";
import { Choice } from "../../../parts/forms/field.tsx";
import { attempt, notify } from "../../../state/notices.ts";
import { t } from "../../../texts/index.ts";

export const PARTS = [
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
const READERS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

export function Assign({ project, onChange }: { project: FullAnnotationProject; onChange: () => void }) {
  const { lead } = t.annotation;
  const part = useSignal<string>("");
  const readers = useSignal(project.readers_per_study ?? 1);
  const add = async () => {
    const chosen = PARTS.find((one) => one === part.value);
    const { added, present, unread } = await addItems(
      project.id,
      chosen === undefined ? { all: true } : { body_part: [chosen] },
    );
    notify(lead.added(added, present, unread));
    onChange();
  };
  const give = async () => {
    if (readers.value !== project.readers_per_study) {
      await changeProject(project.id, { readers_per_study: readers.value });
    }
    const { made, short } = await assign(project.id);
    const count = Object.values(made).reduce((sum, n) => sum + n, 0);
    notify(lead.assigned(count, short));
    onChange();
  };
  return (
    <>
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
      </div>
      <div class="inline-form">
        <Choice
          label={lead.perStudy}
          value={String(readers.value)}
          onChange={(value) => (readers.value = Number(value))}
        >
          {[...new Set([...READERS, readers.value])].map((n) => (
            <option key={n} value={String(n)}>
              {n}
            </option>
          ))}
        </Choice>
        <button type="button" class="primary" onClick={() => void attempt(give)}>
          {lead.assign}
        </button>
      </div>
      <p class="help">{lead.assignHelp}</p>
    </>
  );
}
