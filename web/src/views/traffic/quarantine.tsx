import { useSignal } from "@preact/signals";
import { deleteInstance, releaseInstance } from "../../api/traffic.ts";
import type { PeerTraffic, Quarantined, Reason } from "../../api/types.ts";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { Choice } from "../../parts/forms/field.tsx";
import { Table } from "../../parts/table.tsx";
import {
  filterQuarantine,
  moreImages,
  NO_QUARANTINE_FILTER,
  quarantine,
  quarantineFilter,
  settle,
  showMoreImages,
} from "../../state/traffic.ts";
import { dateTime, t } from "../../texts/index.ts";

interface Asked {
  image: Quarantined;
  what: "release" | "delete";
}

/** Images that are held back, and why. */
export function Quarantine({ peers }: { peers: readonly PeerTraffic[] }) {
  const asked = useSignal<Asked | null>(null);
  const { traffic: words } = t;
  const images = quarantine.value?.instances ?? [];
  const filtered = quarantineFilter.value.peer !== "" || quarantineFilter.value.reason !== "";
  return (
    <section>
      <h2>{words.quarantine}</h2>
      <p class="help">{words.quarantineHelp}</p>
      {(images.length > 0 || filtered) && <Filters peers={peers} filtered={filtered} />}
      {images.length === 0 ? (
        <p class="nothing">{filtered ? words.noneHeldSo : words.noneHeld}</p>
      ) : (
        <Table
          name={words.quarantine}
          columns={[words.peer, words.reason, words.time, words.study, words.instance, words.actions]}
          rows={images.map((image) => ({
            key: String(image.id),
            cells: [
              image.peer,
              <span key="reason" class="reason">
                {words.reasons[image.reason]}
              </span>,
              dateTime(image.received),
              <Uid key="study" uid={image.study_uid} />,
              <Uid key="instance" uid={image.instance} />,
              <span key="actions" class="row-actions">
                <button
                  type="button"
                  class="quiet"
                  aria-label={words.releaseImageOf(image.id)}
                  onClick={() => (asked.value = { image, what: "release" })}
                >
                  {words.releaseImage}
                </button>
                <button
                  type="button"
                  class="quiet danger"
                  aria-label={words.deleteImageOf(image.id)}
                  onClick={() => (asked.value = { image, what: "delete" })}
                >
                  {words.deleteImage}
                </button>
              </span>,
            ],
          }))}
        />
      )}
      {moreImages() && (
        <button type="button" class="more" onClick={showMoreImages}>
          {words.more}
        </button>
      )}
      {asked.value !== null && <Question asked={asked.value} onClose={() => (asked.value = null)} />}
    </section>
  );
}

const SHOWN = 14; // digits: the first ones are those of whoever gave the UID

function Uid({ uid }: { uid: string }) {
  const text = uid.length > SHOWN ? `…${uid.slice(-SHOWN)}` : uid;
  return (
    <span class="subject" title={uid}>
      {text === "" ? "–" : text}
    </span>
  );
}

function Filters({ peers, filtered }: { peers: readonly PeerTraffic[]; filtered: boolean }) {
  const { traffic: words } = t;
  const reasons = Object.keys(words.reasons) as Reason[];
  return (
    <div class="filter" role="group" aria-label={words.filter}>
      <Choice
        label={words.reason}
        value={quarantineFilter.value.reason}
        onChange={(value) => filterQuarantine({ reason: reasons.find((reason) => reason === value) ?? "" })}
      >
        <option value="">{words.anyReason}</option>
        {reasons.map((reason) => (
          <option key={reason} value={reason}>
            {words.reasons[reason]}
          </option>
        ))}
      </Choice>
      <Choice label={words.peer} value={quarantineFilter.value.peer} onChange={(peer) => filterQuarantine({ peer })}>
        <option value="">{words.anyPeer}</option>
        {peers.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Choice>
      {filtered && (
        <button type="button" class="quiet" onClick={() => filterQuarantine(NO_QUARANTINE_FILTER)}>
          {words.clear}
        </button>
      )}
    </div>
  );
}

function Question({ asked: { image, what }, onClose }: { asked: Asked; onClose: () => void }) {
  const { traffic: words } = t;
  const release = what === "release";
  const work = () =>
    release
      ? settle(() => releaseInstance(image.id), words.released)
      : settle(() => deleteInstance(image.id), words.deleted);
  return (
    <Confirm
      title={release ? words.releaseTitle(image.id) : words.deleteTitle(image.id)}
      action={release ? words.releaseImage : words.deleteImage}
      work={work}
      onClose={onClose}
    >
      <p>{words.reasons[image.reason]}.</p>
      <p>{release ? words.releaseText : words.deleteText}</p>
    </Confirm>
  );
}
