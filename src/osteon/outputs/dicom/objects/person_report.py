"""A person's annotations of a study, which no model has a part in, as a structured report of TID 1500."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.labels import Call
from osteon.core.records import Radiograph, Reading
from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.annotation import AnnotatedAnswer, AnnotatedRegion, PersonReport
from osteon.outputs.dicom.common import codes
from osteon.outputs.dicom.common.base import MANUFACTURER, MODEL, Job, moment
from osteon.outputs.dicom.common.content import (
    CONTAINS,
    CONTEXT,
    SELECTED,
    code,
    container,
    image,
    person,
    polyline,
    text,
    uid,
)
from osteon.outputs.dicom.common.document import language, new_document, procedures
from osteon.outputs.dicom.common.source import read_sources
from osteon.outputs.dicom.objects.measurements import COMPREHENSIVE, COMPREHENSIVE_3D, image_library
from osteon.outputs.dicom.options import Options
from osteon.outputs.result import BundleInfo, SourceInstance, StudyResult

INFERRED: Final = "INFERRED FROM"
PRESENCE: Final = {1: codes.PRESENT, 0: codes.ABSENT, -1: codes.UNDETERMINED}


def person_report(
    report: PersonReport, headers: Sequence[Callable[[], Dataset]], sizes: Sequence[tuple[int, int]], options: Options
) -> Dataset:
    """The report.

    Args:
        report: of the person.
        headers: read the header of each image's file, without pixels.
        sizes: rows and columns of each image.
        options: of the destination.

    Raises:
        InputError: a file can no longer be opened.
        OutputError: a file is no DICOM object, or the files are not of one study.
        ValueError: the report's time has no time zone, or it speaks of an image that is not there.
    """
    if report.given.tzinfo is None:
        raise ValueError("expected a time with its time zone, got one without")
    job = _job(report, headers, sizes, options)
    children = [
        language(),
        code(CONTEXT, codes.OBSERVER_TYPE, codes.PERSON),
        person(CONTEXT, codes.PERSON_NAME, report.reader),
        *procedures(job.sources),
        image_library(job),
    ]
    groups = [_group(job, report, place, region) for place, region in enumerate(report.regions)]
    if groups:
        children.append(container(codes.MEASUREMENT_LIST, groups))
    children.append(container(codes.QUALITATIVE, list(_evaluations(job, report))))
    root = container(codes.REPORT, children, "1500", relationship="")
    sop_class = COMPREHENSIVE if options.comprehensive else COMPREHENSIVE_3D
    made = new_document(job, kinds.ANNOTATION, sop_class, root, options.replaces, report.reader, report.identity)
    # No bundle had a part in it: it is a program that wrote down what a person said.
    del made.ContributingEquipmentSequence
    made.SoftwareVersions = version("osteon")
    made.DeviceSerialNumber = "unknown"
    return made


def _job(
    report: PersonReport, headers: Sequence[Callable[[], Dataset]], sizes: Sequence[tuple[int, int]], options: Options
) -> Job:
    """What documents are made of: a reading without a model, of black images."""
    black = tuple(Radiograph(np.broadcast_to(np.float32(0), size)) for size in sizes)
    nothing = Refusal(RefusalCode.OTHER, {"text": "annotated by a person"})
    reading = Reading("", "", report.identity, Call.ABSTAIN, (nothing,), radiographs=black)
    instances = tuple(SourceInstance(place, header=header) for place, header in enumerate(headers))
    result = StudyResult(reading, instances, BundleInfo(report.identity, codes=report.codes))
    sources = read_sources(result)
    return Job(result, sources, options, moment(result, replace(options, made=report.given), sources))


def _group(job: Job, report: PersonReport, place: int, region: AnnotatedRegion) -> Dataset:
    """A region (TID 1410)."""
    concept = codes.label_code(region.label, job.result.bundle)
    reference = _reference(job, region.image)
    points = [value for point in region.points for value in point]
    if region.closed:
        points += region.points[0]
    line = polyline(CONTAINS, codes.REGION, points, [image(SELECTED, codes.SOURCE, reference)])
    if len(region.points) == 1:
        line.GraphicType, line.GraphicData = "POINT", list(region.points[0])
    children = [
        text(CONTEXT, codes.TRACKING_ID, f"{MODEL} annotation {place + 1}"),
        uid(CONTEXT, codes.TRACKING_UID, job.uid("annotation", report.reader, str(place))),
        code(CONTAINS, codes.FINDING, concept),
        code(CONTAINS, concept, codes.PRESENT),
        line,
    ]
    return container(codes.GROUP, children, "1410")


def _evaluations(job: Job, report: PersonReport) -> Iterator[Dataset]:
    """The answers, those about an image with a reference to it; what is said of no label in a comment."""
    for answer in report.answers:
        yield _answer(job, answer)
    said = f"Annotated by a person with Osteon ({MANUFACTURER}); no finding of a model is part of this report."
    yield text(CONTAINS, codes.COMMENT, said)
    if report.note:
        yield text(CONTAINS, codes.COMMENT, report.note)


def _answer(job: Job, answer: AnnotatedAnswer) -> Dataset:
    concept = codes.label_code(answer.label, job.result.bundle)
    of_image = [] if answer.image is None else [image(INFERRED, codes.SOURCE, _reference(job, answer.image))]
    return code(CONTAINS, concept, PRESENCE[answer.value], of_image)


def _reference(job: Job, place: int) -> Dataset:
    if not 0 <= place < len(job.sources.images):
        raise ValueError(f"expected an image below {len(job.sources.images)}, got {place}")
    return job.sources.images[place].reference()
