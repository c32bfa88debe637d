"""The key object note: which images to look at first, or which could not be read (TID 2010)."""

from __future__ import annotations

import math
from typing import Final

from pydicom.dataset import Dataset

from osteon.core.labels import Call, Code
from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.common import codes, wording
from osteon.outputs.dicom.common.base import Job, evidence, new_object
from osteon.outputs.dicom.common.content import CONTAINS, container, image, text
from osteon.outputs.dicom.common.document import add_root, device_observer, language
from osteon.outputs.dicom.common.source import SourceImage
from osteon.outputs.dicom.speaking import has_key_images

KEY_OBJECTS: Final = "1.2.840.10008.5.1.4.1.1.88.59"


def key_images(job: Job) -> Dataset | None:
    """The note.

    Of a fracture or a doubt it names the images behind it; of a study that was refused for the quality of its images,
    those. There is none of a negative study, nor of one outside the bundle's indication: nothing in either asks to be looked
    at before the rest.
    """
    reading = job.result.reading
    if not has_key_images(reading):
        return None
    positive = reading.call in (Call.FRACTURE, Call.DOUBT)
    title, chosen = (codes.OF_INTEREST, _behind(job)) if positive else (codes.QUALITY_ISSUE, _refused(job))
    return _note(job, title, chosen)


def _behind(job: Job) -> list[SourceImage]:
    """The images that reach *doubt* or have a box; all that were read where it takes them together."""
    reading = job.result.reading
    boxed = {finding.image for finding in reading.findings}
    read = [one for one in job.sources.images if not math.isnan(reading.image_probabilities[one.index])]
    chosen = [one for one in read if one.index in boxed or reading.image_probabilities[one.index] >= reading.doubt]
    return chosen or read or list(job.sources.images)


def _refused(job: Job) -> list[SourceImage]:
    """The images with a refusal that lies in their quality; all where a stored reading does not say which."""
    refusals = job.result.reading.image_refusals
    chosen = [
        one
        for one in job.sources.images
        if one.index < len(refusals) and any(refusal.code in codes.QUALITY for refusal in refusals[one.index])
    ]
    return chosen or list(job.sources.images)


def _note(job: Job, title: Code, chosen: list[SourceImage]) -> Dataset:
    reading = job.result.reading
    said = f"{wording.UNVERIFIED}: {wording.call_words(reading)}"
    said += f". {reading.reason}" if reading.call is Call.ABSTAIN else ""
    children = [
        language(),
        *device_observer(job),
        text(CONTAINS, codes.KEY_DESCRIPTION, said),
        *(image(CONTAINS, codes.SOURCE, one.reference()) for one in chosen),
    ]
    made = new_object(job, kinds.KEY_IMAGES, KEY_OBJECTS)
    made.ContentDate, made.ContentTime = made.InstanceCreationDate, made.InstanceCreationTime
    made.ReferencedPerformedProcedureStepSequence = []
    made.CurrentRequestedProcedureEvidenceSequence = [evidence(job, chosen)]
    add_root(made, container(title, children, "2010", relationship=""))
    return made
