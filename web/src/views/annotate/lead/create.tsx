import { useSignal } from "@preact/signals";
import { createProject, fetchSchemas } from "../../../api/annotation.ts";
import type { Arm, Order } from "../../../api/types.ts";
import { FormDialog } from "../../../parts/dialogs/form-dialog.tsx";
import { useFetched } from "../../../parts/fetched.tsx";
import { Choice, Field } from "../../../parts/forms/field.tsx";
import { useSubmit } from "../../../parts/forms/submit.ts";
import { go } from "../../../state/route.ts";
import { t } from "../../../texts/index.ts";

/** A new project with a label schema that comes with Osteon; files of one's own go in by the command line. */
export function CreateProject({ onClose }: { onClose: () => void }) {
  const { lead } = t.annotation;
  const schemas = useFetched(fetchSchemas);
  const name = useSignal("");
  const schema = useSignal("");
  const readers = useSignal("2");
  const repeats = useSignal("0");
  const arm = useSignal<Arm>("unaided");
  const order = useSignal<Order>("random");
  const found = schemas.answer.value ?? [];
  const chosen = schema.value || (found[0]?.name ?? "");
  const form = useSubmit(async () => {
    const made = await createProject({
      name: name.value.trim(),
      schema_name: chosen,
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
        help={found.find((one) => one.name === chosen)?.label_schema.about}
      >
        {found.map((one) => (
          <option key={one.name} value={one.name}>
            {one.title}
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
