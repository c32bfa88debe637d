"""The measurement report: a reading as a structured report of TID 1500, for programs and viewers.

Each box is a measurement group of TID 1410. The call of the study stands in Qualitative Evaluations (TID 1500 row 12), also
where there is no box: a group without coordinates, and a number directly in a group, stop some viewers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydicom.dataset import Dataset

from osteon.core.labels import BODY_PART_CODES, Call
from osteon.core.records import Finding
from osteon.core.wording.refusals import refusal_sentence
from osteon.imaging.dicom.header import text as header_text
from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.common import codes, wording
from osteon.outputs.dicom.common.base import MANUFACTURER, MODEL, Job
from osteon.outputs.dicom.common.content import (
    ACQUISITION,
    CONTAINS,
    CONTEXT,
    MODIFIER,
    PROPERTY,
    SELECTED,
    code,
    container,
    image,
    number,
    polyline,
    text,
    uid,
)
from osteon.outputs.dicom.common.document import device_observer, language, new_document, procedures
from osteon.outputs.dicom.common.source import SourceImage
from osteon.outputs.numbers import number as probability_words

COMPREHENSIVE: Final = "1.2.840.10008.5.1.4.1.1.88.33"
COMPREHENSIVE_3D: Final = "1.2.840.10008.5.1.4.1.1.88.34"


def measurement_report(job: Job) -> Dataset:
    """The report of a reading: positive, negative, in doubt or abstained."""
    reading = job.result.reading
    children = [language(), *device_observer(job), *procedures(job.sources), image_library(job)]
    groups = [_group(job, place, finding) for place, finding in enumerate(reading.findings)]
    if groups:
        children.append(container(codes.MEASUREMENT_LIST, groups))
    children.append(container(codes.QUALITATIVE, list(_evaluations(job))))
    root = container(codes.REPORT, children, "1500", relationship="")
    if job.options.comprehensive:
        return new_document(job, kinds.MEASUREMENTS, COMPREHENSIVE, root, job.options.replaces, "comprehensive")
    return new_document(job, kinds.MEASUREMENTS, COMPREHENSIVE_3D, root, job.options.replaces)


def tracking_uid(job: Job, place: int) -> str:
    """UID of the finding at a place in the reading, the same in all objects."""
    return job.uid("finding", str(place))


def image_library(job: Job) -> Dataset:
    """The images that were read (TID 1600)."""
    entries = [image(CONTAINS, codes.SOURCE, one.reference(), _described(one)) for one in job.sources.images]
    return container(codes.LIBRARY, [container(codes.LIBRARY_GROUP, entries)])


def _described(one: SourceImage) -> list[Dataset]:
    """Modality and size of an image (TID 1602 and 1603)."""
    modality = codes.MODALITIES.get(header_text(one.header, "Modality").upper(), codes.MODALITIES["OT"])
    return [
        code(ACQUISITION, codes.MODALITY, modality),
        number(ACQUISITION, codes.ROWS, one.rows, codes.PIXELS),
        number(ACQUISITION, codes.COLUMNS, one.columns, codes.PIXELS),
    ]


def site(job: Job, index: int) -> list[Dataset]:
    """The region that an image shows, with its side (TID 1410 row 8); empty where neither file nor study states it."""
    radiograph = job.result.reading.radiographs[index]
    part = radiograph.body_part or job.result.details.body_part
    if part is None:
        return []
    side = [] if radiograph.laterality is None else [code(MODIFIER, codes.SIDE, codes.SIDES[radiograph.laterality])]
    return [code(MODIFIER, codes.SITE, BODY_PART_CODES[part], side)]


def region(job: Job, index: int, outline: list[float]) -> Dataset:
    """A closed line in an image of the reading."""
    reference = job.sources.images[index].reference()
    return polyline(CONTAINS, codes.REGION, outline, [image(SELECTED, codes.SOURCE, reference)])


def _group(job: Job, place: int, finding: Finding) -> Dataset:
    """A box (TID 1410)."""
    concept = codes.label_code(finding.label, job.result.bundle)
    certainty = number(PROPERTY, codes.CERTAINTY, 100.0 * finding.score, codes.PERCENT)
    presence = codes.PRESENT if finding.definite else codes.EQUIVOCAL
    children = [
        text(CONTEXT, codes.TRACKING_ID, f"{MODEL} finding {place + 1}"),
        uid(CONTEXT, codes.TRACKING_UID, tracking_uid(job, place)),
        code(CONTAINS, codes.FINDING, concept),
        *site(job, finding.image),
        *_algorithm(job),
        code(CONTAINS, concept, presence, [certainty]),
        region(job, finding.image, job.sources.images[finding.image].outline(finding.box)),
        text(CONTAINS, codes.COMMENT, wording.box_words(finding)),
    ]
    return container(codes.GROUP, children, "1410")


def _algorithm(job: Job) -> list[Dataset]:
    """What found it (TID 4019)."""
    reading, bundle = job.result.reading, job.result.bundle
    parameters = [f"doubt={reading.doubt:.6g}", f"definite={reading.definite:.6g}"]
    parameters += [f"sha256={bundle.digest}"] if bundle.digest else []
    return [
        text(MODIFIER, codes.ALGORITHM_NAME, MODEL),
        text(MODIFIER, codes.ALGORITHM_VERSION, bundle.identity),
        text(MODIFIER, codes.ALGORITHM_MANUFACTURER, MANUFACTURER),
        *(text(MODIFIER, codes.ALGORITHM_PARAMETERS, one) for one in parameters),
    ]


def _evaluations(job: Job) -> Iterator[Dataset]:
    """The call of the study, and what belongs to it."""
    reading = job.result.reading
    yield code(CONTAINS, codes.FRACTURE, codes.PRESENCE[reading.call], _certainty(reading.call, reading.probability))
    for quality in dict.fromkeys(
        codes.QUALITY[refusal.code] for refusal in reading.refusals if refusal.code in codes.QUALITY
    ):
        yield code(CONTAINS, codes.QUALITY_FINDING, quality)
    comments = [f"Not read: {refusal_sentence(refusal)}." for refusal in dict.fromkeys(reading.refusals)]
    if reading.probability is not None:
        comments.append(
            f"AI call: {wording.call_words(reading)} of a fracture (operating points: doubt "
            f"{probability_words(reading.doubt)}, definite {probability_words(reading.definite)})."
        )
    for comment in (*comments, *wording.notes(job.result), wording.bundle_words(job.result)):
        yield text(CONTAINS, codes.COMMENT, comment)


def _certainty(call: Call, probability: float | None) -> list[Dataset]:
    """How sure the call is: by definition of the concept that of what is said, so of an absence the rest to 100 %."""
    if probability is None or call is Call.ABSTAIN:
        return []
    value = 1.0 - probability if call is Call.NO_FRACTURE else probability
    return [number(PROPERTY, codes.CERTAINTY, 100.0 * value, codes.PERCENT)]
