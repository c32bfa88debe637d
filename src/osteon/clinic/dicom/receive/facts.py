"""What the header of an instance says of where it belongs and what it shows. Nothing of it names the patient."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.core.labels import BodyPart, View
from osteon.imaging.limits import DEFAULT_LIMITS
from osteon.imaging.quiet import quiet

_DESCRIPTIONS: Final = (
    "StudyDescription",
    "SeriesDescription",
    "PerformedProcedureStepDescription",
    "RequestedProcedureDescription",
    "ProtocolName",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a header says; empty or None where it does not say.

    Attributes:
        study: StudyInstanceUID.
        instance: SOPInstanceUID.
        sop_class: SOPClassUID.
        modality: in capitals.
        body_part: that it shows.
        view: of it.
        age: years, or None.
        descriptions: of study, series and procedure, and the protocol's name, in small letters; for rules, never shown.
    """

    study: str = ""
    instance: str = ""
    sop_class: str = ""
    modality: str = ""
    body_part: BodyPart | None = None
    view: View | None = None
    age: float | None = None
    descriptions: str = ""


def read_facts(path: Path) -> Facts:
    """Read the header of a file, no further than to its pixels.

    Raises:
        InputError: it cannot be read.
        OSError: it cannot be opened.
    """
    # pydicom takes long to import, which a server that receives nothing need not wait for.
    from osteon.imaging.dicom.dataset import UNPARSABLE, parse
    from osteon.imaging.dicom.header import age, body_part, text, view

    try:
        with path.open("rb") as stream, quiet():
            header = parse(stream, DEFAULT_LIMITS, pixels=False).header
            return Facts(
                study=text(header, "StudyInstanceUID"),
                instance=text(header, "SOPInstanceUID"),
                sop_class=text(header, "SOPClassUID"),
                modality=text(header, "Modality").upper(),
                body_part=body_part(header),
                view=view(header),
                age=age(header),
                descriptions="\n".join(text(header, keyword) for keyword in _DESCRIPTIONS).casefold(),
            )
    except (MemoryError, RuntimeError, *UNPARSABLE) as error:
        raise InputError(FaultCode.DICOM_DAMAGED, {"error": type(error).__name__}) from error
