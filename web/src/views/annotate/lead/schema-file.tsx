// A label schema of one's own: its file is checked by the server, and what is wrong is told with its lines.

import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { checkSchema } from "../../../api/annotation.ts";
import type { CheckedSchema, Problem } from "../../../api/types.ts";
import { ProblemAlert } from "../../../parts/alert.tsx";
import { failure } from "../../../state/notices.ts";
import { t } from "../../../texts/index.ts";
import { SchemaPreview } from "./schema-preview.tsx";

interface Props {
  /** Gets what is valid, and null while nothing is. */
  onChecked: (content: CheckedSchema["content"]) => void;
}

export function SchemaFile({ onChecked }: Props) {
  const { schema } = t.annotation;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const checked = useSignal<CheckedSchema | null>(null);
  const problem = useSignal<Problem | null>(null);
  const check = async (file: File | undefined) => {
    checked.value = null;
    problem.value = null;
    onChecked(null);
    input.current?.setCustomValidity(file === undefined ? "" : schema.checking);
    if (file === undefined) return;
    try {
      const found = await checkSchema(await file.text());
      if (input.current?.files?.[0] !== file) return; // another one was chosen meanwhile
      checked.value = found;
      input.current.setCustomValidity(found.faults.length > 0 ? schema.faulty(found.faults.length) : "");
      onChecked(found.content);
    } catch (error) {
      input.current?.setCustomValidity(schema.faulty(1));
      problem.value = failure(error);
    }
  };
  const faults = checked.value?.faults ?? [];
  return (
    <div class="field">
      <label for={id}>{schema.file}</label>
      <input
        ref={input}
        id={id}
        type="file"
        accept=".yaml,.yml,.json"
        required
        aria-describedby={`${id}-help`}
        onClick={(event) => {
          // browsers do not tell when the same file is chosen again, which was corrected meanwhile
          event.currentTarget.value = "";
          void check(undefined);
        }}
        onChange={(event) => void check(event.currentTarget.files?.[0])}
      />
      <p id={`${id}-help`} class="help">
        {schema.fileHelp}
      </p>
      {problem.value !== null && <ProblemAlert problem={problem.value} />}
      {faults.length > 0 && (
        <div role="alert" class="faults">
          <p>{schema.faulty(faults.length)}</p>
          <ul>
            {faults.map((one) => (
              <li key={`${one.line} ${one.field} ${one.problem}`}>
                {schema.fault(one.line, one.field)}
                {one.problem}
              </li>
            ))}
          </ul>
        </div>
      )}
      {checked.value?.label_schema != null && <SchemaPreview schema={checked.value.label_schema} open />}
    </div>
  );
}
