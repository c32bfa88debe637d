// What is still required, and the ways to end a study: finish, skip, ask the lead.

import { useSignal } from "@preact/signals";
import type { Broken, Task } from "../../../api/types.ts";
import { labelNamed } from "../../../logic/annotation/schema.ts";
import { inOrder, numberOf } from "../../../logic/arrange.ts";
import { FormDialog } from "../../../parts/dialogs/form-dialog.tsx";
import { Field } from "../../../parts/forms/field.tsx";
import { useSubmit } from "../../../parts/forms/submit.ts";
import { missing, writable } from "../../../state/annotation/editor.ts";
import { ask, busy, finish, leaving, question, skip } from "../../../state/annotation/work.ts";
import { t } from "../../../texts/index.ts";

const NAMED = 4; // labels of a rule that are written out

/** A broken rule in words. */
export function brokenText(
  task: Pick<Task, "label_schema" | "images">,
  { kind, labels, image, label }: Broken,
): string {
  const { rules } = t.annotation;
  const name = (id: string) => labelNamed(task.label_schema, id)?.name ?? id;
  const list = labels.slice(0, NAMED).map(name).join(", ");
  const names = labels.length > NAMED ? rules.more(list, labels.length - NAMED) : list;
  const place = image == null ? "" : rules.on(numberOf(inOrder(task.images), image));
  return kind === "excludes" ? rules.excludes(name(label ?? ""), names, place) : rules[kind](names, place);
}

/** The rules that what stands there breaks. */
export function Missing({ task }: { task: Pick<Task, "label_schema" | "images"> }) {
  const open = missing.value;
  if (open.length === 0) return <p class="help">{t.annotation.work.nothingMissing}</p>;
  return (
    <ul class="missing">
      {open.map((one) => (
        <li key={`${one.kind} ${one.image} ${one.labels.join()}`}>{brokenText(task, one)}</li>
      ))}
    </ul>
  );
}

export function Finish({ task }: { task: Task }) {
  const { work } = t.annotation;
  const asking = useSignal<"skip" | "question" | null>(null);
  return (
    <section class="finish-part" aria-label={work.finish}>
      <h2>{work.required}</h2>
      <Missing task={task} />
      {!busy.value && <p class="remark">{work.states[task.state]}</p>}
      {leaving.value && (
        <p class="remark" role="status">
          {work.leaving}
        </p>
      )}
      <button
        id="finish"
        type="button"
        class="primary"
        disabled={!writable.value || missing.value.length > 0}
        title={`${work.finish} (Shift F)`}
        onClick={finish}
      >
        {work.finish}
      </button>
      <div class="row-actions">
        <button id="skip-study" type="button" disabled={!writable.value} onClick={() => (asking.value = "skip")}>
          {work.skip}
        </button>
        <button id="ask-lead" type="button" disabled={!writable.value} onClick={() => (asking.value = "question")}>
          {question.value === "" ? work.ask : work.changeQuestion}
        </button>
      </div>
      {question.value !== "" && <p class="help">{work.asked(question.value)}</p>}
      {asking.value === "skip" && (
        <Words
          title={work.skip}
          label={work.skipReason}
          first=""
          required
          onSend={skip}
          onClose={() => (asking.value = null)}
        />
      )}
      {asking.value === "question" && (
        <Words
          title={work.ask}
          label={work.askText}
          first={question.value}
          required={false}
          onSend={ask}
          onClose={() => (asking.value = null)}
        />
      )}
    </section>
  );
}

interface WordsProps {
  title: string;
  label: string;
  first: string;
  required: boolean;
  onSend: (text: string) => void | Promise<void>;
  onClose: () => void;
}

/** Asks for a few words. */
export function Words({ title, label, first, required, onSend, onClose }: WordsProps) {
  const text = useSignal(first);
  const form = useSubmit(async () => {
    await onSend(text.value.trim());
    onClose();
  });
  return (
    <FormDialog title={title} action={title} form={form} onClose={onClose}>
      <Field
        label={label}
        value={text.value}
        onInput={(value) => (text.value = value)}
        required={required}
        maxlength={2000}
        first
      />
    </FormDialog>
  );
}
