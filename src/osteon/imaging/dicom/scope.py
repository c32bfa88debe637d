"""Which DICOM objects are radiographs, and which are refused with their name."""

from __future__ import annotations

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import UID

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.imaging.dicom import header as head

FOR_PROCESSING: Final = "1.2.840.10008.5.1.4.1.1.1.1.1"

ACCEPTED: Final[dict[str, NoteCode | None]] = {
    "1.2.840.10008.5.1.4.1.1.1": None,
    "1.2.840.10008.5.1.4.1.1.1.1": None,
    FOR_PROCESSING: NoteCode.FOR_PROCESSING,
    "1.2.840.10008.5.1.4.1.1.12.1": NoteCode.FLUOROSCOPY,
    "1.2.840.10008.5.1.4.1.1.12.2": NoteCode.FLUOROSCOPY,
    "1.2.840.10008.5.1.4.1.1.7": NoteCode.SECONDARY_CAPTURE,
    "1.2.840.10008.5.1.4.1.1.7.2": NoteCode.SECONDARY_CAPTURE,
    "1.2.840.10008.5.1.4.1.1.7.3": NoteCode.SECONDARY_CAPTURE,
    "1.2.840.10008.5.1.4.1.1.7.4": NoteCode.SECONDARY_CAPTURE,
}
"""Storage SOP classes that are read, with the code of the note that each brings: CR, DX, XA, RF and secondary capture."""

MODALITIES: Final = frozenset({"CR", "DX", "DR", "XR", "RG", "RF", "XA", "PX", "OT", "HC", "SC", ""})
"""Modalities that are read: other ones within an accepted class are captures of CT, ultrasound, mammograms...

DR and XR are not in the standard; vendors and archives write them for DX and CR.
"""

DIRECTORY: Final = "1.2.840.10008.1.3.10"
"""The SOP class of a DICOMDIR."""


def check_radiograph(header: Dataset) -> tuple[Note, ...]:
    """Refuse what is no radiograph; give the notes on what is one.

    Raises:
        InputError: it is another kind of object; the message names it.
    """
    meta = getattr(header, "file_meta", header)
    sop_class = head.text(header, "SOPClassUID") or head.text(meta, "MediaStorageSOPClassUID")
    modality = head.text(header, "Modality").upper()
    if sop_class == DIRECTORY or (not sop_class and "DirectoryRecordSequence" in header):
        raise InputError(FaultCode.DICOMDIR)
    if not sop_class and not modality and "Rows" not in header:
        raise InputError(FaultCode.NO_CLASS_AND_IMAGE)
    if sop_class and sop_class not in ACCEPTED:
        raise InputError(FaultCode.NOT_RADIOGRAPH, {"object": _class_name(sop_class)})
    if modality not in MODALITIES:
        raise InputError(FaultCode.NOT_RADIOGRAPH, {"modality": modality[:16]})
    code = ACCEPTED.get(sop_class, NoteCode.SOP_CLASS_MISSING)
    return () if code is None else (Note(code),)


def _class_name(sop_class: str) -> str:
    name = UID(sop_class).name
    return name if name != sop_class else f"an unknown SOP class {sop_class[:64]}"
