"""Readings as standard DICOM objects, for archives and viewers.

``make`` gives the objects of one kind (``KINDS``), ``make_reader_report`` what a person says of a reading. Their UIDs follow
from the source objects, the bundle and the kind; their times do not where the time of the reading is not known. So an object
is made once and its bytes are kept: sent again, they must be the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.annotation import AnnotatedAnswer, AnnotatedRegion, PersonReport
from osteon.outputs.dicom.kinds import Kind
from osteon.outputs.dicom.opinion import Correction, Opinion
from osteon.outputs.dicom.options import Compression, ObjectReference, Options
from osteon.outputs.result import StudyResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydicom.dataset import Dataset


__all__ = [
    "KINDS",
    "AnnotatedAnswer",
    "AnnotatedRegion",
    "Compression",
    "Correction",
    "Kind",
    "ObjectReference",
    "Opinion",
    "Options",
    "PersonReport",
    "make",
    "make_person_report",
    "make_reader_report",
    "parse_report",
    "reference_to",
    "to_bytes",
]

KINDS: Final = (
    kinds.MEASUREMENTS,
    kinds.TEXT,
    kinds.PRESENTATION,
    kinds.CAPTURE,
    kinds.KEY_IMAGES,
    kinds.PDF,
)
"""What a reading can become."""

_DEFAULT: Final = Options()


def make(kind: Kind, result: StudyResult, options: Options = _DEFAULT) -> tuple[Dataset, ...]:
    """Make the objects of a kind.

    Args:
        kind: one of ``KINDS``.
        result: of a study, with the headers of its files; for a capture or a PDF with its pixels.
        options: of the destination.

    Returns:
        One object; none where the kind has nothing to say (key images of a negative study, a presentation state of images in
        colour), several presentation states where a study mixes polarities.

    Raises:
        InputError: a file can no longer be opened or decoded.
        OsteonError: a PDF is wanted, and reportlab is not installed.
        OutputError: an image is no DICOM object, or the files are of several patients or studies.
        ValueError: the kind is no reading's, a time has no time zone, or a report would replace itself.
    """
    from osteon.outputs.dicom.making import make_objects

    return make_objects(kind, result, options)


def make_reader_report(
    opinion: Opinion, result: StudyResult, about: ObjectReference | None, options: Options = _DEFAULT
) -> Dataset:
    """Make a report of what a person says of a reading.

    Args:
        opinion: of the reader.
        result: the reading that it is about.
        about: the AI's own report, as ``reference_to`` gives it; None where none was made.
        options: of the destination; ``made`` is left aside, the time is that of the opinion.

    Raises:
        InputError: a file can no longer be opened.
        OutputError: see ``make``.
        ValueError: the opinion speaks of what the reading does not have, or its time has no time zone.
    """
    from osteon.outputs.dicom.making import make_opinion

    return make_opinion(opinion, result, about, options)


def make_person_report(
    report: PersonReport,
    headers: Sequence[Callable[[], Dataset]],
    sizes: Sequence[tuple[int, int]],
    options: Options = _DEFAULT,
) -> Dataset:
    """Make a report of what a person says of images, without a reading of a model.

    Args:
        report: of the person.
        headers: read the header of each image's file, without pixels.
        sizes: rows and columns of each image.
        options: of the destination; ``made`` is left aside, the time is that of the report.

    Raises:
        InputError: a file can no longer be opened.
        OutputError: see ``make``.
        ValueError: the report speaks of an image that is not there, or its time has no time zone.
    """
    from osteon.outputs.dicom.objects.person_report import person_report

    return person_report(report, headers, sizes, options)


def parse_report(made: Dataset) -> PersonReport:
    """What a report of annotations says, whoever wrote it.

    Raises:
        DataError: it is no report of measurements by a person.
    """
    from osteon.outputs.dicom.annotation_parser import parse_report as parse

    return parse(made)


def reference_to(made: Dataset) -> ObjectReference:
    """A reference to an object that was made."""
    return ObjectReference(made.SOPClassUID, made.SOPInstanceUID, made.SeriesInstanceUID)


def to_bytes(made: Dataset) -> bytes:
    """The bytes of an object's file; the same each time for one object."""
    from osteon.outputs.dicom.common import base

    return base.to_bytes(made)
