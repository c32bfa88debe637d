// The label schema of a project, and another version of it.

import { useSignal } from "@preact/signals";
import { putSchema } from "../../../api/annotation.ts";
import type { CheckedSchema, FullAnnotationProject } from "../../../api/types.ts";
import { FormDialog } from "../../../parts/dialogs/form-dialog.tsx";
import { useSubmit } from "../../../parts/forms/submit.ts";
import { t } from "../../../texts/index.ts";
import { SchemaFile } from "./schema-file.tsx";
import { SchemaPreview } from "./schema-preview.tsx";

export function SchemaPart({ project, onChange }: { project: FullAnnotationProject; onChange: () => void }) {
  const { schema } = t.annotation;
  const asking = useSignal(false);
  return (
    <section class="part" aria-label={schema.title}>
      <h2>{schema.title}</h2>
      <p class="help">{schema.version(project.schema_version)}</p>
      <SchemaPreview schema={project.label_schema} />
      {!project.closed && (
        <p>
          <button type="button" onClick={() => (asking.value = true)}>
            {schema.change}
          </button>
        </p>
      )}
      {asking.value && <NewVersion project={project.id} onDone={onChange} onClose={() => (asking.value = false)} />}
    </section>
  );
}

function NewVersion({ project, onDone, onClose }: { project: string; onDone: () => void; onClose: () => void }) {
  const { schema } = t.annotation;
  const content = useSignal<CheckedSchema["content"]>(null);
  const form = useSubmit(async () => {
    if (content.value === null) return;
    await putSchema(project, content.value);
    onClose();
    onDone();
  });
  return (
    <FormDialog title={schema.change} action={schema.put} form={form} onClose={onClose}>
      <p class="help">{schema.changeHelp}</p>
      <SchemaFile onChecked={(found) => (content.value = found)} />
    </FormDialog>
  );
}
