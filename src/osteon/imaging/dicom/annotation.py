"""What a file says of text within its pixels."""

from __future__ import annotations

from pydicom.dataset import Dataset

from osteon.core.codes.note import Note, NoteCode
from osteon.imaging.dicom import header as head


def burned_in(header: Dataset) -> tuple[Note, ...]:
    """The note on images whose BurnedInAnnotation (0028,0301) is YES (PS3.3, section C.7.6.1.1)."""
    return (Note(NoteCode.BURNED_IN),) if head.text(header, "BurnedInAnnotation").strip().upper() == "YES" else ()
