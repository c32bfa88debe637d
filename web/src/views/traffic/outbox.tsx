import type { DeliveredObject, DeliveryAction, DeliveryState, DestinationTraffic } from "../../api/types.ts";
import { Choice } from "../../parts/forms/field.tsx";
import { Table } from "../../parts/table.tsx";
import { address } from "../../state/route.ts";
import {
  change,
  deliveries,
  filterOutbox,
  moreObjects,
  NO_OUTBOX_FILTER,
  outboxFilter,
  showMoreObjects,
} from "../../state/traffic.ts";
import { dateTime, t } from "../../texts/index.ts";

const STATES: readonly DeliveryState[] = ["waiting", "sent", "done", "stuck", "held"];
const ACTIONS: Readonly<Record<DeliveryState, readonly DeliveryAction[]>> = {
  waiting: ["resend", "hold"],
  sent: ["resend"],
  done: ["resend"],
  stuck: ["resend", "hold"],
  held: ["release"],
  unwanted: [],
};

/** Objects on their way, and those that have arrived. */
export function Outbox({ destinations }: { destinations: readonly DestinationTraffic[] }) {
  const { traffic: words } = t;
  const objects = deliveries.value?.objects ?? [];
  const filtered = Object.values(outboxFilter.value).some((value) => value !== "");
  if (destinations.length === 0) return null;
  return (
    <section>
      <h2 id="outbox-title">{words.outbox}</h2>
      <p class="help">{words.outboxHelp}</p>
      {(objects.length > 0 || filtered) && <Filters destinations={destinations} filtered={filtered} />}
      {objects.length === 0 ? (
        <p class="nothing">{filtered ? words.noObjectsSo : words.noObjects}</p>
      ) : (
        <Table
          name={words.outbox}
          columns={[words.object, words.destination, words.state, words.moment, words.problem, words.actions]}
          rows={objects.map((object) => ({
            key: String(object.id),
            class: object.state === "stuck" ? "stuck" : "",
            cells: [
              <a key="study" href={address({ view: "study", id: object.study })} title={words.ofStudy}>
                {words.objects[object.output] ?? object.output} {object.id}
              </a>,
              object.destination,
              <span key="state" class={object.state === "stuck" ? "alarm" : ""}>
                {words.states[object.state]}
              </span>,
              dateTime(object.settled ?? object.sent ?? object.created),
              object.problem === "" ? "" : <Problem key="problem" object={object} />,
              <Actions key="actions" object={object} />,
            ],
          }))}
        />
      )}
      {moreObjects() && (
        <button type="button" class="more" onClick={showMoreObjects}>
          {words.more}
        </button>
      )}
    </section>
  );
}

function Problem({ object }: { object: DeliveredObject }) {
  const { traffic: words } = t;
  const tried = object.state === "waiting" || object.state === "stuck";
  return (
    <span class="problem">
      {object.problem}
      <span class="help">
        {words.attempts(object.attempts)}
        {tried && `. ${words.next(dateTime(object.due))}`}
      </span>
    </span>
  );
}

function Actions({ object }: { object: DeliveredObject }) {
  const { traffic: words } = t;
  return (
    <span class="row-actions">
      {ACTIONS[object.state].map((action) => (
        <button
          key={action}
          type="button"
          class="quiet"
          aria-label={words.actionOf[action](object.id)}
          onClick={() => void change(action, { ids: [object.id] })}
        >
          {words.action[action]}
        </button>
      ))}
    </span>
  );
}

function Filters({ destinations, filtered }: { destinations: readonly DestinationTraffic[]; filtered: boolean }) {
  const { traffic: words } = t;
  const { destination, state, output } = outboxFilter.value;
  return (
    <div class="filter" role="group" aria-label={words.filter}>
      <Choice label={words.destination} value={destination} onChange={(value) => filterOutbox({ destination: value })}>
        <option value="">{words.anyDestination}</option>
        {destinations.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice
        label={words.state}
        value={state}
        onChange={(value) => filterOutbox({ state: STATES.find((one) => one === value) ?? "" })}
      >
        <option value="">{words.anyState}</option>
        {STATES.map((one) => (
          <option key={one} value={one}>
            {words.states[one]}
          </option>
        ))}
      </Choice>
      <Choice label={words.object} value={output} onChange={(value) => filterOutbox({ output: value })}>
        <option value="">{words.anyObject}</option>
        {Object.entries(words.objects).map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </Choice>
      {filtered && (
        <button type="button" class="quiet" onClick={() => filterOutbox(NO_OUTBOX_FILTER)}>
          {words.clear}
        </button>
      )}
    </div>
  );
}
