"""A DICOM header for those whom any part of it helps: damage is no error, and nothing of it is quoted."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, TypeVar

from pydicom.dataset import Dataset

from osteon.core.errors import InputError
from osteon.imaging.dicom.dataset import UNPARSABLE, parse
from osteon.imaging.limits import DEFAULT_LIMITS
from osteon.imaging.quiet import quiet

_Taken = TypeVar("_Taken")


def from_header(stream: BinaryIO, take: Callable[[Dataset], _Taken]) -> _Taken | None:
    """What ``take`` makes of the header of a file; None where it, or an element that is asked for, cannot be read.

    Args:
        stream: of a DICOM file, open for reading bytes at its beginning; it is left anywhere.
        take: given the elements before Pixel Data.
    """
    try:
        with quiet():
            return take(parse(stream, DEFAULT_LIMITS, pixels=False).header)
    except (InputError, OSError, MemoryError, RuntimeError, *UNPARSABLE):
        return None
