import type { PeerTraffic } from "../../api/types.ts";
import { Table } from "../../parts/table.tsx";
import { t } from "../../texts/index.ts";
import { Connection } from "./connection.tsx";

/** Who sends, and how much. */
export function Peers({ peers }: { peers: readonly PeerTraffic[] }) {
  const { traffic: words } = t;
  return (
    <section>
      <h2>{words.peers}</h2>
      <p class="help">{words.peersHelp}</p>
      {peers.length === 0 ? (
        <p class="nothing">{words.noPeers}</p>
      ) : (
        <Table
          name={words.peers}
          columns={[
            words.peer,
            words.address,
            words.received,
            words.waiting,
            words.read,
            words.quarantined,
            words.connection,
          ]}
          rows={peers.map((peer) => ({
            key: peer.name,
            cells: [
              peer.name,
              peer.address === "" ? words.stow : peer.address,
              peer.received,
              peer.waiting,
              peer.read,
              <span key="held" class={peer.quarantined > 0 ? "alarm" : ""}>
                {peer.quarantined}
              </span>,
              peer.listens ? (
                <Connection key="test" name={peer.name} />
              ) : (
                <span key="calls" class="help">
                  {words.callsOnly}
                </span>
              ),
            ],
          }))}
        />
      )}
    </section>
  );
}
