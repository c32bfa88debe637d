"""Associations with archives: with TLS as the node has it, and never unencrypted to another machine unless that was stated."""

from __future__ import annotations

import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pynetdicom import AE, build_context
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext

from osteon.clinic.dicom.network import PDU, client_tls
from osteon.clinic.dicom.reporting import is_loopback
from osteon.clinic.dicom.retrieve.archive import UnreachableError
from osteon.clinic.dicom.retrieve.causes import NO_ANSWER, refusal, rejection
from osteon.clinic.dicom.settings import Dicom, Peer
from osteon.core.errors import OsteonError


@dataclass(frozen=True, slots=True)
class Callee:
    """A peer that can be called.

    Attributes:
        aet: its AE title.
        host: on which it listens.
        port: likewise.
        certificate: the name in its certificate.
    """

    aet: str
    host: str
    port: int
    certificate: str


def callee(settings: Dicom, name: str) -> Callee:
    """How a peer is called.

    Raises:
        OsteonError: it is none, does not listen, or would be called unencrypted though nothing states that this may be.
    """
    peer: Peer | None = settings.peers.get(name)
    host = "" if peer is None else peer.host or peer.single
    if peer is None or peer.port is None or not host:
        raise OsteonError(
            f"the settings name no peer {name} that can be called", expected="a port, and a host or a single address"
        )
    if not settings.tls and not is_loopback(host) and not settings.plain:
        raise OsteonError("the study would come unencrypted", hint="Set TLS in [dicom], or plain = true.")
    return Callee(name, host, peer.port, peer.certificate or host)


@contextmanager
def associated(
    settings: Dicom,
    called: Callee,
    contexts: Sequence[str | PresentationContext],
    *,
    roles: Sequence[Any] = (),
    handlers: Sequence[Any] = (),
    patience: float | None = None,
) -> Generator[Association]:
    """An association with a peer; it is released at the end, or aborted where the block raises.

    Args:
        settings: of the node.
        called: the peer.
        contexts: presentation contexts, or abstract syntaxes of the default transfer syntaxes.
        roles: that are negotiated.
        handlers: of events.
        patience: seconds that an answer may take; None: that of the settings.

    Raises:
        PeerError: it is not established.
        OsteonError: a certificate of this node cannot be used.
    """
    seconds = settings.patience if patience is None else patience
    options: dict[str, Any] = {"tls_args": (client_tls(settings), called.certificate)} if settings.tls else {}
    try:  # pynetdicom would keep a socket of each attempt
        socket.create_connection((called.host, called.port), seconds).close()
    except OSError as error:
        got = error.strerror or type(error).__name__
        raise UnreachableError("the archive cannot be reached", got=got, hint="Check its host and port.") from error
    entity = AE(ae_title=settings.aet)
    entity.maximum_pdu_size = PDU
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = entity.connection_timeout = seconds
    entity.requested_contexts = [build_context(one) if isinstance(one, str) else one for one in contexts]
    association = entity.associate(
        called.host,
        called.port,
        ae_title=called.aet,
        ext_neg=list(roles),
        evt_handlers=list(handlers),
        **options,
    )
    if not association.is_established:
        _close(association)
        raise rejection(association, called.aet, settings.aet)
    try:
        yield association
    except (
        RuntimeError,
        ValueError,
    ) as error:  # pynetdicom's, where the association ended or an answer cannot be decoded
        if association.is_established:
            association.abort()
        raise refusal(NO_ANSWER, settings.aet) from error
    except BaseException:
        if association.is_established:
            association.abort()
        raise
    if association.is_established:
        association.release()


def _close(association: Association) -> None:
    """Close the connection of an association that was not established: after a failed handshake pynetdicom leaves it open."""
    transport = association.dul.socket
    raw = None if transport is None else transport.socket
    if raw is not None:
        with suppress(OSError):
            raw.close()
