import { useSignal } from "@preact/signals";
import { createProject, fetchSchemas } from "../../../api/annotation.ts";
import type { Arm, CheckedSchema, Order } from "../../../api/types.ts";
import { FormDialog } from "../../../parts/dialogs/form-dialog.tsx";
import { useFetched } from "../../../parts/fetched.tsx";
import { Choice, Field } from "../../../parts/forms/field.tsx";
import { useSubmit } from "../../../parts/forms/submit.ts";
import { go } from "../../../state/route.ts";
import { t } from "../../../texts/index.ts";
import { PARTS } from "./assign.tsx";
import { SchemaFile } from "./schema-file.tsx";
import { SchemaPreview } from "./schema-preview.tsx";

const OWN = "own file"; // no name of a schema

/** A new project with a label schema that comes with Osteon, or with one's own. */
export function CreateProject({ onClose }: { onClose: () => void }) {
  const { lead } = t.annotation;
  const schemas = useFetched(fetchSchemas);
  const name = useSignal("");
  const schema = useSignal("");
  const part = useSignal("");
  const readers = useSignal("2");
  const repeats = useSignal("0");
  const arm = useSignal<Arm>("unaided");
  const order = useSignal<Order>("random");
  const found = schemas.answer.value ?? [];
  const chosen = schema.value || (found[0]?.name ?? "");
  const shipped = found.find((one) => one.name === chosen);
  const content = useSignal<CheckedSchema["content"]>(null);
  const form = useSubmit(async () => {
    if (chosen === OWN && content.value === null) return;
    const made = await createProject({
      name: name.value.trim(),
      ...(chosen === OWN ? { label_schema: content.value } : { schema_name: chosen }),
      body_parts: PARTS.filter((one) => one === part.value),
      readers_per_study: Number(readers.value),
      repeat_share: Number(repeats.value) / 100,
      arm: arm.value,
      order: order.value,
    });
    onClose();
    go({ view: "annotate", project: made.id, page: "", id: "" });
  });
  const arms = Object.keys(lead.arms) as Arm[];
  const orders = Object.keys(lead.orders) as Order[];
  return (
    <FormDialog title={lead.createTitle} action={lead.create} form={form} onClose={onClose}>
      <Field label={lead.name} value={name.value} onInput={(value) => (name.value = value)} maxlength={120} first />
      <Choice
        label={lead.schema}
        value={chosen}
        onChange={(value) => (schema.value = value)}
        help={shipped?.label_schema.about}
      >
        {found.map((one) => (
          <option key={one.name} value={one.name}>
            {one.title}
          </option>
        ))}
        <option value={OWN}>{t.annotation.schema.own}</option>
      </Choice>
      {chosen === OWN && <SchemaFile onChecked={(valid) => (content.value = valid)} />}
      {shipped !== undefined && <SchemaPreview key={chosen} schema={shipped.label_schema} />}
      <Choice
        label={lead.bodyPart}
        value={part.value}
        onChange={(value) => (part.value = value)}
        help={lead.bodyPartHelp}
      >
        <option value="">{lead.anyPart}</option>
        {PARTS.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Choice>
      <Choice label={lead.perStudy} value={readers.value} onChange={(value) => (readers.value = value)}>
        {[1, 2, 3, 4, 5].map((n) => (
          <option key={n} value={String(n)}>
            {n}
          </option>
        ))}
      </Choice>
      <Choice label={lead.repeats} value={repeats.value} onChange={(value) => (repeats.value = value)}>
        {[0, 5, 10, 20].map((n) => (
          <option key={n} value={String(n)}>
            {n}
          </option>
        ))}
      </Choice>
      <Choice
        label={lead.arm}
        value={arm.value}
        onChange={(value) => (arm.value = arms.find((one) => one === value) ?? "unaided")}
      >
        {arms.map((one) => (
          <option key={one} value={one}>
            {lead.arms[one]}
          </option>
        ))}
      </Choice>
      <Choice
        label={lead.order}
        value={order.value}
        onChange={(value) => (order.value = orders.find((one) => one === value) ?? "random")}
      >
        {orders.map((one) => (
          <option key={one} value={one}>
            {lead.orders[one]}
          </option>
        ))}
      </Choice>
    </FormDialog>
  );
}
