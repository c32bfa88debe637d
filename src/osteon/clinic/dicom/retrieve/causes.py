"""Why an archive does not answer as wanted, in words: statuses of C-FIND, C-MOVE and C-GET, and rejections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from osteon.clinic.dicom.retrieve.archive import UnreachableError
from osteon.core.errors import PeerError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.association import Association

SUCCESS: Final = 0x0000
CANCELLED: Final = 0xFE00
PENDING: Final = frozenset({0xFF00, 0xFF01})
PARTLY: Final = 0xB000
NO_ANSWER: Final = -1

_CAUSES: Final = {
    0x0122: ("the archive does not offer this service", "Let it offer query and retrieve of studies (Study Root)."),
    0x0124: ("the archive does not allow this node to ask for this", "Give {aet} the right to query and retrieve."),
    0xA700: ("the archive is out of resources", "Try again later."),
    0xA701: ("the archive cannot count what matches", "Ask for less at once, as by a shorter range of dates."),
    0xA702: ("the archive cannot send the images now", "Try again later."),
    0xA801: (
        "the archive does not know where to send images for this node",
        'Let it know {aet} with the address and port of this node, or set way = "get".',
    ),
    0xA900: ("the archive does not accept the query", "It must know the Study Root model, and all levels of it."),
    PARTLY: ("the archive could not send all images", "Its log says which, and why; run it again for the rest."),
    CANCELLED: ("the archive has cancelled the request", "Its log says why; run it again for the rest."),
    NO_ANSWER: ("the archive does not answer in time, or has broken the connection off", "Run it again for the rest."),
}
"""Statuses (PS3.4 tables C.4-1 to C.4-3, PS3.7 annex C) in words, and what can be done."""

_CALLING: Final = 3
_CALLED: Final = 7


def status_of(answer: Dataset | None) -> int:
    """The status of an answer; ``NO_ANSWER`` where there is none."""
    return NO_ANSWER if answer is None or "Status" not in answer else int(answer.Status)


def refusal(status: int, aet: str) -> PeerError:
    """What a status means.

    Args:
        status: of an answer.
        aet: this node's AE title.
    """
    problem, hint = _CAUSES.get(status, ("the archive cannot process the request", "Its log says why."))
    got = "" if status == NO_ANSWER else f"status {status:04x}"
    return PeerError(problem, got=got, hint=hint.format(aet=aet))


def rejection(association: Association, peer: str, aet: str) -> PeerError:
    """Why an association was not established.

    Args:
        association: that was asked for.
        peer: the AE title that was called.
        aet: this node's.
    """
    if association.is_rejected:
        answer = association.acceptor.primitive
        diagnostic = getattr(answer, "diagnostic", None)
        if diagnostic == _CALLED:
            return UnreachableError("the archive has another AE title", got=peer, hint="Correct its name in peers.")
        if diagnostic == _CALLING:
            return UnreachableError("the archive does not know this node", hint=f"Let it know {aet}.")
        return UnreachableError("the archive rejects this node", hint=f"Let it know {aet}, with its address.")
    if association.rejected_contexts:
        return PeerError(
            "the archive does not offer what is asked for",
            expected="query and retrieve of studies (Study Root)",
            hint='Without C-GET set way = "move"; without C-FIND use DICOMweb.',
        )
    return UnreachableError("the archive does not speak DICOM with this node", hint="Check its port, and TLS.")
