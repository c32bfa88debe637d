"""What a person says of a reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from osteon.core.geometry import Box
from osteon.core.labels import Call


@dataclass(frozen=True, slots=True)
class Correction:
    """What a reader says of a place.

    Attributes:
        box: in pixels of the reading's radiograph.
        image: index of the radiograph within the reading.
        present: whether there is a fracture.
        label: of the finding.
        finding: place of the AI's finding that it speaks of; None for one that the reader drew.
    """

    box: Box
    image: int = 0
    present: bool = True
    label: str = "fracture"
    finding: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Opinion:
    """A reader's opinion on a reading.

    Attributes:
        reader: name in DICOM's notation, e.g. ``Doe^Jane``.
        given: when, with its time zone.
        agrees: whether the reader agrees with the call of the AI; None for one who has not said so, or has withdrawn it.
        call: the reader's own call; None for that of the AI where they agree, and for none where they do not.
        note: what else they say.
        corrections: places that they accept, reject or add.
        organization: of the reader.
        signed: whether they sign it: then it is verified.
        withdrawn: whether they take back what an earlier report says, and say nothing in its place.
    """

    reader: str
    given: datetime
    agrees: bool | None
    call: Call | None = None
    note: str = ""
    corrections: tuple[Correction, ...] = ()
    organization: str = ""
    signed: bool = False
    withdrawn: bool = False
