"""The network side of pynetdicom: set up for a server that must not lose, leak or run out of memory.

Importing this module sets pynetdicom up for the whole process: data sets go to the disk as they come, objects are sent as they
lie on the disk, and nothing of what passes is logged.
"""

from __future__ import annotations

import logging
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from socketserver import TCPServer
from tempfile import NamedTemporaryFile
from typing import Any, Final

from pydicom.errors import BytesLengthException
from pydicom.uid import UID
from pynetdicom import _config, dimse_messages
from pynetdicom.fsm import InvalidEventError
from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

from osteon.clinic.dicom.receive.connection import Connection, connection_of, register
from osteon.clinic.dicom.settings import Dicom
from osteon.clinic.store.draft import Draft
from osteon.core.errors import OsteonError
from osteon.imaging.codecs.codecs import CODECS
from osteon.imaging.dicom.encoding import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT
from osteon.imaging.dicom.scope import ACCEPTED

_config.STORE_RECV_CHUNKED_DATASET = True
_config.STORE_SEND_CHUNKED_DATASET = True
_config.LOG_HANDLER_LEVEL = "none"
_config.LOG_REQUEST_IDENTIFIERS = False
_config.LOG_RESPONSE_IDENTIFIERS = False

# What pynetdicom logs may quote what was sent: the node says itself what happened, without patients.
logging.getLogger("pynetdicom").addHandler(logging.NullHandler())
logging.getLogger("pynetdicom").propagate = False

VERIFICATION: Final = UID("1.2.840.10008.1.1")
COMMITMENT: Final = UID("1.2.840.10008.1.20.1")
COMMITMENT_INSTANCE: Final = UID("1.2.840.10008.1.20.1.1")
STUDY_ROOT_FIND: Final = UID("1.2.840.10008.5.1.4.1.2.2.1")
STUDY_ROOT_MOVE: Final = UID("1.2.840.10008.5.1.4.1.2.2.2")
STUDY_ROOT_GET: Final = UID("1.2.840.10008.5.1.4.1.2.2.3")

PDU: Final = 128 * 1024
"""The largest protocol data unit that is asked for, bytes: larger ones make sending faster and cost memory."""

_LONGEST_PDU: Final = 1 << 20
"""What a peer states beyond this is no PDU: it would be read into memory."""

STORED: Final[tuple[str, ...]] = tuple(ACCEPTED)
"""SOP classes that are received: those that are read."""

SYNTAXES: Final[tuple[str, ...]] = (EXPLICIT, IMPLICIT, *CODECS, DEFLATED, BIG_ENDIAN)
"""Transfer syntaxes in which they are received: those that are read. Of several that a peer offers its first one counts."""


def _file(*arguments: Any, **options: Any) -> Any:
    """The file that pynetdicom writes a data set to: one of the store, which reports a full disk once everything has arrived."""
    # It is called by the thread that reads from the connection, which knows its association.
    here = connection_of(getattr(threading.current_thread(), "assoc", None))
    return _temporary(*arguments, **options) if here is None else here.begin()


_temporary: Final = NamedTemporaryFile
dimse_messages.__dict__["NamedTemporaryFile"] = _file


class Handler(RequestHandler):
    """Begins an association, over a connection that is set up."""

    def handle(self) -> None:
        """Let the association begin; a PDU that claims to be huge, or a message that is none, ends it."""
        association = self._create_association()
        here, server = self.request, self.server
        names = names_of(here.getpeercert()) if isinstance(here, ssl.SSLSocket) else frozenset[str]()
        if isinstance(server, Server):
            connection = Connection(str(self.client_address[0]), names, server.make_draft)
            register(association, connection)
            _close_after(association, connection)
        _end_at_nonsense(association)
        transport = association.dul.socket
        if transport is None:
            return

        def receive(nr_bytes: int) -> bytearray:
            if nr_bytes > _LONGEST_PDU:
                raise OSError("the PDU is too long")
            return _received(transport.socket, nr_bytes)

        transport.recv = receive
        association.start()


def _received(connection: socket.socket | None, count: int) -> bytearray:
    """That many bytes, or fewer where the peer has closed; pynetdicom itself asks for 4 KiB at a time."""
    taken = bytearray(count)
    place, left = memoryview(taken), count
    while left and connection is not None:
        arrived = connection.recv_into(place[-left:], left)
        if not arrived:
            break
        left -= arrived
    return taken if not left else taken[: count - left]


def _close_after(association: Any, connection: Connection) -> None:
    """Remove what did not come whole once the association is over, however it ended."""
    run = association.run

    def whole() -> None:
        try:
            run()
        finally:
            connection.close()

    association.run = whole


def _end_at_nonsense(association: Any) -> None:
    """Abort at a message that cannot be decoded: pynetdicom's thread would end with it, and the connection stay."""
    receive, reactor = association.dimse.receive_primitive, association.dul.run

    def received(primitive: Any) -> None:
        try:
            receive(primitive)
        except _NONSENSE as error:
            _tell(error)
            association.dul.event_queue.put(_INVALID)

    def ran() -> None:
        try:
            reactor()
        except _NONSENSE as error:
            _tell(error)
            association.__dict__["_kill"] = True
            if association.dul.socket is not None:
                association.dul.socket.close()

    association.dimse.receive_primitive = received
    association.dul.run = ran


def _tell(error: Exception) -> None:
    fields = {"error": type(error).__name__}
    logging.getLogger("osteon.clinic.dicom").warning("a caller does not speak DICOM", extra={"fields": fields})


_NONSENSE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BytesLengthException,
    InvalidEventError,
    LookupError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
    struct.error,
)
"""What pynetdicom and pydicom raise at what they cannot decode, or at an answer that comes after an abort."""

_INVALID: Final = "Evt19"
"""Event of the state machine (PS3.8 section 9.2): an invalid PDU was received."""


class Server(ThreadedAssociationServer):
    """Accepts connections, each in a thread of its own: one that does not finish its TLS handshake holds nobody up."""

    daemon_threads = True
    request_queue_size = 64
    security: ssl.SSLContext | None = None
    patience = 30.0
    make_draft: Callable[[], Draft]

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """A connection, before anything is said on it."""
        if self.socket is None:
            raise OSError("the server is closed")
        client, address = self.socket.accept()
        client.settimeout(self.patience)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client, address

    def shutdown(self) -> None:
        """Accept no more connections; associations go on."""
        TCPServer.shutdown(self)
        self.server_close()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Make a connection secure, and begin its association."""
        try:
            if self.security is not None:
                request = self.security.wrap_socket(request, server_side=True)
        except (OSError, ValueError) as error:
            fields = {"address": client_address[0], "error": type(error).__name__}
            logging.getLogger("osteon.clinic.dicom").warning("no TLS with a caller", extra={"fields": fields})
            self.shutdown_request(request)
            return
        super().process_request_thread(request, client_address)


def names_of(certificate: Any) -> frozenset[str]:
    """The names in a certificate: its DNS names and addresses, and its common name."""
    if not certificate:
        return frozenset()
    common = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return frozenset([*common, *(value for _, value in certificate.get("subjectAltName", ()))])


def server_tls(settings: Dicom) -> ssl.SSLContext | None:
    """TLS for callers, who must show a certificate; None where it is not set.

    Raises:
        OsteonError: a file cannot be used.
    """
    return None if not settings.tls else _tls(settings, ssl.Purpose.CLIENT_AUTH)


def client_tls(settings: Dicom, ca: Path | None = None) -> ssl.SSLContext:
    """TLS for calls to others, with the node's own certificate.

    Raises:
        OsteonError: a file cannot be used.
    """
    return _tls(settings, ssl.Purpose.SERVER_AUTH, ca)


def _tls(settings: Dicom, purpose: ssl.Purpose, ca: Path | None = None) -> ssl.SSLContext:
    if settings.tls_cert is None:
        raise OsteonError("the DICOM node has no certificate", hint="Set tls_cert, tls_key and tls_ca in [dicom].")
    try:
        context = ssl.create_default_context(purpose, cafile=ca or settings.tls_ca)
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise OsteonError(
            "the certificate, key or authorities of the DICOM node cannot be used",
            got=getattr(error, "reason", None) or error.strerror or type(error).__name__,
            hint="All three are PEM, tls_key without a password.",
        ) from error
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
