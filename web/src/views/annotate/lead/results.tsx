// Consensus by a rule, and snapshots.

import { useSignal } from "@preact/signals";
import { decideAll, fetchSnapshots, takeSnapshot } from "../../../api/annotation.ts";
import { urlOf } from "../../../api/http.ts";
import { useFetched, WhenFetched } from "../../../parts/fetched.tsx";
import { Choice, Field } from "../../../parts/forms/field.tsx";
import { Table } from "../../../parts/table.tsx";
import { attempt, notify } from "../../../state/notices.ts";
import { dateTime, t } from "../../../texts/index.ts";

const RULES = ["majority", "any", "all"] as const;

export function Results({ project, onChange }: { project: string; onChange: () => void }) {
  const { lead } = t.annotation;
  const rule = useSignal<(typeof RULES)[number]>("majority");
  const name = useSignal("");
  const snapshots = useFetched(() => fetchSnapshots(project));
  const take = async () => {
    await takeSnapshot(project, { name: name.value.trim(), rule: null });
    name.value = "";
    await snapshots.load();
  };
  const decide = async () => {
    const { decided } = await decideAll(project, rule.value);
    notify(lead.decided(decided));
    onChange();
  };
  return (
    <section class="part" aria-label={lead.results}>
      <h2>{lead.results}</h2>
      <div class="inline-form">
        <Choice
          label={lead.rule}
          value={rule.value}
          onChange={(value) => (rule.value = RULES.find((one) => one === value) ?? "majority")}
        >
          {RULES.map((one) => (
            <option key={one} value={one}>
              {lead.rules[one]}
            </option>
          ))}
        </Choice>
        <button type="button" onClick={() => void attempt(decide)}>
          {lead.decideAll}
        </button>
      </div>
      <div class="inline-form">
        <Field
          label={lead.snapshotName}
          value={name.value}
          onInput={(value) => (name.value = value)}
          required={false}
          maxlength={120}
        />
        <button type="button" onClick={() => void attempt(take)}>
          {lead.snapshot}
        </button>
      </div>
      <WhenFetched fetched={snapshots}>
        {(found) =>
          found.length === 0 ? null : (
            <Table
              name={lead.snapshots}
              columns={[lead.snapshots, lead.studies, ""]}
              rows={found.map((one) => ({
                key: one.id,
                cells: [
                  `${one.name} ${dateTime(one.created)}`.trim(),
                  lead.snapshotRow(one.studies, one.digest.slice(0, 12)),
                  <a
                    key="file"
                    download
                    href={urlOf("/api/v1/projects/{project}/snapshots/{snapshot}/file", {
                      path: { project, snapshot: one.id },
                    })}
                  >
                    {lead.download}
                  </a>,
                ],
              }))}
            />
          )
        }
      </WhenFetched>
    </section>
  );
}
