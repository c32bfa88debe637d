"""What a QIDO-RS query asks for (PS3.18 sections 8.3.4 and 10.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from osteon.clinic.server.problems import ProblemError
from osteon.clinic.store.pacs.matching import Keys

MOST: Final = 1000
"""Results in an answer."""

MODALITY: Final = "00080060"
STUDY: Final = (
    "00080020",
    "00080030",
    "00080050",
    "00080090",
    "00081030",
    "00100010",
    "00100020",
    "00100021",
    "00100030",
    "00100040",
    "0020000D",
    "00200010",
)
"""Attributes of a study that are told (PS3.18 table 10.6.3-3), with its description and the issuer of the PatientID; others
are added."""
SERIES: Final = (MODALITY, "0008103E", "0020000E", "00200011", "00080021", "00080031", "00180015")
INSTANCE: Final = ("00080016", "00080018", "00200013", "00280008", "00280010", "00280011", "00280100", "00185101")

_NAMES: Final = {
    "StudyInstanceUID": "0020000D",
    "SeriesInstanceUID": "0020000E",
    "SOPInstanceUID": "00080018",
    "SOPClassUID": "00080016",
    "PatientID": "00100020",
    "PatientName": "00100010",
    "AccessionNumber": "00080050",
    "StudyID": "00200010",
    "ReferringPhysicianName": "00080090",
    "StudyDate": "00080020",
    "StudyTime": "00080030",
    "Modality": MODALITY,
    "ModalitiesInStudy": "00080061",
}
_TAGS: Final = frozenset(_NAMES.values())
_DATE: Final = re.compile(r"(\d{8})?(-)?(\d{8})?", re.ASCII)
_TIME: Final = re.compile(r"(\d{2,6})?(?:\.\d{1,6})?(-)?(\d{2,6})?(?:\.\d{1,6})?", re.ASCII)
_TAG: Final = re.compile(r"[0-9A-F]{8}")
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Search:
    """A query.

    Attributes:
        keys: what is looked for.
        limit: so many results at most.
        offset: so many are left out.
        further: tags of attributes that are told besides the usual ones.
        everything: whether all attributes are told.
    """

    keys: Keys
    limit: int
    offset: int
    further: tuple[str, ...]
    everything: bool


def search(given: Iterable[tuple[str, str]], stated: Mapping[str, str]) -> Search:
    """The query of a request.

    Args:
        given: its parameters.
        stated: keys that its path states, by tag.

    Raises:
        ProblemError: it asks for what is not supported, or is not valid.
    """
    keys: dict[str, str] = {}
    options = {"limit": "", "offset": "", "fuzzymatching": ""}
    fields: list[str] = []
    for name, text in given:
        if name == "includefield":
            fields += text.split(",")
        elif name in options:
            options[name] = text
        else:
            tag = _NAMES.get(name, name.upper())
            if tag not in _TAGS:
                raise ProblemError(
                    400, "The query is not supported", f"It can be searched by {', '.join(sorted(_NAMES))}."
                )
            if len(text) > _LONGEST or "\0" in text:
                raise ProblemError(400, "The query is not valid", f"A value has at most {_LONGEST} letters.")
            keys[tag] = text
    if options["fuzzymatching"] not in ("", "true", "false"):
        raise ProblemError(400, "The query is not valid", "`fuzzymatching` is true or false.")
    keys |= stated
    return Search(
        keys=_keys(keys, fuzzy=options["fuzzymatching"] == "true"),
        limit=min(_number("limit", options["limit"], MOST), MOST),
        offset=_number("offset", options["offset"], 0),
        further=_fields(fields),
        everything="all" in fields,
    )


def _keys(keys: Mapping[str, str], *, fuzzy: bool) -> Keys:
    def of(name: str) -> str:
        return keys.get(_NAMES[name], "")

    def several(name: str) -> tuple[str, ...]:
        return tuple(part for part in re.split(r"[\\,]", of(name)) if part)[:1000]

    return Keys(
        studies=several("StudyInstanceUID"),
        series=several("SeriesInstanceUID"),
        instances=several("SOPInstanceUID"),
        patient=of("PatientID"),
        accession=of("AccessionNumber"),
        number=of("StudyID"),
        name=of("PatientName"),
        referrer=of("ReferringPhysicianName"),
        fuzzy=fuzzy,
        dates=_range(_DATE, of("StudyDate"), "A date is YYYYMMDD, a range YYYYMMDD-YYYYMMDD."),
        times=_range(_TIME, of("StudyTime"), "A time is HHMMSS, a range HHMMSS-HHMMSS."),
        modalities=several("ModalitiesInStudy"),
        own_modalities=several("Modality"),
        classes=several("SOPClassUID"),
    )


def _range(pattern: re.Pattern[str], text: str, expected: str) -> tuple[str, str]:
    """First and last value."""
    found = pattern.fullmatch(text)
    begin, dash, end = ("", "", "") if found is None else found.groups(default="")
    if text and (not (begin or end) or (begin and end and not dash)):
        raise ProblemError(400, "The query is not valid", expected)
    return begin, end if dash else begin


def _fields(names: Iterable[str]) -> tuple[str, ...]:
    """Tags of fields, which are named by tag or keyword; what nobody knows is left out, as the standard says."""
    from pydicom.datadict import tag_for_keyword

    found: list[str] = []
    for name in names:
        number = tag_for_keyword(name) if name.isascii() and name.isalnum() else None
        tag = name.upper() if number is None else f"{number:08X}"
        found += [tag] if _TAG.fullmatch(tag) else []
    return tuple(dict.fromkeys(found))


def _number(name: str, given: str, default: int) -> int:
    if not given:
        return default
    if not given.isascii() or not given.isdecimal() or len(given) > 9:
        raise ProblemError(400, "The query is not valid", f"`{name}` is a number.")
    return int(given)
