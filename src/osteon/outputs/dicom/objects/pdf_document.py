"""The report for people as an encapsulated PDF."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydicom.dataset import Dataset

from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.common import codes
from osteon.outputs.dicom.common.base import Job, new_object
from osteon.outputs.dicom.common.content import coded
from osteon.outputs.dicom.common.source import burned_in
from osteon.outputs.formats.pdf import render
from osteon.outputs.report import compose
from osteon.outputs.result import People

ENCAPSULATED_PDF: Final = "1.2.840.10008.5.1.4.1.1.104.1"


def pdf_document(job: Job) -> Dataset:
    """The report of the reading alone.

    What people say of it afterwards would change an object that was sent already, and a pseudonym beside the patient's name
    would be none any more.

    Raises:
        InputError: a file cannot be decoded.
        OsteonError: reportlab is not installed.
    """
    details = replace(job.result.details, id="", pseudonym="", received=None, replaced=False)
    content = render(compose(replace(job.result, people=People(), details=details)))
    made = new_object(job, kinds.PDF, ENCAPSULATED_PDF)
    made.ContentDate, made.ContentTime = made.InstanceCreationDate, made.InstanceCreationTime
    made.AcquisitionDateTime = ""
    made.ConversionType, made.BurnedInAnnotation = "WSD", burned_in(job.sources.images)
    made.DocumentTitle = kinds.PDF.description
    made.ConceptNameCodeSequence = [coded(codes.IMAGING_REPORT)]
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.SourceInstanceSequence = [image.reference(frame=False) for image in job.sources.files]
    made.EncapsulatedDocumentLength = len(content)
    made.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    return made
