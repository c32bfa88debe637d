"""A port for C-MOVE that is open only while images are fetched into a folder."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from pynetdicom import AE, evt

from osteon.clinic.dicom.network import PDU, STORED, SYNTAXES, VERIFICATION, Handler, Server, server_tls
from osteon.clinic.dicom.receive.connection import connection_of
from osteon.clinic.dicom.receive.gate import admit
from osteon.clinic.dicom.receive.receiver import CANNOT_UNDERSTAND
from osteon.clinic.dicom.retrieve.sink import Sink
from osteon.clinic.dicom.settings import PORT, Dicom
from osteon.core.errors import OsteonError

if TYPE_CHECKING:
    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.events import Event


@contextmanager
def landing(settings: Dicom, sink: Sink) -> Generator[None]:
    """Listen on the node's port for peers that the settings name, and keep what they send.

    Args:
        settings: of the node.
        sink: gets the images.

    Raises:
        OsteonError: the port or the certificate cannot be used.
    """

    def store(event: Event) -> int:
        request, here = cast("C_STORE", event.request), connection_of(event.assoc)
        draft = None if here is None else here.taken(str(event.dataset_path))
        if draft is None:
            return CANNOT_UNDERSTAND
        return sink.keep(draft, str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID))

    def requested(event: Event) -> None:
        admit(settings, event.assoc)

    def closed(event: Event) -> None:
        here = connection_of(event.assoc)
        if here is not None:
            here.close()

    port = PORT if settings.port is None else settings.port
    entity = AE(ae_title=settings.aet)
    entity.maximum_associations = settings.associations
    entity.maximum_pdu_size = PDU
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = settings.patience
    for sop_class in STORED:
        entity.add_supported_context(sop_class, list(SYNTAXES))
    entity.add_supported_context(VERIFICATION)
    handlers: list[Any] = [
        (evt.EVT_REQUESTED, requested),
        (evt.EVT_C_STORE, store),
        (evt.EVT_CONN_CLOSE, closed),
        (evt.EVT_ABORTED, closed),
    ]
    security = server_tls(settings)
    try:
        server = entity.make_server(
            (settings.host, port), evt_handlers=handlers, server_class=Server, request_handler=Handler
        )
    except OSError as error:
        raise OsteonError(
            f"DICOM port {port} of {settings.host} cannot be listened on, which C-MOVE needs",
            got=error.strerror or str(error),
            hint="Where the reading room uses it, leave out --out: then the reading room fetches, for itself.",
        ) from error
    if not isinstance(server, Server):
        raise TypeError("expected a server of this package")
    server.security, server.patience, server.make_draft = security, settings.patience, sink.draft
    thread = threading.Thread(target=server.serve_forever, name="osteon-dicom-landing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        for association in server.active_associations:
            association.abort()
