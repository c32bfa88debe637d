"""Matching of DICOM queries in the database: lists, ranges, wildcards, names (PS3.4 section C.2.2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import or_
from sqlalchemy.orm import Session

from osteon.clinic.patients.names import folded, words
from osteon.clinic.store.tables.studies import Original, Study

_ESCAPE: Final = "\\"


@dataclass(frozen=True, slots=True)
class Keys:
    """What is looked for; what is empty matches everything.

    Attributes:
        studies: StudyInstanceUIDs.
        series: SeriesInstanceUIDs.
        instances: SOPInstanceUIDs.
        patient: PatientID; like all text it may have the wildcards ``*`` and ``?``.
        accession: AccessionNumber.
        number: StudyID.
        name: PatientName, whatever its case and accents.
        referrer: ReferringPhysicianName, likewise.
        fuzzy: whether it is enough that each word of a name begins one of the name's words.
        dates: first and last StudyDate; empty where the range is open.
        times: first and last StudyTime, likewise.
        modalities: of any image of the study.
        own_modalities: of the images themselves.
        classes: SOPClassUIDs of the images themselves.
    """

    studies: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    patient: str = ""
    accession: str = ""
    number: str = ""
    name: str = ""
    referrer: str = ""
    fuzzy: bool = False
    dates: tuple[str, str] = ("", "")
    times: tuple[str, str] = ("", "")
    modalities: tuple[str, ...] = ()
    own_modalities: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def of_studies(session: Session, keys: Keys) -> list[Any]:
    """Conditions on the table of studies."""
    found: list[Any] = [Study.uid.in_(keys.studies)] if keys.studies else []
    for column, value in (
        (Study.patient, keys.patient),
        (Study.accession, keys.accession),
        (Study.number, keys.number),
    ):
        found += _text(session, column, value)
    for column, name in ((Study.name, keys.name), (Study.referrer, keys.referrer)):
        found += _fuzzy(column, name) if keys.fuzzy else _name(column, name)
    found += _range(Study.date, keys.dates, "00000000", "99999999")
    found += _range(Study.time, keys.times, "000000", "999999")
    return found


def of_images(keys: Keys) -> list[Any]:
    """Conditions on the table of files."""
    pairs = (
        (Original.series, keys.series),
        (Original.instance, keys.instances),
        (Original.modality, keys.own_modalities),
        (Original.sop_class, keys.classes),
    )
    return [column.in_(values) for column, values in pairs if values]


def _text(session: Session, column: Any, value: str) -> list[Any]:
    if not value or not value.strip("*"):
        return []
    if not set(value) & set("*?"):
        return [column == value]
    if session.get_bind().dialect.name == "sqlite":  # whose LIKE takes capitals and small letters for the same
        return [column.op("GLOB")(value.replace("[", "[[]"))]
    return [column.like(_pattern(value), escape=_ESCAPE)]


def _name(column: Any, name: str) -> list[Any]:
    """One of the representations of the name is this."""
    wanted = folded(name)
    return [column.like(f"%{_pattern(wanted)}%", escape=_ESCAPE)] if wanted.strip("=*") else []


def _fuzzy(column: Any, name: str) -> list[Any]:
    return [
        or_(*(column.like(f"%{before}{_pattern(word)}%", escape=_ESCAPE) for before in "=^ ")) for word in words(name)
    ]


def _range(column: Any, wanted: Sequence[str], lowest: str, highest: str) -> list[Any]:
    """What a stored value begins with counts: a time need not have seconds."""
    begin, end = wanted
    found = [column >= begin.ljust(len(lowest), "0")] if begin.strip("0") else []
    found += [column <= end.ljust(len(highest), "9")] if end else []
    return found or ([column.is_not(None)] if begin else [])


def _pattern(value: str) -> str:
    """DICOM's wildcards as those of LIKE."""
    plain = "".join(f"{_ESCAPE}{letter}" if letter in "\\%_" else letter for letter in value)
    return plain.replace("*", "%").replace("?", "_")
