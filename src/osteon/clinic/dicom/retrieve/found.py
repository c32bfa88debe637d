"""Studies and images that an archive lists."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from osteon.imaging.heading import Heading

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_LONGEST: Final = 64
"""Letters of a description that are kept (PS3.5 section 6.2, LO)."""


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study of an archive; empty or None where it does not say.

    Attributes:
        uid: StudyInstanceUID.
        date: StudyDate, YYYYMMDD.
        time: StudyTime, as it is written.
        description: StudyDescription, on one line.
        modalities: of its images.
        images: how many instances it has.
        about: what identifies it and its patient. Never written to a log.
    """

    uid: str
    date: str = ""
    time: str = ""
    description: str = ""
    modalities: tuple[str, ...] = ()
    images: int | None = None
    about: Heading = field(default_factory=Heading)


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An instance of an archive.

    Attributes:
        series: SeriesInstanceUID.
        uid: SOPInstanceUID.
        sop_class: SOPClassUID; empty where the archive does not say.
        modality: likewise.
    """

    series: str
    uid: str
    sop_class: str = ""
    modality: str = ""


def found_study(answer: Dataset) -> FoundStudy:
    """A study from an answer to a query; its values may be invalid."""
    # These take long to import, which a program that fetches nothing need not wait for.
    from osteon.imaging.dicom.header import integer, text, texts
    from osteon.imaging.heading import heading_of
    from osteon.imaging.quiet import quiet

    with quiet():
        about = heading_of(answer)
        date = "".join(letter for letter in text(answer, "StudyDate") if letter in "0123456789")
        return FoundStudy(
            uid=about.study,
            date=date if len(date) == 8 else "",
            time=text(answer, "StudyTime")[:16],
            description=_line(text(answer, "StudyDescription")),
            modalities=tuple(sorted({word for word in texts(answer, "ModalitiesInStudy") if word.isalnum()})),
            images=integer(answer, "NumberOfStudyRelatedInstances") or None,
            about=about,
        )


def found_image(answer: Dataset, series: str = "") -> FoundImage:
    """An instance from an answer to a query."""
    from osteon.imaging.heading import heading_of
    from osteon.imaging.quiet import quiet

    with quiet():
        about = heading_of(answer)
    return FoundImage(about.series or series, about.instance, about.sop_class, about.modality)


def _line(words: str) -> str:
    """Words without anything that moves a terminal or breaks a line."""
    return "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in words)[:_LONGEST].strip()
