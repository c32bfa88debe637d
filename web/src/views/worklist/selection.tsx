// What is done with the studies that are ticked.

import { useSignal } from "@preact/signals";
import { exportStudies, readAgain, retryStudy } from "../../api/studies.ts";
import type { Study } from "../../api/types.ts";
import { studyName } from "../../logic/study-name.ts";
import { FormDialog } from "../../parts/dialogs/form-dialog.tsx";
import { RemoveStudies } from "../../parts/dialogs/remove.tsx";
import { Choice } from "../../parts/forms/field.tsx";
import { useSubmit } from "../../parts/forms/submit.ts";
import { Icon } from "../../parts/icon.tsx";
import { attempt, failure, notify } from "../../state/notices.ts";
import { may } from "../../state/session.ts";
import { load, picked, studies } from "../../state/worklist.ts";
import { problemText, t } from "../../texts/index.ts";
import { useBundles } from "../../viewer/panel/bundle.tsx";

const clear = () => (picked.value = new Set());

export function Selection() {
  const asked = useSignal<"delete" | "export" | "again" | null>(null);
  const bundles = useBundles();
  const chosen = studies.value.filter(({ id }) => picked.value.has(id));
  if (chosen.length === 0) return null;
  const { selection } = t.worklist;
  const failed = chosen.filter(({ state }) => state === "failed");
  const close = () => (asked.value = null);
  return (
    <section class="selection" aria-label={selection.title}>
      <p role="status">{selection.count(chosen.length)}</p>
      <button type="button" onClick={() => (asked.value = "export")}>
        {selection.export}
      </button>
      {failed.length > 0 && (
        <button type="button" onClick={() => void retry(failed)}>
          {selection.retry(failed.length)}
        </button>
      )}
      {bundles.length > 1 && (
        <button type="button" onClick={() => (asked.value = "again")}>
          {selection.again}
        </button>
      )}
      {may("administrator") && (
        <button type="button" class="danger quiet" onClick={() => (asked.value = "delete")}>
          <Icon name="erase" />
          {selection.delete}
        </button>
      )}
      <button type="button" class="quiet" onClick={clear}>
        {selection.clear}
      </button>
      {asked.value === "delete" && (
        <RemoveStudies
          studies={chosen.map((study) => ({ id: study.id, name: studyName(study, study.id) }))}
          onClose={close}
          onDone={clear}
        />
      )}
      {asked.value === "export" && <Export chosen={chosen} onClose={close} />}
      {asked.value === "again" && (
        <ReadAgain chosen={chosen} bundles={bundles.map(({ identity }) => identity)} onClose={close} />
      )}
    </section>
  );
}

/** Read failed studies again. */
export async function retry(failed: readonly Pick<Study, "id">[]): Promise<void> {
  const well = await attempt(async () => {
    for (const { id } of failed) await retryStudy(id);
  });
  if (well) notify(t.worklist.selection.retried(failed.length));
  await load();
}

function Export({ chosen, onClose }: { chosen: readonly Study[]; onClose: () => void }) {
  const { selection } = t.worklist;
  const format = useSignal<"csv" | "json">("csv");
  const identifiers = useSignal(false);
  const form = useSubmit(async () => {
    const ids = chosen.map(({ id }) => id);
    const url = URL.createObjectURL(await exportStudies(ids, format.value, identifiers.value));
    const link = document.createElement("a");
    link.href = url;
    link.download = `studies.${format.value}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    onClose();
  });
  return (
    <FormDialog title={selection.exportTitle(chosen.length)} action={selection.export} form={form} onClose={onClose}>
      <p>{selection.exportText}</p>
      <Choice
        label={selection.format}
        value={format.value}
        onChange={(value) => (format.value = value === "json" ? value : "csv")}
      >
        <option value="csv">CSV</option>
        <option value="json">JSON</option>
      </Choice>
      <label class="radio">
        <input
          type="checkbox"
          checked={identifiers.value}
          onChange={(event) => (identifiers.value = event.currentTarget.checked)}
        />
        {selection.identifiers}
      </label>
    </FormDialog>
  );
}

interface ReadAgainProps {
  chosen: readonly Pick<Study, "id" | "bundle">[];
  bundles: readonly string[];
  onClose: () => void;
}

/** Choose the bundle that reads studies again; those that cannot be read again are counted and explained. */
function ReadAgain({ chosen, bundles, onClose }: ReadAgainProps) {
  const { selection } = t.worklist;
  const before = new Set(chosen.map(({ bundle }) => bundle));
  const bundle = useSignal(bundles.find((one) => !before.has(one)) ?? bundles[0] ?? "");
  const form = useSubmit(async () => {
    const refusals: string[] = [];
    for (const { id } of chosen) {
      try {
        await readAgain(id, bundle.value);
      } catch (error) {
        refusals.push(problemText(failure(error)));
      }
    }
    const begun = chosen.length - refusals.length;
    if (begun > 0) notify(selection.againDone(begun, bundle.value));
    if (refusals.length > 0) notify(selection.againNot(refusals.length, [...new Set(refusals)].join(" ")), "error");
    clear();
    onClose();
    await load();
  });
  return (
    <FormDialog
      title={selection.againTitle(chosen.length)}
      action={selection.againConfirm}
      form={form}
      onClose={onClose}
    >
      <p>{selection.againText}</p>
      <Choice label={selection.bundle} value={bundle.value} onChange={(value) => (bundle.value = value)}>
        {bundles.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Choice>
    </FormDialog>
  );
}
