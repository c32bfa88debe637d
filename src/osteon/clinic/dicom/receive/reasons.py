"""Why intake does not take an instance, as the quarantine says it."""

from __future__ import annotations

from typing import Final

from osteon.clinic.store.tables.pacs import Reason
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, OsteonError


def reason_of(error: OsteonError) -> Reason:
    """The reason to hold an instance back that intake refused with an error."""
    code = error.code if isinstance(error, InputError) else FaultCode.OTHER
    return _REASONS.get(code, Reason.UNREADABLE)


_REASONS: Final = {
    FaultCode.OTHER_IMAGE: Reason.OTHER_CONTENT,
    FaultCode.OTHER_PATIENT: Reason.OTHER_PATIENT,
    FaultCode.STUDY_TOO_LARGE: Reason.TOO_LARGE,
}
