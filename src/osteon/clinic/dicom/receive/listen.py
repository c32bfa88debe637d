"""Listens for associations: C-ECHO, C-STORE, storage commitment."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final, cast

from pydicom.dataset import Dataset
from pynetdicom import AE, evt

from osteon.clinic.dicom.network import (
    COMMITMENT,
    PDU,
    STORED,
    STUDY_ROOT_FIND,
    STUDY_ROOT_GET,
    STUDY_ROOT_MOVE,
    SYNTAXES,
    VERIFICATION,
    Handler,
    Server,
    server_tls,
)
from osteon.clinic.dicom.receive.connection import connection_of
from osteon.clinic.dicom.receive.gate import admit
from osteon.clinic.dicom.receive.receiver import CANNOT_UNDERSTAND, SUCCESS, WORDS, Receiver
from osteon.clinic.dicom.settings import Dicom
from osteon.core.errors import OsteonError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.events import Event

    from osteon.clinic.dicom.commit import Commitments
    from osteon.clinic.dicom.provide.provider import Provider
    from osteon.clinic.store.incoming import Incoming

VERSION: Final = "OSTEON"
"""Implementation version name."""


class Listener:
    """Listens for associations.

    Args:
        settings: of the node.
        incoming: of the store.
        receiver: keeps what comes in.
        commitments: answers requests for commitment, and reports of it.
        happened: called for the metrics with the kind of event and the peer.
        provider: answers searches, where any peer may search.

    Raises:
        OsteonError: the port or the certificate cannot be used.
    """

    def __init__(
        self,
        settings: Dicom,
        incoming: Incoming,
        receiver: Receiver,
        commitments: Commitments,
        happened: Callable[[str, str], None],
        provider: Provider | None = None,
    ) -> None:
        self._settings = settings
        self._receiver = receiver
        self._happened = happened
        security = server_tls(settings)
        entity = AE(ae_title=settings.aet)
        entity.maximum_associations = settings.associations
        entity.maximum_pdu_size = PDU
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = settings.patience
        entity.implementation_version_name = VERSION
        for sop_class in STORED:
            # With C-GET it is the caller that stores.
            roles = {} if provider is None else {"scu_role": True, "scp_role": True}
            entity.add_supported_context(sop_class, list(SYNTAXES), **roles)
        entity.add_supported_context(VERIFICATION)
        # Callers ask for commitment as users of the service; destinations report theirs as its provider.
        entity.add_supported_context(COMMITMENT, scu_role=True, scp_role=True)
        handlers: list[Any] = [
            (evt.EVT_REQUESTED, self._requested),
            (evt.EVT_C_ECHO, self._echo),
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_N_ACTION, commitments.asked),
            (evt.EVT_N_EVENT_REPORT, commitments.reported),
            (evt.EVT_CONN_CLOSE, _closed),
            (evt.EVT_ABORTED, _closed),
        ]
        if provider is not None:
            for service in (STUDY_ROOT_FIND, STUDY_ROOT_MOVE, STUDY_ROOT_GET):
                entity.add_supported_context(service)
            answers = ((evt.EVT_C_FIND, provider.find), (evt.EVT_C_MOVE, provider.move), (evt.EVT_C_GET, provider.get))
            handlers += answers
        try:
            server = entity.make_server(
                (settings.host, settings.port or 0), evt_handlers=handlers, server_class=Server, request_handler=Handler
            )
        except OSError as error:
            raise OsteonError(
                f"DICOM port {settings.port} of {settings.host} cannot be listened on",
                got=error.strerror or str(error),
                hint="Choose another with --dicom-port; --dicom-port 0 takes a free one.",
            ) from error
        if not isinstance(server, Server):
            raise TypeError("expected a server of this module")
        self._server = server
        self._thread = threading.Thread(target=self._server.serve_forever, name="osteon-dicom", daemon=True)
        self._server.security = security
        self._server.patience = settings.patience
        self._server.make_draft = lambda: incoming.draft(settings.instance_bytes)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    @property
    def alive(self) -> bool:
        """Whether it listens."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to accept."""
        self._thread.start()

    def stop(self, grace: float = 5.0) -> None:
        """Accept no more, let associations end for a while, then end them."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        end = time.monotonic() + grace
        while self._server.active_associations and time.monotonic() < end:
            time.sleep(0.05)
        for association in self._server.active_associations:
            association.abort()

    def _requested(self, event: Event) -> None:
        if admit(self._settings, event.assoc) is not None:
            self._happened("rejected", "")

    def _echo(self, event: Event) -> int:
        self._happened("echo", _caller(event))
        return 0

    def _store(self, event: Event) -> Dataset:
        """Answer a C-STORE request."""
        request, here, path = cast("C_STORE", event.request), connection_of(event.assoc), str(event.dataset_path)
        draft = None if here is None else here.taken(path)
        answer = Dataset()
        if draft is None:
            answer.Status = CANNOT_UNDERSTAND
            return answer
        announced = str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID)
        answer.Status, _ = self._receiver.keep(draft, _caller(event), *announced)
        if answer.Status != SUCCESS:
            answer.ErrorComment = WORDS[answer.Status]
        return answer


def _caller(event: Event) -> str:
    return event.assoc.requestor.ae_title.strip()


def _closed(event: Event) -> None:
    here = connection_of(event.assoc)
    if here is not None:
        here.close()
