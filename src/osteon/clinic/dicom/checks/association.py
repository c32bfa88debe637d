"""Why an association was not established, from what pynetdicom reports (PS3.8 section 9.3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from osteon.clinic.dicom.checks.outcome import CheckError
from osteon.core.codes.check import CheckCause

if TYPE_CHECKING:
    from pynetdicom.association import Association

_USER, _PRESENTATION = 1, 3

_CAUSES: Final = {
    (_USER, 3): CheckCause.CALLING_TITLE,
    (_USER, 7): CheckCause.CALLED_TITLE,
    (_PRESENTATION, 1): CheckCause.BUSY,
    (_PRESENTATION, 2): CheckCause.BUSY,
}
"""By source and reason of the rejection."""


def require_association(association: Association) -> None:
    """Do nothing where there is one.

    Raises:
        CheckError: there is none.
    """
    if association.is_rejected:
        answer = association.acceptor.primitive
        source, reason = (0, 0) if answer is None else (answer.result_source or 0, answer.diagnostic or 0)
        cause = _CAUSES.get((source, reason), CheckCause.REJECTED)
        raise CheckError(cause, f"source {source}, reason {reason}" if cause is CheckCause.REJECTED else "")
    if not association.is_established:
        raise CheckError(CheckCause.NO_ECHO if association.rejected_contexts else CheckCause.NO_DICOM)
