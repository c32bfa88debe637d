"""What has passed and what waits, by peer and destination, counted in the database when it is asked for."""

from __future__ import annotations

from typing import Final

from osteon.clinic.dicom.node import Node
from osteon.clinic.store.database import Database
from osteon.clinic.store.pacs import receipts

STATES: Final = ("received", "waiting", "read", "quarantined")


def traffic(database: Database, node: Node) -> dict[str, dict[str, int]]:
    """Instances and results by state, of each peer and destination.

    Returns:
        By name: ``received`` (studies have them), ``waiting`` (acknowledged, for the rest of their study), ``read``,
        ``quarantined``; of destinations ``to send``, ``sent``, ``committed``, ``stuck``, ``held``.
    """
    with database.session() as session:
        found = receipts.counted(session)
    for peer, count in node.collector.waiting().items():
        found.setdefault(peer, {})["waiting"] = count
    for peer in node.settings.peers:
        found.setdefault(peer, {})
    return {peer: dict.fromkeys(STATES, 0) | counts for peer, counts in sorted(found.items())}
