"""Which study a DICOM file belongs to, from its first elements alone."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final

from osteon.core.errors import InputError
from osteon.imaging.limits import DEFAULT_LIMITS
from osteon.imaging.quiet import quiet

LONGEST: Final = 64
"""Characters of a UID (PS3.5 section 9.1)."""


def study_uid(source: Path | BinaryIO) -> str:
    """StudyInstanceUID, empty if it cannot be determined: reading reports what is wrong with the file."""
    # They take long to import, which a program that meets no DICOM need not wait for.
    from osteon.imaging.dicom.dataset import UNPARSABLE

    try:
        with quiet():
            if not isinstance(source, Path):
                return _uid(source)
            with source.open("rb") as stream:
                return _uid(stream)
    except (InputError, *UNPARSABLE):
        return ""


def _uid(stream: BinaryIO) -> str:
    from osteon.imaging.dicom.dataset import parse
    from osteon.imaging.dicom.header import text

    return text(parse(stream, DEFAULT_LIMITS, pixels=False).header, "StudyInstanceUID")[:LONGEST]
