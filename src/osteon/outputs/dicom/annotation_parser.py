"""Reads the regions and answers of a structured report of TID 1500, written by Osteon or by another program."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from pydicom.dataset import Dataset

from osteon.core.errors import DataError
from osteon.core.labels import Code
from osteon.imaging.dicom.header import UNREADABLE, items, text
from osteon.outputs.dicom.annotation import AnnotatedAnswer, AnnotatedRegion, PersonReport, Point
from osteon.outputs.dicom.common import codes

_PRESENCE: Final = {codes.PRESENT.value: 1, codes.ABSENT.value: 0, codes.UNDETERMINED.value: -1}
_DRAWN: Final = frozenset({"POLYLINE", "POINT"})


def parse_report(made: Dataset) -> PersonReport:
    """What a report says.

    Regions of other shapes than points and lines (circles, ellipses), and regions in space, are left out.

    Raises:
        DataError: it is no measurement report, or names no person as observer.
    """
    try:
        if _concept(made).value != codes.REPORT.value:
            raise DataError(
                "this is no report of measurements", expected="a structured report of TID 1500", got="another object"
            )
        observer = next((item for item in items(made, "ContentSequence") if _is(item, codes.PERSON_NAME)), None)
        if observer is None or not str(observer.get("PersonName", "")):
            raise DataError("the report names no person as observer", expected="a report that a person made")
        found = list(_walk(made))
        regions = [region for item in found if _is(item, codes.GROUP) for region in _regions(item)]
        answers = [
            answer
            for item in found
            if _is(item, codes.QUALITATIVE)
            for child in items(item, "ContentSequence")
            if (answer := _answer(child)) is not None
        ]
        identity = text(made, "SOPInstanceUID")
        return PersonReport(str(observer.PersonName), _moment(made), identity, tuple(answers), tuple(regions))
    except UNREADABLE as error:
        raise DataError("the report cannot be read", got=type(error).__name__) from error


def _walk(item: Dataset) -> Iterator[Dataset]:
    for child in items(item, "ContentSequence"):
        yield child
        yield from _walk(child)


def _concept(item: Dataset, sequence: str = "ConceptNameCodeSequence") -> Code:
    named = next(iter(items(item, sequence)), None)
    if named is None:
        return Code("", "", "")
    return Code(text(named, "CodeValue"), text(named, "CodeMeaning"), text(named, "CodingSchemeDesignator"))


def _is(item: Dataset, concept: Code) -> bool:
    found = _concept(item)
    return (found.value, found.scheme) == (concept.value, concept.scheme)


def _regions(group: Dataset) -> Iterator[AnnotatedRegion]:
    children = list(items(group, "ContentSequence"))
    finding = next((_concept(item, "ConceptCodeSequence") for item in children if _is(item, codes.FINDING)), None)
    if finding is None:
        return
    denied = any(
        _concept(item) == finding and _concept(item, "ConceptCodeSequence").value == codes.ABSENT.value
        for item in children
    )
    for item in children:
        kind = text(item, "GraphicType")
        if text(item, "ValueType") != "SCOORD" or kind not in _DRAWN or denied:
            continue
        points = _points(item)
        closed = kind == "POLYLINE" and len(points) > 2 and points[0] == points[-1]
        instance = _instance(item)
        if points and instance[0]:
            kept = points[:-1] if closed else points
            yield AnnotatedRegion(finding.meaning, -1, kept, closed, finding, instance)


def _points(item: Dataset) -> tuple[Point, ...]:
    data = item.get("GraphicData")
    numbers = [float(value) for value in (data if isinstance(data, (list, tuple)) or hasattr(data, "__iter__") else ())]
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _instance(item: Dataset) -> tuple[str, int]:
    """SOPInstanceUID and frame of the image that an item refers to."""
    for child in items(item, "ContentSequence"):
        for reference in items(child, "ReferencedSOPSequence"):
            frame = text(reference, "ReferencedFrameNumber")
            return text(reference, "ReferencedSOPInstanceUID"), int(frame) if frame.isdigit() else 1
    return "", 1


def _answer(item: Dataset) -> AnnotatedAnswer | None:
    if text(item, "ValueType") != "CODE":
        return None
    value = _PRESENCE.get(_concept(item, "ConceptCodeSequence").value)
    if value is None:
        return None
    concept, instance = _concept(item), _instance(item)
    return AnnotatedAnswer(concept.meaning, value, -1 if instance[0] else None, concept, instance)


def _moment(made: Dataset) -> datetime:
    stated = text(made, "ContentDate") + text(made, "ContentTime").partition(".")[0]
    try:
        return datetime.strptime(stated, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime.now(UTC)
