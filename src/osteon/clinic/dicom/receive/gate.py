"""Who may open an association: peers that the settings name, from where they call, with their certificate."""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import Final

from pynetdicom.association import Association

from osteon.clinic.dicom.receive.connection import connection_of
from osteon.clinic.dicom.settings import Dicom

_log = logging.getLogger("osteon.clinic.dicom")

_PERMANENT: Final = 1
_USER: Final = 1
_CALLING: Final = 3
_CALLED: Final = 7


class Refused(StrEnum):
    """Why an association is refused."""

    CALLED = "called AE title is not this node's"
    UNKNOWN = "calling AE title is not among the peers"
    ADDRESS = "peer calls from another address"
    CERTIFICATE = "peer's certificate has another name"


def judge(settings: Dicom, calling: str, called: str, address: str, certificate: frozenset[str]) -> Refused | None:
    """Why a caller is refused; None where it is let in.

    Args:
        settings: of the node.
        calling: its AE title.
        called: the AE title that it calls.
        address: that it calls from.
        certificate: names in its certificate.
    """
    if called.strip() != settings.aet:
        return Refused.CALLED
    peer = settings.peers.get(calling.strip())
    if peer is None:
        return Refused.UNKNOWN
    if not peer.covers(address):
        return Refused.ADDRESS
    if peer.certificate and peer.certificate not in certificate:
        return Refused.CERTIFICATE
    return None


def admit(settings: Dicom, association: Association) -> Refused | None:
    """Refuse an association (A-ASSOCIATE-RJ) that is asked for, or let it go on; returns why it was refused."""
    asked = association.requestor.primitive
    here = connection_of(association)
    calling = (getattr(asked, "calling_ae_title", None) or "").strip()
    called = (getattr(asked, "called_ae_title", None) or "").strip()
    address = here.address if here is not None else ""
    refused = judge(settings, calling, called, address, here.certificate if here is not None else frozenset())
    if refused is None:
        return None
    fields = {"calling": calling[:16], "called": called[:16], "address": address, "reason": refused.value}
    _log.warning("an association was refused", extra={"fields": fields})
    association.acse.send_reject(_PERMANENT, _USER, _CALLED if refused is Refused.CALLED else _CALLING)
    association.kill()  # once the caller has been told
    return refused
