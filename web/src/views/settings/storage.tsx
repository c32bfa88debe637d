import { confirmClock, fetchStorage } from "../../api/storage.ts";
import type { Retention as RetentionFacts, Storage as Stored } from "../../api/types.ts";
import { size } from "../../logic/numbers.ts";
import { Alert } from "../../parts/alert.tsx";
import { Facts } from "../../parts/facts.tsx";
import { useFetched, WhenFetched } from "../../parts/fetched.tsx";
import { attempt, notify } from "../../state/notices.ts";
import { dateTime, t } from "../../texts/index.ts";

/** Space on the disk, what the store holds, and how long it is kept. */
export function Storage() {
  const fetched = useFetched(fetchStorage);
  return <WhenFetched fetched={fetched}>{(stored) => <Parts stored={stored} onChange={fetched.load} />}</WhenFetched>;
}

function Parts({ stored: { disk, held, retention }, onChange }: { stored: Stored; onChange: () => Promise<void> }) {
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
        {!disk.enough && <Alert text={storage.low(size(disk.needed))} />}
      </section>
      <Section
        title={storage.held}
        facts={[
          [storage.studies, String(held.studies)],
          [storage.versions, String(held.versions)],
          [storage.files, String(held.files)],
          [storage.size, size(held.bytes)],
          ...(held.database_bytes === null ? [] : [[storage.database, size(held.database_bytes)] as const]),
          [storage.oldest, held.oldest === null ? storage.none : dateTime(held.oldest)],
        ]}
      />
      <Retention retention={retention} onChange={onChange} />
    </>
  );
}

function Retention({ retention, onChange }: { retention: RetentionFacts; onChange: () => Promise<void> }) {
  const { storage } = t.settings;
  const confirm = async () => {
    if (await attempt(confirmClock)) notify(storage.confirmed);
    await onChange();
  };
  return (
    <>
      <Section
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
          <Alert text={storage.suspended(dateTime(retention.clock), dateTime(retention.expected))} />
          <button type="button" onClick={() => void confirm()}>
            {storage.confirm}
          </button>
        </>
      )}
    </>
  );
}

function Section({ title, facts }: { title: string; facts: readonly (readonly [name: string, value: string])[] }) {
  return (
    <section class="part">
      <h2>{title}</h2>
      <Facts narrow facts={facts} />
    </section>
  );
}
