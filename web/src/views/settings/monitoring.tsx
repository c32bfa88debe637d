import { fetchMonitoring, lookForDrift, MONITORING_REPORT } from "../../api/monitoring.ts";
import type { Monitoring as Found } from "../../api/types.ts";
import { Alert } from "../../parts/alert.tsx";
import { Facts } from "../../parts/facts.tsx";
import { useFetched, WhenFetched } from "../../parts/fetched.tsx";
import { attempt } from "../../state/notices.ts";
import { dateTime, t } from "../../texts/index.ts";
import { Registry } from "./registry.tsx";

type Watched = NonNullable<Found["watched"]>;
type Alarm = Watched["alarms"][number];

/** What has changed in what is read, since when, how sure that is, and what to do. */
export function Monitoring() {
  const fetched = useFetched(fetchMonitoring);
  const { monitoring } = t.settings;
  const look = async () => {
    await attempt(lookForDrift);
    await fetched.load();
  };
  return (
    <>
      <p class="help">{monitoring.lead}</p>
      <WhenFetched fetched={fetched}>{(found) => <Result found={found} />}</WhenFetched>
      <p>
        <button type="button" onClick={() => void look()}>
          {monitoring.look}
        </button>
      </p>
      <Registry />
    </>
  );
}

function Result({ found }: { found: Found }) {
  const { monitoring } = t.settings;
  const { watched } = found;
  return (
    <>
      {watched === null ? (
        <p class="strong">
          {found.looked === null ? monitoring.notYet : monitoring.learning(found.studies, found.needed)}
        </p>
      ) : (
        <Changes watched={watched} />
      )}
      <Facts
        narrow
        facts={[
          [monitoring.bundle, found.bundle],
          [monitoring.looked, found.looked === null ? monitoring.never : dateTime(found.looked)],
          ...(watched === null ? [] : facts(watched)),
        ]}
      />
      {watched !== null && (
        <>
          <p class="help">{monitoring.sure(watched.streams, watched.level)}</p>
          <a class="button" href={MONITORING_REPORT} target="_blank" rel="noreferrer">
            {monitoring.report}
          </a>
        </>
      )}
    </>
  );
}

function facts(watched: Watched) {
  const { monitoring } = t.settings;
  const { studies, first, last, reference, reference_studies, learnt_first, learnt_last, agreement } = watched;
  const share = agreement.share;
  return [
    [monitoring.studies, monitoring.between(studies, first, last)],
    [monitoring.comparedWith, monitoring.reference(reference_studies, reference, learnt_first, learnt_last)],
    [
      monitoring.agreement,
      share === null ? monitoring.noAnswers : monitoring.agreed(share.value, share.low, share.high, agreement.answered),
    ],
  ] as const;
}

function Changes({ watched }: { watched: Watched }) {
  const { monitoring } = t.settings;
  if (watched.alarms.length === 0) return <p class="strong">{monitoring.quiet}</p>;
  const advice = [...new Set(watched.alarms.map((alarm) => alarm.advice))];
  return (
    <>
      <Alert text={monitoring.changed(watched.alarms.map((alarm) => alarm.since).sort()[0] ?? "")} />
      {watched.alarms.map((alarm) => (
        <Change key={alarm.stream} alarm={alarm} />
      ))}
      <section class="part">
        <h2>{monitoring.todo}</h2>
        {advice.map((code) => (
          <p key={code}>{monitoring.advice[code]}</p>
        ))}
      </section>
    </>
  );
}

function Change({ alarm }: { alarm: Alarm }) {
  const { monitoring } = t.settings;
  const words = monitoring.change(alarm);
  return (
    <section class="part">
      <h2>{words}</h2>
      <Curve weeks={alarm.weeks} before={alarm.before.value} label={words} />
      <p>
        {monitoring.since(alarm.since, alarm.day)} {monitoring.certainty(alarm)}
      </p>
    </section>
  );
}

const WIDTH = 480;
const HEIGHT = 90;

/** The share by week as a line; dashed: what was usual. */
function Curve({ weeks, before, label }: { weeks: Alarm["weeks"]; before: number; label: string }) {
  const shares = weeks.flatMap(([hits, cases], week) => (cases > 0 ? [{ week, share: hits / cases }] : []));
  const most = Math.max(before, ...shares.map(({ share }) => share), 0.01) * 1.1;
  const x = (week: number) => ((week + 0.5) / Math.max(1, weeks.length)) * WIDTH;
  const y = (share: number) => HEIGHT - (share / most) * (HEIGHT - 4) - 2;
  return (
    <svg class="curve" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <line x1={0} x2={WIDTH} y1={y(before)} y2={y(before)} class="usual" />
      <polyline points={shares.map(({ week, share }) => `${x(week)},${y(share)}`).join(" ")} />
    </svg>
  );
}
