"""What a person says of an AI reading, as a structured report of TID 1500 whose observer is that person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydicom.dataset import Dataset

from osteon.outputs import words
from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.common import codes
from osteon.outputs.dicom.common.base import Job
from osteon.outputs.dicom.common.content import CONTAINS, CONTEXT, code, container, person, text, uid
from osteon.outputs.dicom.common.document import language, new_document, procedures
from osteon.outputs.dicom.objects.measurements import (
    COMPREHENSIVE,
    COMPREHENSIVE_3D,
    image_library,
    region,
    site,
    tracking_uid,
)
from osteon.outputs.dicom.opinion import Correction, Opinion
from osteon.outputs.dicom.options import ObjectReference

ORGANIZATION: Final = "unknown"
_VERBS: Final = {True: "agrees", False: "disagrees", None: "has not said whether they agree"}


def reader_report(job: Job, opinion: Opinion, about: ObjectReference | None) -> Dataset:
    """The opinion.

    Args:
        job: the reading that it is about, made at the time of the opinion.
        opinion: of the reader.
        about: the AI's own report, whose content it judges; None where none was made.

    Raises:
        ValueError: a time without its time zone, or a correction of an image or a finding that the reading does not have.
    """
    if opinion.given.tzinfo is None:
        raise ValueError("expected a time with its time zone, got one without")
    children = [language(), *_observer(opinion), *procedures(job.sources), image_library(job)]
    groups = [_group(job, opinion, place, one) for place, one in enumerate(opinion.corrections)]
    if groups:
        children.append(container(codes.MEASUREMENT_LIST, groups))
    children.append(container(codes.QUALITATIVE, list(_evaluations(job, opinion))))
    root = container(codes.REPORT, children, "1500", relationship="")
    sop_class = COMPREHENSIVE if job.options.comprehensive else COMPREHENSIVE_3D
    stamp = opinion.given.astimezone().isoformat()
    earlier = (*(() if about is None else (about,)), *job.options.replaces)
    made = new_document(job, kinds.READER, sop_class, root, earlier, opinion.reader, stamp)
    if opinion.signed:
        made.VerificationFlag, made.PreliminaryFlag = "VERIFIED", "FINAL"
        signature = Dataset()
        signature.VerifyingOrganization = opinion.organization or ORGANIZATION
        signature.VerificationDateTime = f"{job.made:%Y%m%d%H%M%S.%f}"
        signature.VerifyingObserverName = opinion.reader
        signature.VerifyingObserverIdentificationCodeSequence = []
        made.VerifyingObserverSequence = [signature]
    return made


def _observer(opinion: Opinion) -> list[Dataset]:
    """The reader as the one who observed (TID 1003)."""
    found = [
        code(CONTEXT, codes.OBSERVER_TYPE, codes.PERSON),
        person(CONTEXT, codes.PERSON_NAME, opinion.reader),
    ]
    return [*found, *([text(CONTEXT, codes.PERSON_ORGANIZATION, opinion.organization)] if opinion.organization else [])]


def _group(job: Job, opinion: Opinion, place: int, one: Correction) -> Dataset:
    """A place that the reader accepts, rejects or adds; a finding of the AI keeps its tracking UID."""
    reading = job.result.reading
    if not 0 <= one.image < len(reading.radiographs):
        raise ValueError(f"expected an image below {len(reading.radiographs)}, got {one.image}")
    if one.finding is not None and not 0 <= one.finding < len(reading.findings):
        raise ValueError(f"expected a finding below {len(reading.findings)}, got {one.finding}")
    stamp = opinion.given.astimezone().isoformat()
    if one.finding is None:
        name, tracked = f"Reader finding {place + 1}", job.uid("drawn", opinion.reader, stamp, str(place))
        said = "Drawn by the reader"
    else:
        name, tracked = f"Osteon finding {one.finding + 1}", tracking_uid(job, one.finding)
        said = "Accepted by the reader" if one.present else "Rejected by the reader"
    concept = codes.label_code(one.label, job.result.bundle)
    children = [
        text(CONTEXT, codes.TRACKING_ID, name),
        uid(CONTEXT, codes.TRACKING_UID, tracked),
        code(CONTAINS, codes.FINDING, concept),
        *site(job, one.image),
        code(CONTAINS, concept, codes.PRESENT if one.present else codes.ABSENT),
        region(job, one.image, job.sources.images[one.image].outline(one.box)),
        text(CONTAINS, codes.COMMENT, said),
    ]
    return container(codes.GROUP, children, "1410")


def _evaluations(job: Job, opinion: Opinion) -> Iterator[Dataset]:
    reading = job.result.reading
    own = opinion.call or (reading.call if opinion.agrees else None)
    # Who disagrees without a call of their own has not said what is there.
    yield code(CONTAINS, codes.FRACTURE, codes.UNDETERMINED if own is None else codes.PRESENCE[own])
    said = f"The reader {_VERBS[opinion.agrees]} with the AI, whose call is: "
    if opinion.withdrawn:
        said = "The reader has withdrawn what an earlier report says of the AI's reading, whose call is: "
    said += words.CALLS[reading.call]
    said += "." if opinion.call is None else f". Own call: {words.CALLS[opinion.call]}."
    yield text(CONTAINS, codes.COMMENT, said)
    if opinion.note:
        yield text(CONTAINS, codes.COMMENT, opinion.note)
    yield text(CONTAINS, codes.COMMENT, f"The AI: Osteon, bundle {job.result.bundle.identity}.")
