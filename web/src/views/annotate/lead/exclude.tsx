import { useSignal } from "@preact/signals";
import { screenItem } from "../../../api/annotation.ts";
import type { ProjectItem } from "../../../api/types.ts";
import { FormDialog } from "../../../parts/dialogs/form-dialog.tsx";
import { Choice, Field } from "../../../parts/forms/field.tsx";
import { useSubmit } from "../../../parts/forms/submit.ts";
import { t } from "../../../texts/index.ts";
import { StudyPictures } from "./pictures.tsx";

interface Props {
  project: string;
  item: ProjectItem;
  onDone: (reason: string) => void;
  onClose: () => void;
}

/** Asks why a study does not belong into the project, with its images at hand. */
export function Exclude({ project, item, onDone, onClose }: Props) {
  const { lead, decide } = t.annotation;
  const proposed = item.to_screen ? item.suspicions.map(({ sentence }) => sentence) : [];
  const reasons = [...new Set([...proposed, ...lead.reasons])];
  const chosen = useSignal<string>(reasons[0] ?? "");
  const own = useSignal("");
  const form = useSubmit(async () => {
    const reason = chosen.value === "" ? own.value.trim() : chosen.value;
    await screenItem(project, item.id, false, reason);
    onDone(reason);
    onClose();
  });
  return (
    <FormDialog title={`${lead.exclude}: ${decide.item(item.id)}`} action={lead.exclude} form={form} onClose={onClose}>
      <StudyPictures project={project} item={item} />
      <p class="help">{lead.excludeHelp}</p>
      <Choice label={lead.reason} value={chosen.value} onChange={(value) => (chosen.value = value)}>
        {reasons.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
        <option value="">{lead.otherReason}</option>
      </Choice>
      {chosen.value === "" && (
        <Field
          label={lead.ownReason}
          value={own.value}
          onInput={(value) => (own.value = value)}
          maxlength={2000}
          first
        />
      )}
    </FormDialog>
  );
}
