"""Which study a DICOM file belongs to, from its first elements alone."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final

from osteon.imaging.quiet import quiet

LONGEST: Final = 64
"""Characters of a UID (PS3.5 section 9.1)."""

_UNPARSABLE: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What pydicom raises over a file that is broken."""


def study_uid(source: Path | BinaryIO) -> str:
    """StudyInstanceUID, empty where it cannot be told: reading will say what is wrong with the file."""
    # It takes long to import, which a program that meets no DICOM need not wait for.
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        with quiet():
            header = pydicom.dcmread(source, stop_before_pixels=True, specific_tags=["StudyInstanceUID"], force=True)
            return str(header.get("StudyInstanceUID", "") or "")[:LONGEST]
    except (*_UNPARSABLE, InvalidDicomError):
        return ""
