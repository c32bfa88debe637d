import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type AuditSearch, auditUrl, fetchAudit } from "../../api/audit.ts";
import type { AuditEntry, Problem } from "../../api/types.ts";
import { dayBounds } from "../../logic/query.ts";
import { ProblemAlert } from "../../parts/alert.tsx";
import { Busy } from "../../parts/busy.tsx";
import { Choice, Field } from "../../parts/forms/field.tsx";
import { Table } from "../../parts/table.tsx";
import { failure } from "../../state/notices.ts";
import { dateTimeWithSeconds, t } from "../../texts/index.ts";

const NOTHING: AuditSearch = { person: "", action: "", subject: "", result: "", since: "", until: "" };
const RESULTS = ["done", "refused", "failed"] as const;

/** Who did what. */
export function Audit() {
  const { audit } = t.settings;
  const search = useSignal(NOTHING);
  const entries = useSignal<readonly AuditEntry[] | null>(null);
  const next = useSignal<number | null>(null);
  const problem = useSignal<Problem | null>(null);
  const load = async (wanted: AuditSearch, before: number | null = null) => {
    try {
      const page = await fetchAudit(wanted, before);
      if (search.value !== wanted) return; // there is a newer search
      entries.value = before === null ? page.items : [...(entries.value ?? []), ...page.items];
      next.value = page.next;
      problem.value = null;
    } catch (error) {
      problem.value = failure(error);
    }
  };
  const find = (wanted: AuditSearch) => {
    search.value = wanted;
    void load(wanted);
  };
  useEffect(() => find(NOTHING), []);
  return (
    <>
      <p class="help">{audit.lead}</p>
      <Search onSearch={find} />
      {problem.value !== null && <ProblemAlert problem={problem.value} onRetry={() => void load(search.value)} />}
      {entries.value === null && problem.value === null && <Busy />}
      {entries.value?.length === 0 && <p class="nothing">{audit.nothing}</p>}
      {entries.value !== null && entries.value.length > 0 && <Entries entries={entries.value} />}
      {next.value !== null && (
        <button type="button" class="more" onClick={() => void load(search.value, next.value)}>
          {audit.more}
        </button>
      )}
      <a class="button" href={auditUrl(search.value)} download>
        {audit.export}
      </a>
    </>
  );
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  const { audit } = t.settings;
  return (
    <Table
      name={t.settings.pages.audit}
      columns={[audit.when, audit.who, audit.did, audit.subject, audit.from, audit.result]}
      rows={entries.map((entry) => {
        const others = entry.detail === "" ? 0 : entry.detail.split(" ").length;
        return {
          key: String(entry.id),
          class: entry.result === "done" ? "" : "refused",
          cells: [
            dateTimeWithSeconds(entry.time),
            entry.person === "" ? "–" : entry.person,
            entry.action,
            <span key="subject" class="subject" title={`${entry.subject} ${entry.detail}`}>
              {entry.subject} {others > 0 && <span class="help">{audit.others(others)}</span>}
            </span>,
            entry.address,
            entry.result,
          ],
        };
      })}
    />
  );
}

function Search({ onSearch }: { onSearch: (search: AuditSearch) => void }) {
  const { audit } = t.settings;
  const fields = useSignal({ ...NOTHING, from: "", to: "" });
  const set = (change: Partial<typeof fields.value>) => {
    fields.value = { ...fields.value, ...change };
  };
  const field = (name: "person" | "action" | "subject", label: string) => (
    <Field label={label} value={fields.value[name]} onInput={(value) => set({ [name]: value })} required={false} />
  );
  const day = (name: "from" | "to", label: string) => (
    <label class="field">
      <span class="label">{label}</span>
      <input type="date" value={fields.value[name]} onChange={(event) => set({ [name]: event.currentTarget.value })} />
    </label>
  );
  return (
    <form
      class="search-form"
      role="search"
      aria-label={audit.search}
      onSubmit={(event) => {
        event.preventDefault();
        const { from, to, ...others } = fields.value;
        const [since, until] = dayBounds(from, to);
        onSearch({ ...others, since: since?.toISOString() ?? "", until: until?.toISOString() ?? "" });
      }}
    >
      {field("person", audit.person)}
      {field("action", audit.action)}
      {field("subject", audit.subjectField)}
      <Choice
        label={audit.result}
        value={fields.value.result}
        onChange={(value) => set({ result: RESULTS.find((one) => one === value) ?? "" })}
      >
        <option value="">{audit.anyResult}</option>
        {RESULTS.map((result) => (
          <option key={result} value={result}>
            {audit.results[result]}
          </option>
        ))}
      </Choice>
      {day("from", audit.since)}
      {day("to", audit.until)}
      <button type="submit" class="primary">
        {audit.submit}
      </button>
    </form>
  );
}
