"""Storage commitment (PS3.4 annex J), both ways: this node commits itself to what it holds, and takes in what others report."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataset import Dataset
from pynetdicom import AE, build_role
from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.dicom.network import COMMITMENT, COMMITMENT_INSTANCE, client_tls
from osteon.clinic.dicom.receive.collect import Collector
from osteon.clinic.dicom.receive.connection import connection_of
from osteon.clinic.dicom.settings import Dicom, Peer
from osteon.clinic.store.database import Database
from osteon.clinic.store.faults import Fault, dump
from osteon.clinic.store.pacs import outbox, receipts
from osteon.core.errors import PeerError

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.events import Event

COMPLETE: Final = 1
INCOMPLETE: Final = 2
"""Types of the report: all instances are kept, or some are not."""

NO_SUCH_INSTANCE: Final = 0x0112
CLASS_CONFLICT: Final = 0x0119
_PROCESSING_FAILURE: Final = 0x0110
_PAUSES: Final = (0.2, 2.0, 10.0, 60.0)
_MOST: Final = 10_000

_log = logging.getLogger("osteon.clinic.dicom")

Instances = Sequence[tuple[str, str]]
"""Pairs of SOP class and SOPInstanceUID."""


class Commitments:
    """Answers requests and reports; safe to use from several threads at once.

    Args:
        settings: of the node.
        database: of the store.
        collector: knows what was received and no study has yet.
        happened: called for the metrics with the kind of event and the peer.
    """

    def __init__(
        self, settings: Dicom, database: Database, collector: Collector, happened: Callable[[str, str], None]
    ) -> None:
        self._settings = settings
        self._database = database
        self._collector = collector
        self._happened = happened
        self._pool = ThreadPoolExecutor(2, "osteon-commitment")
        self._stopping = False

    def stop(self) -> None:
        """Send no more reports: who misses one asks again."""
        self._stopping = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def reported(self, event: Event) -> tuple[int, Dataset | None]:
        """Take in the report of a destination (N-EVENT-REPORT)."""
        information = event.event_information
        done = {uid for _, uid in _pairs(information, "ReferencedSOPSequence")}
        failed: dict[str, Fault] = {}
        for item in list(information.get("FailedSOPSequence", None) or [])[:_MOST]:
            got = f"failure reason {int(item.get('FailureReason', 0) or 0):04x}"
            error = PeerError("the destination does not commit itself to an object", got=got)
            failed[str(item.get("ReferencedSOPInstanceUID", ""))] = dump(error)
        try:
            with self._database.session() as session:
                counts = outbox.report(session, str(information.get("TransactionUID", "")), done, failed)
        except SQLAlchemyError:
            return _PROCESSING_FAILURE, None  # it will be reported or asked for again
        for destination, count in counts.items():
            for _ in range(count):
                self._happened("committed", destination)
        return 0, None

    def asked(self, event: Event) -> tuple[int, Dataset | None]:
        """Answer a request for commitment (N-ACTION), and report soon after."""
        information = event.action_information
        transaction = str(information.get("TransactionUID", ""))
        wanted = _pairs(information, "ReferencedSOPSequence")
        if not transaction or not wanted or event.action_type != 1:
            return 0x0115, None
        caller = event.assoc.requestor.ae_title.strip()
        here = connection_of(event.assoc)
        address = here.address if here is not None else ""
        self._happened("commitment asked", caller)
        self._pool.submit(self._report, caller, address, event.assoc, transaction, wanted)
        return 0, None

    def judge(self, wanted: Instances) -> dict[str, int]:
        """Why this node does not commit itself to instances, by SOPInstanceUID; 0 where it does.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        with self._database.session() as session:
            there = receipts.present(session, [uid for _, uid in wanted])
        found: dict[str, int] = {}
        for sop_class, uid in wanted:
            kept = there.get(uid) or self._collector.has(uid)
            found[uid] = NO_SUCH_INSTANCE if kept is None else 0 if kept in ("", sop_class) else CLASS_CONFLICT
        return found

    def _report(self, caller: str, address: str, association: Association, transaction: str, wanted: Instances) -> None:
        peer = self._settings.peers.get(caller)
        for pause in _PAUSES:
            time.sleep(pause)
            if self._stopping:
                return
            try:
                report = _report(transaction, wanted, self.judge(wanted))
                sent = self._send(peer, caller, address, association, report)
            except (SQLAlchemyError, OSError, RuntimeError, ValueError, PeerError):
                sent = False
            if sent:
                return
        _log.warning("a commitment could not be reported", extra={"fields": {"peer": caller}})

    def _send(self, peer: Peer | None, caller: str, address: str, asking: Association, report: Dataset) -> bool:
        """Send a report, to where the peer listens, else on the association that asked; whether it was taken."""
        kind = INCOMPLETE if "FailedSOPSequence" in report else COMPLETE
        arguments = (report, kind, COMMITMENT, COMMITMENT_INSTANCE)
        if peer is None or peer.port is None:
            if not asking.is_established:
                return False
            status, _ = asking.send_n_event_report(*arguments)
            return bool(status) and status.Status == 0
        entity = AE(ae_title=self._settings.aet)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = self._settings.patience
        entity.add_requested_context(COMMITMENT)
        options: dict[str, Any] = {}
        host = peer.host or address
        if self._settings.tls:
            options["tls_args"] = (client_tls(self._settings), peer.certificate or host)
        role = build_role(COMMITMENT, scp_role=True)
        association = entity.associate(host, peer.port, ae_title=caller, ext_neg=[role], **options)
        if not association.is_established:
            return False
        try:
            status, _ = association.send_n_event_report(*arguments)
        finally:
            association.release()
        return bool(status) and status.Status == 0


def _pairs(information: Dataset, sequence: str) -> Instances:
    items = list(information.get(sequence, None) or [])[:_MOST]
    return [
        (str(item.get("ReferencedSOPClassUID", "")), str(item.get("ReferencedSOPInstanceUID", ""))) for item in items
    ]


def _report(transaction: str, wanted: Instances, judged: dict[str, int]) -> Dataset:
    report = Dataset()
    report.TransactionUID = transaction
    done: list[Dataset] = []
    failed: list[Dataset] = []
    for sop_class, uid in wanted:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
        if judged[uid]:
            item.FailureReason = judged[uid]
        (failed if judged[uid] else done).append(item)
    if done:
        report.ReferencedSOPSequence = done
    if failed:
        report.FailedSOPSequence = failed
    return report
