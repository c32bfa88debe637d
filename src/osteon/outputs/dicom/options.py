"""How objects are to be made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Compression(StrEnum):
    """How a secondary capture holds its pixels.

    Attributes:
        JPEG: lossy, and small; every viewer shows it.
        JPEG_LS: lossless, half the size of uncompressed.
        NONE: uncompressed.
    """

    JPEG = "jpeg"
    JPEG_LS = "jpeg-ls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """A structured report that was made earlier.

    Attributes:
        sop_class_uid: SOPClassUID.
        sop_instance_uid: SOPInstanceUID.
        series_uid: SeriesInstanceUID.
    """

    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str


@dataclass(frozen=True, slots=True)
class Options:
    """Choices of a destination, and of the moment.

    Attributes:
        comprehensive: whether measurements are of the class Comprehensive SR, for viewers that show boxes from nothing else,
            rather than Comprehensive 3D SR.
        compression: of the secondary capture.
        replaces: earlier reports of the same study that this one takes the place of.
        version: of the result, from 1; None for that of the result's own details. It is part of the UIDs from 2 on.
        made: when the objects are made, with its time zone; None for the time of the reading where that is known, else now.
    """

    comprehensive: bool = False
    compression: Compression = Compression.JPEG
    replaces: tuple[ObjectReference, ...] = ()
    version: int | None = None
    made: datetime | None = None
