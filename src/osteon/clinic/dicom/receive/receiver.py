"""Receiving an instance, by C-STORE or STOW-RS: it is on the disk before it is acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from osteon.clinic.dicom.receive.collect import Collector
from osteon.clinic.dicom.receive.facts import Facts, read_facts
from osteon.clinic.dicom.receive.known import Kept
from osteon.clinic.store.draft import Draft
from osteon.clinic.store.incoming import Incoming
from osteon.clinic.store.upkeep.space import NoSpaceError
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, OsteonError, StoreError

SUCCESS: Final = 0x0000
OUT_OF_RESOURCES: Final = 0xA700
MISMATCH: Final = 0xA900
CANNOT_UNDERSTAND: Final = 0xC000
OTHER_CONTENT: Final = 0xC111
TOO_LARGE: Final = 0xC112

_log = logging.getLogger("osteon.clinic.dicom")


class Receiver:
    """Keeps what comes in, over DIMSE or HTTP.

    Args:
        incoming: of the store.
        collector: takes what is kept.
        require_room: raises where there is no room on the disk, or the store is another server's.
        happened: called for the metrics with the kind of event and the peer.
    """

    def __init__(
        self,
        incoming: Incoming,
        collector: Collector,
        require_room: Callable[[], object],
        happened: Callable[[str, str], None],
    ) -> None:
        self._incoming = incoming
        self._collector = collector
        self._require_room = require_room
        self._happened = happened

    def keep(
        self, draft: Draft, sender: str, sop_class: str = "", instance: str = "", study: str = ""
    ) -> tuple[int, Facts]:
        """Keep an instance that came whole.

        Args:
            draft: on the disk; it is kept or removed.
            sender: AE title, or ``key:NAME``.
            sop_class: that its sender announced; empty where it did not.
            instance: likewise.
            study: StudyInstanceUID, likewise.

        Returns:
            A status of C-STORE (PS3.4 annex B.2.3), 0 where it is kept, and what its header says.
        """
        facts = Facts()
        try:
            if draft.failure is not None:
                raise draft.failure
            self._require_room()
            draft.flush_out()
            facts = read_facts(draft.path)
            if not facts.study or not facts.instance or not facts.sop_class:
                raise InputError(FaultCode.INSTANCE_UNIDENTIFIED)
            stated = (sop_class or facts.sop_class, instance or facts.instance, study or facts.study)
            if stated != (facts.sop_class, facts.instance, facts.study):
                draft.discard()
                return self._told(MISMATCH, sender), facts
            outcome = self._collector.offer(self._incoming.keep(draft, sender), facts)
        except (NoSpaceError, StoreError):
            draft.discard()
            return self._told(OUT_OF_RESOURCES, sender), facts
        except (OsteonError, OSError) as error:
            draft.discard()
            return self._told(TOO_LARGE if draft.failure is error else CANNOT_UNDERSTAND, sender), facts
        return self._told(OTHER_CONTENT if outcome is Kept.HELD else SUCCESS, sender), facts

    def _told(self, status: int, sender: str) -> int:
        self._happened("received" if status == SUCCESS else f"refused-{status:04x}", sender)
        if status not in (SUCCESS, OTHER_CONTENT):
            fields = {"peer": sender, "status": f"{status:04x}", "reason": WORDS[status]}
            _log.warning("an instance was refused", extra={"fields": fields})
        return status


WORDS: Final = {
    SUCCESS: "kept",
    OUT_OF_RESOURCES: "no room on the disk: send it again later",
    MISMATCH: "SOP class or instance differ from those announced",
    CANNOT_UNDERSTAND: "no whole DICOM instance of a study",
    OTHER_CONTENT: "other content is here under this SOP instance UID",
    TOO_LARGE: "larger than this node accepts",
}
"""What a status means, for the peer's log; at most 64 letters."""
