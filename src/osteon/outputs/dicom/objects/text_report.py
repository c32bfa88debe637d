"""The reading as a Basic Text SR, which viewers print for people (TID 2000)."""

from __future__ import annotations

from typing import Final

from pydicom.dataset import Dataset

from osteon.outputs import words
from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.common import codes, wording
from osteon.outputs.dicom.common.base import Job
from osteon.outputs.dicom.common.content import CONTAINS, container, image, text
from osteon.outputs.dicom.common.document import device_observer, language, new_document, procedures

BASIC_TEXT: Final = "1.2.840.10008.5.1.4.1.1.88.11"


def text_report(job: Job) -> Dataset:
    """The report; every item has a concept name, without which a viewer may fail."""
    reading = job.result.reading
    impression = [wording.call_words(reading) + ".", *wording.call_sentences(reading)]
    found = [wording.place_words(reading, finding) + "." for finding in reading.findings]
    if not found and reading.probability is not None:
        found.append(words.without_boxes(reading.call, draws=bool(reading.finding_labels)))
    found += [f"Note: {note}." for note in wording.notes(job.result)]
    findings = [text(CONTAINS, codes.FINDING, one) for one in found]
    findings += [image(CONTAINS, codes.SOURCE, one.reference()) for one in job.sources.images]
    children = [
        language(),
        *device_observer(job),
        *procedures(job.sources),
        container(codes.IMPRESSIONS, [text(CONTAINS, codes.IMPRESSION, one) for one in impression]),
        container(codes.FINDINGS, findings),
        text(CONTAINS, codes.COMMENT, wording.bundle_words(job.result)),
    ]
    root = container(codes.IMAGING_REPORT, children, "2000", relationship="")
    return new_document(job, kinds.TEXT, BASIC_TEXT, root, job.options.replaces)
