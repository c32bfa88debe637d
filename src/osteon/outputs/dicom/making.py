"""From a result to objects: the one list of what makes which kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from pydicom.dataset import Dataset

from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.common.base import Job, moment
from osteon.outputs.dicom.common.source import read_sources
from osteon.outputs.dicom.kinds import Kind
from osteon.outputs.dicom.objects.capture import capture
from osteon.outputs.dicom.objects.key_images import key_images
from osteon.outputs.dicom.objects.measurements import measurement_report
from osteon.outputs.dicom.objects.pdf_document import pdf_document
from osteon.outputs.dicom.objects.presentation import presentation_states
from osteon.outputs.dicom.objects.reader_report import reader_report
from osteon.outputs.dicom.objects.text_report import text_report
from osteon.outputs.dicom.opinion import Opinion
from osteon.outputs.dicom.options import ObjectReference, Options
from osteon.outputs.result import StudyResult

_MAKERS: Final[dict[Kind, Callable[[Job], Dataset | Sequence[Dataset] | None]]] = {
    kinds.MEASUREMENTS: measurement_report,
    kinds.TEXT: text_report,
    kinds.PRESENTATION: presentation_states,
    kinds.CAPTURE: capture,
    kinds.KEY_IMAGES: key_images,
    kinds.PDF: pdf_document,
}


def make_objects(kind: Kind, result: StudyResult, options: Options) -> tuple[Dataset, ...]:
    """See ``osteon.outputs.dicom.make``."""
    if kind not in _MAKERS:
        raise ValueError(f"expected one of {', '.join(one.name for one in _MAKERS)}, got {kind.name}")
    made = _MAKERS[kind](_job(result, options))
    if made is None:
        return ()
    return (made,) if isinstance(made, Dataset) else tuple(made)


def make_opinion(opinion: Opinion, result: StudyResult, about: ObjectReference | None, options: Options) -> Dataset:
    """See ``osteon.outputs.dicom.make_reader_report``."""
    return reader_report(_job(result, replace(options, made=opinion.given)), opinion, about)


def _job(result: StudyResult, options: Options) -> Job:
    sources = read_sources(result)
    return Job(result, sources, options, moment(result, options, sources))
