import { useSignal } from "@preact/signals";
import { sendBack } from "../../../api/annotation.ts";
import type { ShownRead } from "../../../api/types.ts";
import { FormDialog } from "../../../parts/dialogs/form-dialog.tsx";
import { Field } from "../../../parts/forms/field.tsx";
import { useSubmit } from "../../../parts/forms/submit.ts";
import { go } from "../../../state/route.ts";
import { t } from "../../../texts/index.ts";

interface Props {
  project: string;
  item: number;
  reads: readonly ShownRead[];
  onClose: () => void;
}

/** Asks who shall read a study again, and why. */
export function SendBack({ project, item, reads, onClose }: Props) {
  const { decide } = t.annotation;
  const chosen = useSignal<ReadonlySet<number>>(new Set(reads.map(({ id }) => id)));
  const reason = useSignal("");
  const form = useSubmit(async () => {
    await sendBack(project, item, [...chosen.value], reason.value.trim());
    onClose();
    go({ view: "annotate", project, page: "", id: "" });
  });
  const toggle = (id: number, on: boolean) => {
    const next = new Set(chosen.value);
    if (on) next.add(id);
    else next.delete(id);
    chosen.value = next;
  };
  return (
    <FormDialog title={decide.sendBack} action={decide.sendBack} form={form} onClose={onClose}>
      <fieldset>
        <legend>{decide.readers}</legend>
        {reads.map(({ id, reader }) => (
          <label key={id} class="radio">
            <input
              type="checkbox"
              checked={chosen.value.has(id)}
              required={chosen.value.size === 0}
              onChange={(event) => toggle(id, event.currentTarget.checked)}
            />
            {reader}
          </label>
        ))}
      </fieldset>
      <Field
        label={decide.reason}
        value={reason.value}
        onInput={(text) => (reason.value = text)}
        maxlength={2000}
        first
      />
    </FormDialog>
  );
}
