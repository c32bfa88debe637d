import { useSignal } from "@preact/signals";
import { type Entry, fetchAudit } from "../api/accounts.ts";
import { Busy } from "../parts/busy.tsx";
import { Fault } from "../parts/fault.tsx";
import { exactly, t } from "../texts/index.ts";
import { useAsked } from "./asked.ts";

/** Who did what. */
export function Audit() {
  const { audit } = t.settings;
  const { answer, problem, load } = useAsked(() => fetchAudit());
  const earlier = useSignal<readonly Entry[]>([]);
  const next = useSignal<number | null | undefined>(undefined);
  if (answer.value === null)
    return problem.value === null ? <Busy /> : <Fault problem={problem.value} onRetry={load} />;
  const before = next.value === undefined ? answer.value.next : next.value;
  const more = async () => {
    if (before === null) return;
    const page = await fetchAudit(before);
    earlier.value = [...earlier.value, ...page.items];
    next.value = page.next;
  };
  return (
    <>
      <p class="help">{audit.lead}</p>
      <div class="table-place" tabIndex={0} role="region" aria-label={t.settings.pages.audit}>
        <table>
          <thead>
            <tr>
              <th scope="col">{audit.when}</th>
              <th scope="col">{audit.who}</th>
              <th scope="col">{audit.did}</th>
              <th scope="col">{audit.subject}</th>
              <th scope="col">{audit.from}</th>
              <th scope="col">{audit.result}</th>
            </tr>
          </thead>
          <tbody>
            {[...answer.value.items, ...earlier.value].map((entry) => (
              <tr key={entry.id}>
                <td>{exactly(entry.time)}</td>
                <td>{entry.person === "" ? "–" : entry.person}</td>
                <td>{entry.action}</td>
                <td class="subject">{entry.subject}</td>
                <td>{entry.address}</td>
                <td>{entry.result}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {before !== null && (
        <button type="button" class="more" onClick={() => void more()}>
          {audit.more}
        </button>
      )}
    </>
  );
}
