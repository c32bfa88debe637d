import { confirmClock, fetchStorage } from "../../api/accounts.ts";
import type { Storage as Stored } from "../../api/types.ts";
import { size } from "../../logic/numbers.ts";
import { Busy } from "../../parts/busy.tsx";
import { Fault } from "../../parts/fault.tsx";
import { Icon } from "../../parts/icon.tsx";
import { attempt, notify } from "../../state/notices.ts";
import { exactly, t } from "../../texts/index.ts";
import { useAsked } from "./load.ts";

/** Room on the disk, what the store holds, and how long it is kept. */
export function Storage() {
  const { answer, problem, load } = useAsked(fetchStorage);
  if (answer.value === null) {
    return problem.value === null ? <Busy /> : <Fault problem={problem.value} onRetry={() => void load()} />;
  }
  const { disk, held, retention } = answer.value;
  const { storage } = t.settings;
  return (
    <>
      <section class="part" aria-labelledby="disk-title">
        <h2 id="disk-title">{storage.disk}</h2>
        <meter
          aria-labelledby="disk-title"
          min={0}
          max={disk.total}
          low={disk.needed * 4}
          high={disk.needed * 8}
          optimum={disk.total}
          value={disk.free}
        />
        <p>{storage.free(size(disk.free), size(disk.total))}</p>
        {!disk.enough && <Warning text={storage.low(size(disk.needed))} />}
      </section>
      <Facts
        title={storage.held}
        facts={[
          [storage.studies, String(held.studies)],
          [storage.versions, String(held.versions)],
          [storage.files, String(held.files)],
          [storage.size, size(held.bytes)],
          ...(held.database_bytes === null ? [] : [[storage.database, size(held.database_bytes)] as const]),
          [storage.oldest, held.oldest === null ? storage.none : exactly(held.oldest)],
        ]}
      />
      <Retention retention={retention} onChange={load} />
    </>
  );
}

function Retention({ retention, onChange }: { retention: Stored["retention"]; onChange: () => Promise<void> }) {
  const { storage } = t.settings;
  const confirm = async () => {
    if (await attempt(confirmClock)) notify(storage.confirmed);
    await onChange();
  };
  return (
    <>
      <Facts
        title={storage.retention}
        facts={[
          [storage.studyDays, retention.study_days === null ? storage.forever : storage.days(retention.study_days)],
          [storage.due, String(retention.due)],
          [storage.auditDays, storage.days(retention.audit_days)],
        ]}
      />
      <p class="help">{storage.setting}</p>
      {retention.suspended && (
        <>
          <Warning text={storage.suspended(exactly(retention.clock), exactly(retention.expected))} />
          <button type="button" onClick={() => void confirm()}>
            {storage.confirm}
          </button>
        </>
      )}
    </>
  );
}

function Facts({ title, facts }: { title: string; facts: readonly (readonly [name: string, value: string])[] }) {
  return (
    <section class="part">
      <h2>{title}</h2>
      <dl class="facts-list narrow">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Warning({ text }: { text: string }) {
  return (
    <div class="fault" role="alert">
      <Icon name="warning" />
      <p>{text}</p>
    </div>
  );
}
