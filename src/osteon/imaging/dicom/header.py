"""What a DICOM header says of the patient and the projection: age, sex, body part, view, side, spacing.

Every function here tolerates what scanners write: a missing, empty, malformed or contradictory element gives None, never
an error, and never appears in a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, TypeVar

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.multival import MultiValue

from osteon.core.codes.note import Note, NoteCode
from osteon.core.instance import InstanceRef
from osteon.core.labels import BodyPart, Laterality, Sex, View
from osteon.core.records import Identifiers
from osteon.imaging import anatomy

UNREADABLE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BytesLengthException,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What pydicom raises on elements that it cannot parse."""

_TEXTUAL: Final = frozenset({"DS", "IS"})
_NUMBER: Final = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?")
_TWO: Final = re.compile(r"([0-9]*[.][0-9]+) *, *([0-9]*[.][0-9]+)|([0-9.,]+)[; ]+([0-9.,]+)")

_DAYS_PER_YEAR: Final = 365.25
_AGE_UNITS: Final = {"Y": 1.0, "M": 1 / 12, "W": 7 / _DAYS_PER_YEAR, "D": 1 / _DAYS_PER_YEAR}
_DESCRIPTIONS: Final = (
    "AcquisitionDeviceProcessingDescription",
    "ProtocolName",
    "SeriesDescription",
    "PerformedProcedureStepDescription",
    "RequestedProcedureDescription",
    "StudyDescription",
)
_Word = TypeVar("_Word", BodyPart, View, Laterality)


def text(header: Dataset, keyword: str) -> str:
    """An element as one stripped string, the first of several values; empty where there is none."""
    values = texts(header, keyword)
    return values[0] if values else ""


def texts(header: Dataset, keyword: str) -> list[str]:
    """All values of an element as stripped strings, also of one that does not keep to its representation."""
    try:
        value = header.get(keyword)
        several = list(value) if isinstance(value, (MultiValue, list, tuple)) else [value]
        return [str(part).strip(" \0") for part in several if part is not None]
    except UNREADABLE:
        return _undecoded(header, keyword)


def _undecoded(header: Dataset, keyword: str) -> list[str]:
    """Values of an element of numbers in text that cannot be decoded, as they were written."""
    tag = tag_for_keyword(keyword)
    element = None if tag is None else header.get_item(tag)
    if not isinstance(element, RawDataElement) or not element.value or dictionary_VR(element.tag) not in _TEXTUAL:
        return []
    return [part.strip(" \0") for part in element.value.decode("ascii", "replace").split("\\")]


def values(header: Dataset, keyword: str) -> list[float | None]:
    """All values of an element as numbers, each in its place; None for one that is no finite number.

    A decimal comma, which PS3.5 section 6.2 does not allow, is read as a point: it can mean nothing else.
    """
    return [read_number(part) for part in texts(header, keyword) if part]


def read_number(written: str) -> float | None:
    """A number as written, also with a decimal comma; None if it is malformed or not finite."""
    if not _NUMBER.fullmatch(written):
        return None
    number = float(written.replace(",", "."))
    return number if abs(number) < 1e300 else None


def numbers(header: Dataset, keyword: str) -> list[float]:
    """All numbers of an element, without malformed ones; see ``values``."""
    return [value for value in values(header, keyword) if value is not None]


def number(header: Dataset, keyword: str) -> float | None:
    """The first value of an element as a number, or None."""
    return next(iter(values(header, keyword)), None)


def irregular(header: Dataset, *keywords: str) -> tuple[Note, ...]:
    """Notes on elements of numbers that are not written as they should be, without what is written."""
    found: list[Note] = []
    for keyword in keywords:
        written = [part for part in texts(header, keyword) if part]
        if _pair(header, keyword) and len(written) == 1:
            found.append(Note(NoteCode.NOT_SEPARATED, {"element": keyword}))
        elif any(read_number(part) is None for part in written):
            found.append(Note(NoteCode.MALFORMED, {"element": keyword}))
        elif any("," in part for part in written):
            found.append(Note(NoteCode.DECIMAL_COMMA, {"element": keyword}))
    return tuple(found)


def integer(header: Dataset, keyword: str, default: int = 0) -> int:
    """An element as an integer, or ``default``."""
    found = number(header, keyword)
    return default if found is None else int(found)


def items(header: Dataset, keyword: str) -> list[Dataset]:
    """Items of a sequence; empty where there is none."""
    try:
        value = header.get(keyword)
        return [item for item in value if isinstance(item, Dataset)] if value is not None else []
    except UNREADABLE:
        return []


def identify(header: Dataset) -> Identifiers:
    """What names the object."""
    return Identifiers(
        study=text(header, "StudyInstanceUID"),
        series=text(header, "SeriesInstanceUID"),
        instance=InstanceRef(text(header, "SOPInstanceUID")),
        sop_class=text(header, "SOPClassUID"),
        accession=text(header, "AccessionNumber"),
        patient=text(header, "PatientID"),
    )


def sex(header: Dataset) -> Sex | None:
    """PatientSex."""
    letter = text(header, "PatientSex").upper()
    return Sex(letter) if letter in {"F", "M", "O"} else None


def age(header: Dataset) -> float | None:
    """Age in years when the radiograph was taken.

    PatientAge (PS3.5 table 6.2-1, e.g. ``034Y``, ``018M``) goes first, but an age of 0 is what de-identification leaves
    behind: it counts only where the birth date agrees. Else the birth date and the earliest of acquisition, content,
    series and study date, since copies carry later study dates.
    """
    stated = re.fullmatch(r"(\d{1,3})([YMWD])", text(header, "PatientAge").upper())
    if stated and int(stated[1]) > 0:
        return int(stated[1]) * _AGE_UNITS[stated[2]]
    born = _date(text(header, "PatientBirthDate"))
    taken = [
        found
        for keyword in ("AcquisitionDate", "AcquisitionDateTime", "ContentDate", "SeriesDate", "StudyDate")
        if (found := _date(text(header, keyword))) is not None and born is not None and found >= born
    ]
    if born is None or not taken:
        return None
    years = (min(taken) - born).days / _DAYS_PER_YEAR
    return years if years < 130 else None


def _date(value: str) -> date | None:
    digits = value.replace(".", "").replace("-", "")[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if len(digits) == 8 else None
    except ValueError:
        return None


def _codes(header: Dataset, *sequences: str) -> Iterator[tuple[str, str]]:
    """Value and meaning of each code in some sequences, and in the modifiers within them."""
    for keyword in sequences:
        for item in items(header, keyword):
            yield text(item, "CodeValue"), text(item, "CodeMeaning")
            yield from _codes(item, "AnatomicRegionModifierSequence", "ViewModifierCodeSequence")


def _first(
    header: Dataset,
    sequences: tuple[str, ...],
    of_code: Callable[[str], _Word | None],
    of_text: Callable[[str], _Word | None],
) -> _Word | None:
    for value, meaning in _codes(header, *sequences):
        found = of_code(value) or of_text(meaning)
        if found is not None:
            return found
    return None


def _described(header: Dataset, of_text: Callable[[str], _Word | None]) -> _Word | None:
    for keyword in _DESCRIPTIONS:
        found = of_text(" ".join(texts(header, keyword)))
        if found is not None:
            return found
    return None


def body_part(header: Dataset) -> BodyPart | None:
    """Region: AnatomicRegionSequence, then BodyPartExamined, then the descriptions, the most specific first."""
    coded = _first(header, ("AnatomicRegionSequence",), anatomy.part_of_code, anatomy.part_of_text)
    stated = coded or anatomy.part_of_text(text(header, "BodyPartExamined"))
    return stated or _described(header, anatomy.part_of_text)


def view(header: Dataset) -> View | None:
    """Projection: ViewCodeSequence, then ViewPosition, then the descriptions."""
    coded = _first(header, ("ViewCodeSequence",), anatomy.view_of_code, anatomy.view_of_text)
    stated = coded or anatomy.view_of_text(text(header, "ViewPosition"))
    return stated or _described(header, anatomy.view_of_text)


def laterality(header: Dataset) -> Laterality | None:
    """Side: ImageLaterality, then Laterality, then codes, then the descriptions; None also for unpaired parts."""
    for keyword in ("ImageLaterality", "Laterality"):
        letter = text(header, keyword).upper()
        if letter in {"L", "R", "B"}:
            return Laterality(letter)
        if letter == "U":
            return None
    coded = _first(header, ("AnatomicRegionSequence", "ViewCodeSequence"), anatomy.side_of_code, anatomy.side_of_text)
    return coded or _described(header, anatomy.side_of_text)


def spacing(header: Dataset) -> tuple[tuple[float, float] | None, tuple[Note, ...]]:
    """Distance between rows and between columns in mm, and notes on where it comes from (PS3.3 section 10.7.1.3).

    PixelSpacing is in the plane of the patient if it differs from ImagerPixelSpacing, which is in the plane of the
    detector and is divided by EstimatedRadiographicMagnificationFactor where that is given. Film scanners write
    NominalScannedPixelSpacing.
    """
    patient, detector = _pair(header, "PixelSpacing"), _pair(header, "ImagerPixelSpacing")
    useless = patient is None and numbers(header, "PixelSpacing")
    notes = (Note(NoteCode.PIXEL_SPACING_INVALID),) if useless else ()
    if patient is not None and patient != detector:
        return patient, notes
    if detector is None:
        scanned = _pair(header, "NominalScannedPixelSpacing")
        return scanned, (*notes, Note(NoteCode.SPACING_OF_SCANNER)) if scanned else notes
    factor = number(header, "EstimatedRadiographicMagnificationFactor")
    if factor is not None and 1.0 <= factor < 10.0:
        corrected = (detector[0] / factor, detector[1] / factor)
        return corrected, (*notes, Note(NoteCode.SPACING_CORRECTED, {"magnification": factor}))
    return detector, (*notes, Note(NoteCode.SPACING_OF_DETECTOR))


def _pair(header: Dataset, keyword: str) -> tuple[float, float] | None:
    """Two positive numbers, also where a comma (between decimal points), a semicolon or a space stands between them."""
    written = [part for part in texts(header, keyword) if part]
    if len(written) == 1 and (apart := _TWO.fullmatch(written[0])):
        written = [part for part in apart.groups() if part]
    first, second = map(read_number, written) if len(written) == 2 else (None, None)
    return (first, second) if first is not None and second is not None and min(first, second) > 0 else None


def aspect(header: Dataset, distances: tuple[float, float] | None) -> float:
    """Height of a pixel over its width: by its spacing, else PixelAspectRatio (PS3.3 section C.7.6.3.1.7); else 1."""
    ratio = distances or _pair(header, "PixelAspectRatio")
    return ratio[0] / ratio[1] if ratio else 1.0
