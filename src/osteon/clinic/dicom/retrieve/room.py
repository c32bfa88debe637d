"""The reading room as the place where fetched images go: they are kept and read as all others are."""

from __future__ import annotations

from collections.abc import Collection

from osteon.clinic.dicom.receive.collect import Collector
from osteon.clinic.dicom.receive.receiver import OUT_OF_RESOURCES, Receiver
from osteon.clinic.store.database import Database
from osteon.clinic.store.draft import Draft
from osteon.clinic.store.incoming import Incoming
from osteon.clinic.store.pacs import receipts
from osteon.clinic.store.upkeep.space import NoSpaceError
from osteon.core.errors import OsteonError


class RoomSink:
    """Takes images into the reading room.

    Args:
        incoming: of the store.
        receiver: keeps what comes in.
        collector: knows what was received and no study has yet.
        database: of the store.
        sender: under which they are counted, and rules know them.
        most: bytes that an image may have.
    """

    def __init__(
        self,
        incoming: Incoming,
        receiver: Receiver,
        collector: Collector,
        database: Database,
        sender: str,
        most: int,
    ) -> None:
        self.failure: OsteonError | None = None
        self._incoming = incoming
        self._receiver = receiver
        self._collector = collector
        self._database = database
        self._sender = sender
        self._most = most

    def draft(self) -> Draft:
        """Begin to take an image."""
        return self._incoming.draft(self._most)

    def keep(self, draft: Draft, sop_class: str = "", instance: str = "", study: str = "") -> int:
        """Keep an image that came whole, or remove it."""
        status, _ = self._receiver.keep(draft, self._sender, sop_class, instance, study)
        if status == OUT_OF_RESOURCES:
            self.failure = NoSpaceError("there is no room in the store", hint="Free disk space, and fetch again.")
        return status

    def here(self, instances: Collection[str]) -> set[str]:
        """Those that a study has, that wait for their study, or that are held back."""
        with self._database.session() as session:
            found = {*receipts.present(session, instances), *receipts.held_of(session, instances)}
        return found | {one for one in instances if one not in found and self._collector.has(one) is not None}
