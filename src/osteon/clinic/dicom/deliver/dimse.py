"""Carries objects by C-STORE, and asks for storage commitment."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataset import Dataset
from pydicom.filereader import read_file_meta_info
from pynetdicom import AE, evt
from pynetdicom.association import Association

from osteon.clinic.dicom.checks.association import require_association
from osteon.clinic.dicom.checks.connection import connect, shake_hands
from osteon.clinic.dicom.checks.outcome import CheckError, Deadline, Outcome, Step, try_steps
from osteon.clinic.dicom.deliver.transport import Load, Sent
from osteon.clinic.dicom.network import COMMITMENT, COMMITMENT_INSTANCE, PDU, VERIFICATION, client_tls
from osteon.clinic.dicom.settings import Destination, Dicom
from osteon.clinic.store.pacs.outbox import Parcel
from osteon.core.codes.check import CheckCause, CheckStep
from osteon.core.errors import PeerError

if TYPE_CHECKING:
    from pynetdicom.events import Event

WAIT: Final = 1.0
"""Seconds to wait for a report on the association of the request; most destinations report on one of their own."""

_SUCCESS: Final = 0x0000
_WARNINGS: Final = frozenset({0xB000, 0xB006, 0xB007})
_REFUSED: Final = frozenset({0x0122, 0x0124})


Reported = Callable[["Event"], tuple[int, Dataset | None]]
"""Takes a report in, and answers it."""


class DimseTransport:
    """Carries objects to an application entity.

    Args:
        settings: of the node.
        destination: with AE title, host and port.
        reported: takes the report of a commitment, as the node's listener does.
    """

    def __init__(
        self, settings: Dicom, destination: Destination, reported: Callable[[Event], tuple[int, Dataset | None]]
    ) -> None:
        self._settings = settings
        self._destination = destination
        self._reported = reported
        self._tls = client_tls(settings, destination.ca) if destination.tls else None

    def test(self) -> Outcome:
        """Connect, make it secure, associate, and send C-ECHO."""
        to, associations = self._destination, list[Association]()
        host, port = to.host, to.port or 0

        def associate(deadline: Deadline) -> None:
            association = self._associate([(VERIFICATION, None)], deadline.left)
            require_association(association)
            associations.append(association)

        def echo(deadline: Deadline) -> None:
            (association,) = associations
            association.dimse_timeout = deadline.left
            status = association.send_c_echo()
            if not status:
                raise CheckError(CheckCause.TIMEOUT)
            if status.Status != _SUCCESS:
                raise CheckError(CheckCause.STATUS, _status(status))

        secure: list[Step] = []
        if self._tls is not None:
            secure.append((CheckStep.TLS, shake_hands(host, port, self._tls, to.certificate)))
        try:
            return try_steps(
                (CheckStep.CONNECT, connect(host, port)),
                *secure,
                (CheckStep.ASSOCIATE, associate),
                (CheckStep.ECHO, echo),
            )
        finally:
            for association in associations:
                if association.is_established:
                    association.release()

    def send(self, loads: Sequence[Load]) -> dict[int, Sent]:
        """Send objects in one association."""
        wanted: dict[tuple[str, str | None], None] = {}
        syntaxes: dict[int, str] = {}
        for load in loads:
            syntaxes[load.parcel.id] = str(read_file_meta_info(load.path).TransferSyntaxUID)
            wanted[load.parcel.sop_class, syntaxes[load.parcel.id]] = None
        found: dict[int, Sent] = {}
        with self._associated(list(wanted)) as association:
            accepted = {(cx.abstract_syntax, cx.transfer_syntax[0]) for cx in association.accepted_contexts}
            for load in loads:
                if (load.parcel.sop_class, syntaxes[load.parcel.id]) not in accepted:
                    got = f"SOP class {load.parcel.sop_class} in transfer syntax {syntaxes[load.parcel.id]}"
                    found[load.parcel.id] = PeerError("the destination does not accept this kind of object", got=got)
                    continue
                if not association.is_established:
                    break
                status = association.send_c_store(load.path)
                if not status:
                    break
                good = status.Status == _SUCCESS or status.Status in _WARNINGS
                found[load.parcel.id] = (
                    None if good else PeerError("the destination refuses an object", got=_status(status))
                )
        if not found:
            raise PeerError("the destination broke the association off")
        return found

    def ask(self, parcels: Sequence[Parcel], transaction: str) -> None:
        """Send N-ACTION of storage commitment (PS3.4 annex J.3.2)."""
        request = Dataset()
        request.TransactionUID = transaction
        request.ReferencedSOPSequence = [_reference(parcel) for parcel in parcels]
        with self._associated([(COMMITMENT, None)]) as association:
            if not association.accepted_contexts:
                raise PeerError(
                    "the destination knows no storage commitment", hint="Set commitment = false for this destination."
                )
            status, _ = association.send_n_action(request, 1, COMMITMENT, COMMITMENT_INSTANCE)
            if not status or status.Status != _SUCCESS:
                raise PeerError("the destination refuses a request for its commitment", got=_status(status))
            end = time.monotonic() + WAIT
            while association.is_established and time.monotonic() < end:
                time.sleep(0.05)

    @contextmanager
    def _associated(self, contexts: Sequence[tuple[str, str | None]]) -> Generator[Association]:
        _probe(self._destination.host, self._destination.port or 0, self._settings.patience)
        association = self._associate(contexts, self._settings.patience)
        if association.is_rejected:
            hint = f"Let it know this node as {self._settings.aet}, and check its own AE title."
            raise PeerError("the destination rejects this node", hint=hint)
        if not association.is_established and not association.rejected_contexts:
            raise PeerError("the destination does not speak DICOM with this node")
        try:
            yield association
        finally:
            if association.is_established:
                association.release()

    def _associate(self, contexts: Sequence[tuple[str, str | None]], patience: float) -> Association:
        """An association, or one that was refused."""
        host = self._destination.host
        entity = AE(ae_title=self._settings.aet)
        entity.maximum_pdu_size = PDU
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = entity.connection_timeout = patience
        for abstract, transfer in contexts:
            if transfer is None:
                entity.add_requested_context(abstract)
            else:
                entity.add_requested_context(abstract, transfer)
        options: dict[str, Any] = {}
        if self._tls is not None:
            options["tls_args"] = (self._tls, self._destination.certificate or host)
        association = entity.associate(
            host,
            self._destination.port or 0,
            ae_title=self._destination.aet or "",
            evt_handlers=[(evt.EVT_N_EVENT_REPORT, self._reported)],
            **options,
        )
        if not association.is_established:
            _close(association)
        return association


def _close(association: Association) -> None:
    """Close the socket of an association that came to nothing: pynetdicom leaves it open where it is rejected."""
    transport = association.dul.socket
    if transport is not None and transport.socket is not None:
        transport.socket.close()


def _probe(host: str, port: int, patience: float) -> None:
    """See whether anybody listens: pynetdicom would keep a socket of each attempt."""
    try:
        socket.create_connection((host, port), patience).close()
    except OSError as error:
        raise PeerError("the destination cannot be reached", got=error.strerror or type(error).__name__) from error


def _reference(parcel: Parcel) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = parcel.sop_class
    item.ReferencedSOPInstanceUID = parcel.instance
    return item


def _status(status: Dataset | None) -> str:
    return f"status {status.Status:04x}" if status else "no answer in time"
