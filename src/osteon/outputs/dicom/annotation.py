"""What one person says of the images of a study, as a structured report of TID 1500, and what such a report says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from osteon.core.labels import Code

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class AnnotatedRegion:
    """A region that was drawn.

    Attributes:
        label: name of the finding; of a report that was read the meaning of its code.
        image: place among the images of the study; of a report that was read the SOPInstanceUID and frame are in ``instance``.
        points: in pixels of the stored frame, corners of a closed line without the first again; of a point one.
        closed: whether the line is closed.
        code: of a report that was read.
        instance: SOPInstanceUID and frame, of a report that was read.
    """

    label: str
    image: int
    points: tuple[Point, ...]
    closed: bool = True
    code: Code | None = None
    instance: tuple[str, int] = ("", 1)


@dataclass(frozen=True, slots=True)
class AnnotatedAnswer:
    """An answer about the study or an image.

    Attributes:
        label: as in ``AnnotatedRegion``.
        value: 1 present, 0 absent, -1 undetermined.
        image: place among the images; None for the study.
        code: of a report that was read.
        instance: SOPInstanceUID and frame, of a report that was read; empty for the study.
    """

    label: str
    value: int
    image: int | None = None
    code: Code | None = None
    instance: tuple[str, int] = ("", 1)


@dataclass(frozen=True, slots=True, repr=False)
class PersonReport:
    """What a person says of a study.

    Attributes:
        reader: name in DICOM's notation.
        given: when, with its time zone.
        identity: of the project and read; the same one gives the same UIDs.
        answers: about the study and its images.
        regions: that were drawn.
        codes: concepts of the labels; others get a private code.
        note: what else is said.
    """

    reader: str
    given: datetime
    identity: str
    answers: tuple[AnnotatedAnswer, ...] = ()
    regions: tuple[AnnotatedRegion, ...] = ()
    codes: Mapping[str, Code] = field(default_factory=dict[str, Code])
    note: str = ""
