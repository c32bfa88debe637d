"""The kinds of DICOM objects that a reading becomes; a series each, with a fixed number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object.

    Attributes:
        name: as formats and UIDs have it.
        modality: Modality of its series.
        series_number: SeriesNumber, above those that modalities give.
        description: SeriesDescription.
    """

    name: str
    modality: str
    series_number: int
    description: str


MEASUREMENTS: Final = Kind("sr", "SR", 9801, "AI fracture reading: measurements")
TEXT: Final = Kind("text-sr", "SR", 9802, "AI fracture reading: text")
PRESENTATION: Final = Kind("gsps", "PR", 9803, "AI fracture reading: boxes")
CAPTURE: Final = Kind("sc", "OT", 9804, "AI fracture reading: overlay")
KEY_IMAGES: Final = Kind("kos", "KO", 9805, "AI fracture reading: key images")
PDF: Final = Kind("pdf-dicom", "DOC", 9806, "AI fracture reading: report")
READER: Final = Kind("reader-sr", "SR", 9811, "Reader's opinion on an AI fracture reading")
ANNOTATION: Final = Kind("annotation-sr", "SR", 9812, "Annotations by a reader")
