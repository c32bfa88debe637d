"""What a C-FIND, C-MOVE or C-GET request asks for (PS3.4 annex C, Study Root, hierarchical)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from osteon.clinic.dicom.retrieve.query import DATES, span
from osteon.clinic.store.pacs.matching import Keys
from osteon.core.errors import OsteonError
from osteon.imaging.dicom.header import text, texts

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_MOST: Final = 1000


class Level(StrEnum):
    """What is asked about."""

    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request.

    Attributes:
        level: of its answers.
        keys: what is looked for.
    """

    level: Level
    keys: Keys


def asked(identifier: Dataset, *, retrieve: bool = False) -> Asked:
    """What a request asks for.

    Args:
        identifier: of the request.
        retrieve: whether images are asked for, by their UIDs alone; all of their levels must be stated.

    Raises:
        OsteonError: its level is none, or a key is not valid or missing.
    """
    stated = text(identifier, "QueryRetrieveLevel").upper()
    if stated not in tuple(Level):
        raise OsteonError("this level cannot be asked for", expected="STUDY, SERIES or IMAGE")
    level = Level(stated)
    studies, series, images = (
        _uids(identifier, name) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    )
    above = [[], [studies], [studies, series]][list(Level).index(level)]
    own = {Level.STUDY: studies, Level.SERIES: series, Level.IMAGE: images}[level]
    if not all(above) or (retrieve and not own):
        raise OsteonError("a UID is missing", expected="the UIDs of all levels above")
    if retrieve or level is not Level.STUDY:
        found = Keys(
            studies=studies,
            series=series if level is not Level.STUDY else (),
            instances=images if level is Level.IMAGE else (),
            own_modalities=() if retrieve else _several(identifier, "Modality"),
            classes=() if retrieve else _uids(identifier, "SOPClassUID"),
        )
        return Asked(level, found)
    return Asked(
        level,
        Keys(
            studies=studies,
            patient=text(identifier, "PatientID"),
            accession=text(identifier, "AccessionNumber"),
            number=text(identifier, "StudyID"),
            name=text(identifier, "PatientName"),
            referrer=text(identifier, "ReferringPhysicianName"),
            dates=_dates(text(identifier, "StudyDate")),
            times=_times(text(identifier, "StudyTime")),
            modalities=_several(identifier, "ModalitiesInStudy"),
        ),
    )


def _several(identifier: Dataset, keyword: str) -> tuple[str, ...]:
    return tuple(value for value in texts(identifier, keyword) if value and value != "*")[:_MOST]


def _uids(identifier: Dataset, keyword: str) -> tuple[str, ...]:
    return _several(identifier, keyword)


def _dates(stated: str) -> tuple[str, str]:
    begin, end = span(stated)
    if stated.strip("-*") and not (begin or end):
        raise OsteonError("this is no date", expected=DATES)
    return begin, end


def _times(stated: str) -> tuple[str, str]:
    begin, dash, end = stated.replace(":", "").partition("-")
    begin, end = begin.partition(".")[0], end.partition(".")[0]
    if any(part and not (part.isascii() and part.isdecimal() and len(part) <= 6) for part in (begin, end)):
        raise OsteonError("this is no time", expected="HHMMSS, or a range HHMMSS-HHMMSS")
    return begin, end if dash else begin
