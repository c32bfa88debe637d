import type { DeliveryAction, DestinationTraffic } from "../../api/types.ts";
import { Table } from "../../parts/table.tsx";
import { change } from "../../state/traffic.ts";
import { dateTime, t } from "../../texts/index.ts";
import { Connection } from "./connection.tsx";

/** Who gets results, reports of readers and notices, and how far these have come. */
export function Destinations({ destinations }: { destinations: readonly DestinationTraffic[] }) {
  const { traffic: words } = t;
  return (
    <section>
      <h2>{words.destinations}</h2>
      <p class="help">{words.destinationsHelp}</p>
      {destinations.length === 0 ? (
        <p class="nothing">{words.noDestinations}</p>
      ) : (
        <Table
          name={words.destinations}
          columns={[
            words.destination,
            words.toSend,
            words.sent,
            words.committed,
            words.stuck,
            words.held,
            words.connection,
            words.actions,
          ]}
          rows={destinations.map((to) => ({
            key: to.name,
            class: to.way === "gone" ? "off" : "",
            cells: [
              <Place key="place" to={to} />,
              to.to_send,
              to.sent,
              to.committed,
              <span key="stuck" class={to.stuck > 0 ? "alarm" : ""}>
                {to.stuck}
              </span>,
              to.held,
              to.way === "gone" ? "" : <Connection key="test" name={to.name} />,
              <Actions key="actions" to={to} />,
            ],
          }))}
        />
      )}
    </section>
  );
}

function Place({ to }: { to: DestinationTraffic }) {
  const { traffic: words } = t;
  const facts = [
    words.way[to.way],
    to.address,
    to.way === "gone" ? "" : to.secure ? words.secure : words.plain,
    words.readers[to.readers],
  ];
  return (
    <span class="place">
      {to.name}
      <span class="help">{facts.filter((fact) => fact !== "").join(", ")}</span>
      {to.problem !== "" && <span class="problem">{to.problem}</span>}
      {to.problem !== "" && to.oldest !== null && <span class="help">{words.waitingSince(dateTime(to.oldest))}</span>}
    </span>
  );
}

/** What can be done with all objects of a destination now. */
function Actions({ to }: { to: DestinationTraffic }) {
  const { traffic: words } = t;
  const button = (action: DeliveryAction, states: readonly ("waiting" | "stuck" | "held")[]) => (
    <button
      type="button"
      class="quiet"
      aria-label={words.allTo[action](to.name)}
      onClick={() => void change(action, { destination: to.name, states: [...states] })}
    >
      {words.action[action]}
    </button>
  );
  if (to.stuck + to.to_send + to.held === 0) return null;
  return (
    <span class="row-actions">
      {to.stuck > 0 && button("resend", ["stuck"])}
      {to.to_send + to.stuck > 0 && button("hold", ["waiting", "stuck"])}
      {to.held > 0 && button("release", ["held"])}
    </span>
  );
}
