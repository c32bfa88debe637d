// The keys of the workbench, with those of the schema's labels.

import type { LabelSchema } from "../../../api/types.ts";
import { walk } from "../../../logic/annotation/schema.ts";
import { Dialog } from "../../../parts/dialogs/dialog.tsx";
import { t } from "../../../texts/index.ts";

interface Props {
  schema: LabelSchema | null;
  /** What it begins with. */
  lead?: string;
  onClose: () => void;
}

export function BenchHelp({ schema, lead = t.annotation.help.lead, onClose }: Props) {
  const { help } = t.annotation;
  const labels = walk(schema?.labels ?? []).filter(({ label }) => (label.hotkey ?? "") !== "");
  return (
    <Dialog title={help.title} wide onClose={onClose}>
      <p class="help">{lead}</p>
      <dl class="bench-keys">
        {help.keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
        {labels.map(({ label }) => (
          <div key={label.id}>
            <dt>
              <kbd>{(label.hotkey ?? "").toUpperCase()}</kbd>
            </dt>
            <dd>{label.name}</dd>
          </div>
        ))}
      </dl>
      {(schema?.about ?? "") !== "" && <p class="help">{schema?.about}</p>}
    </Dialog>
  );
}
