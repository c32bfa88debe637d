"""Reads as DICOM reports of their readers, and such reports as annotations to continue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from osteon.clinic.annotation.exchange.incoming import ImportedImage, ImportedRegion
from osteon.clinic.annotation.records.project import Item
from osteon.clinic.annotation.records.read import Read, Region
from osteon.clinic.annotation.schema.records import LabelSchema, RegionKind
from osteon.core.labels import Code
from osteon.outputs.dicom.annotation import AnnotatedAnswer, AnnotatedRegion, PersonReport
from osteon.outputs.dicom.common import codes as dicom_codes
from osteon.outputs.result import BundleInfo

_CLOSED = (RegionKind.BOX, RegionKind.POLYGON)


def codes_of(schema: LabelSchema) -> dict[str, Code]:
    """SNOMED CT of each label that has a concept of its own; labels that share one get private codes."""
    labels = list(schema.walk())
    used = Counter((label.code.scheme, label.code.value) for label in labels if label.code is not None)
    return {
        label.id: label.code
        for label in labels
        if label.code is not None and used[label.code.scheme, label.code.value] == 1
    }


def report_of(read: Read, item: Item, project: str, schema: LabelSchema) -> PersonReport:
    """What a reader said of a study."""
    positions = {image.position: place for place, image in enumerate(item.images)}
    return PersonReport(
        reader=person_name(read.reader_name),
        given=read.finished,
        identity=f"{project[:16]}-read-{read.id}",
        answers=tuple(
            AnnotatedAnswer(answer.label, answer.value, None if answer.image is None else positions[answer.image])
            for answer in read.answers
        ),
        regions=tuple(_drawn(region, positions) for region in read.regions),
        codes=codes_of(schema),
        note=read.question,
    )


def dicom_report(read: Read, item: Item, project: str, schema: LabelSchema, path_of: Callable[[str], Path]) -> bytes:
    """A read as a DICOM report (TID 1500) of its reader; it names the patient as the images do.

    Args:
        read: that was not skipped.
        item: the study that was read.
        project: name of the project.
        schema: of the project.
        path_of: where the file of a digest lies.

    Raises:
        OsteonError: the study is no DICOM, or its headers contradict each other.
    """
    from osteon.inference.results import read_header
    from osteon.outputs.dicom import make_person_report, to_bytes

    headers = [partial(read_header, path_of(image.digest)) for image in item.images]
    sizes = [(image.rows, image.columns) for image in item.images]
    return to_bytes(make_person_report(report_of(read, item, project, schema), headers, sizes))


def person_name(account: str) -> str:
    """The name of an account in DICOM's notation: one that is written so stays, others are a family name of several words."""
    name = "".join(" " if letter in "\\=" or not letter.isprintable() else letter for letter in account).strip()[:62]
    return name if "^" in name or " " not in name else f"{name}^"


def _drawn(region: Region, positions: Mapping[int, int]) -> AnnotatedRegion:
    points = region.points
    if region.kind is RegionKind.BOX:
        (x0, y0), (x1, y1) = points
        points = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return AnnotatedRegion(region.label, positions[region.image], points, region.kind in _CLOSED)


def imported_images(report: PersonReport, schema: LabelSchema) -> list[ImportedImage]:
    """What a report says, by image; labels are found by their codes, else by their names."""
    info = BundleInfo("", codes=codes_of(schema))
    named = {_key(dicom_codes.label_code(label.id, info)): label.id for label in schema.walk()}
    answers: dict[tuple[str, int], dict[str, int]] = {}
    regions: dict[tuple[str, int], list[ImportedRegion]] = {}
    of_study: dict[str, int] = {}
    for answer in report.answers:
        label = named.get(_key(answer.code), answer.label)
        if answer.image is None:
            of_study[label] = answer.value
        else:
            answers.setdefault(answer.instance, {})[label] = answer.value
    for region in report.regions:
        label = named.get(_key(region.code), region.label)
        regions.setdefault(region.instance, []).append(ImportedRegion(label, *_shape(region)))
    found = [
        ImportedImage((f"{uid}:{frame}",), answers.get((uid, frame), {}), tuple(regions.get((uid, frame), ())))
        for uid, frame in dict.fromkeys([*answers, *regions])
    ]
    # An answer about the study is said once, with any of its images.
    return (
        [*found[:-1], ImportedImage(found[-1].keys, {**found[-1].answers, **of_study}, found[-1].regions)]
        if found
        else []
    )


def _key(code: Code | None) -> tuple[str, str]:
    return ("", "") if code is None else (code.scheme, code.value)


def _shape(region: AnnotatedRegion) -> tuple[RegionKind, tuple[tuple[float, float], ...]]:
    points = region.points
    if len(points) == 1:
        return RegionKind.POINT, points
    if not region.closed:
        return (RegionKind.ANGLE if len(points) == 3 else RegionKind.POLYLINE), points
    across, down = {x for x, _ in points}, {y for _, y in points}
    if len(points) == 4 and len(across) == 2 and len(down) == 2:
        return RegionKind.BOX, ((min(across), min(down)), (max(across), max(down)))
    return RegionKind.POLYGON, points
