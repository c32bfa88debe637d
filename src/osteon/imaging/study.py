"""Which study a DICOM file belongs to, from its first elements alone."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from osteon.imaging.quiet import quiet

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

STUDY: Final = 0x0020000D
"""Tag of StudyInstanceUID."""

LONGEST: Final = 64
"""Characters of a UID (PS3.5 section 9.1)."""

LEADING: Final = 1 << 20
"""Bytes of a deflated data set that are inflated: the UID stands near its beginning, and the rest may be a bomb."""


def study_uid(source: Path | BinaryIO) -> str:
    """StudyInstanceUID, empty where it cannot be told: reading will say what is wrong with the file."""
    # They take long to import, which a program that meets no DICOM need not wait for.
    from osteon.imaging.dicom import UNPARSABLE

    try:
        with quiet():
            if not isinstance(source, Path):
                return _uid(source)
            with source.open("rb") as stream:
                return _uid(stream)
    except (OSError, MemoryError, RuntimeError, *UNPARSABLE):
        return ""


def _uid(stream: BinaryIO) -> str:
    return str(leading(stream, ["StudyInstanceUID"], STUDY).get("StudyInstanceUID", "") or "")[:LONGEST]


def leading(stream: BinaryIO, keywords: list[str], last: int) -> Dataset:
    """The first elements of a DICOM file, without its pixels; of a deflated one no more is inflated than ``LEADING``.

    Args:
        stream: open for reading bytes.
        keywords: of the elements that are wanted.
        last: the highest tag of them.
    """
    from pydicom import dcmread
    from pydicom.filereader import read_dataset, read_preamble

    from osteon.imaging.frames import DEFLATED
    from osteon.imaging.header import text

    begin = stream.tell()
    read_preamble(stream, force=True)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, _vr, _length: tag.group != 2)
    if text(meta, "TransferSyntaxUID") == DEFLATED:
        plain = zlib.decompressobj(-zlib.MAX_WBITS).decompress(stream.read(LEADING), LEADING)
        return read_dataset(io.BytesIO(plain), False, True, stop_when=lambda tag, _vr, _length: tag > last)
    stream.seek(begin)
    return dcmread(stream, stop_before_pixels=True, specific_tags=keywords, force=True)
