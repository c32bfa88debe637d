"""What has passed and what waits, by peer and destination, counted in the database when it is asked for."""

from __future__ import annotations

from typing import Final

from osteon.clinic.dicom.node import Node
from osteon.clinic.store.database import Database
from osteon.clinic.store.pacs import orders, receipts
from osteon.clinic.store.tables.pacs import DeliveryState

RECEIVING: Final = ("received", "waiting", "read", "quarantined")
"""Counts of each peer: instances that studies have; that wait for the rest of their study; that are read; that are held."""

DELIVERING: Final = ("to send", "sent", "committed", "stuck", "held")
"""Counts of each destination: objects that are to be sent; accepted and not committed to yet; done; not delivered for too long;
held back by somebody."""

_WORDS: Final = {
    DeliveryState.WAITING: "to send",
    DeliveryState.SENT: "sent",
    DeliveryState.DONE: "committed",
    DeliveryState.STUCK: "stuck",
    DeliveryState.HELD: "held",
}


def received(database: Database, node: Node) -> dict[str, dict[str, int]]:
    """Instances of each peer, by ``RECEIVING``."""
    with database.session() as session:
        found = receipts.counted(session)
    for peer, count in node.collector.waiting().items():
        found.setdefault(peer, {})["waiting"] = count
    for peer in node.settings.peers:
        found.setdefault(peer, {})
    return {peer: dict.fromkeys(RECEIVING, 0) | counts for peer, counts in sorted(found.items())}


def delivered(database: Database, node: Node) -> dict[str, dict[str, int]]:
    """Objects of each destination and webhook, by ``DELIVERING``."""
    with database.session() as session:
        counts = orders.counted(session)
    names = sorted({*counts, *node.senders})
    return {name: {word: counts.get(name, {}).get(state, 0) for state, word in _WORDS.items()} for name in names}
