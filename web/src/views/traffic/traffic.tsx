// What comes in over DICOM, what goes out, and what stands still.

import { useEffect } from "preact/hooks";
import type { Traffic as TrafficState } from "../../api/types.ts";
import { ProblemAlert } from "../../parts/alert.tsx";
import { Busy } from "../../parts/busy.tsx";
import { may } from "../../state/session.ts";
import { follow, load, problem, traffic } from "../../state/traffic.ts";
import { t } from "../../texts/index.ts";
import { Destinations } from "./destinations.tsx";
import { Outbox } from "./outbox.tsx";
import { Peers } from "./peers.tsx";
import { Quarantine } from "./quarantine.tsx";
import "../../styles/settings.css";
import "../../styles/traffic.css";

export default function Traffic() {
  const allowed = may("administrator");
  useEffect(() => {
    document.title = t.title(t.traffic.title);
    return allowed ? follow() : undefined;
  }, []);
  const now = traffic.value;
  return (
    <main id="content" tabIndex={-1} class="traffic">
      <h1>{t.traffic.title}</h1>
      {!allowed && <p class="nothing">{t.traffic.denied}</p>}
      {problem.value !== null && <ProblemAlert problem={problem.value} onRetry={() => void load()} />}
      {now !== null ? <Parts now={now} /> : allowed && problem.value === null && <Busy />}
    </main>
  );
}

function Parts({ now }: { now: TrafficState }) {
  const { traffic: words } = t;
  const listens = now.listening && now.port !== null;
  if (!listens && now.peers.length === 0 && now.destinations.length === 0) {
    return (
      <div class="nothing">
        <p>{words.none}</p>
        <p class="help">{words.noneHelp}</p>
      </div>
    );
  }
  return (
    <>
      <p class={`listening ${listens ? "on" : "off"}`}>
        {listens ? words.listens(now.aet, now.port ?? 0) : words.silent(now.aet)}
      </p>
      <Counts now={now} />
      <Destinations destinations={now.destinations} />
      <Peers peers={now.peers} />
      <Quarantine peers={now.peers} />
      <Outbox destinations={now.destinations} />
    </>
  );
}

/** Sums over all peers and destinations; what asks for attention stands out. */
function Counts({ now }: { now: TrafficState }) {
  const { count } = t.traffic;
  const of = <Row,>(rows: readonly Row[], value: (row: Row) => number) =>
    rows.reduce((total, row) => total + value(row), 0);
  const counts: readonly (readonly [name: string, value: number, alarm?: boolean])[] = [
    [count.received, of(now.peers, (peer) => peer.received)],
    [count.waiting, of(now.peers, (peer) => peer.waiting)],
    [count.read, of(now.peers, (peer) => peer.read)],
    [count.quarantined, of(now.peers, (peer) => peer.quarantined), true],
    [count.toSend, of(now.destinations, (to) => to.to_send)],
    [count.sent, of(now.destinations, (to) => to.sent)],
    [count.committed, of(now.destinations, (to) => to.committed)],
    [count.stuck, of(now.destinations, (to) => to.stuck), true],
    ...(now.destinations.some((to) => to.readers !== "none") ? ([[count.reports, now.reports.pending]] as const) : []),
  ];
  return (
    <dl class="counts" aria-label={t.traffic.counts}>
      {counts.map(([name, value, alarm]) => (
        <div key={name} class={alarm && value > 0 ? "alarm" : ""}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
