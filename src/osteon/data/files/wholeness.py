"""Whether the pixel data of a DICOM file are complete, by their lengths, without decoding."""

from __future__ import annotations

from typing import BinaryIO, Final

from pydicom.dataset import Dataset

from osteon.imaging.codecs.codecs import CODECS
from osteon.imaging.dicom.encoding import DEFLATED
from osteon.imaging.dicom.header import integer, text

_PIXEL_DATA: Final = b"\xe0\x7f\x10\x00"
_ITEM: Final = b"\xfe\xff\x00\xe0"
_GROUP_END: Final = 144
"""Bytes before those that the length of the file meta information counts: preamble, prefix, and that length."""
_UNDEFINED: Final = 0xFFFFFFFF


def is_whole(file: BinaryIO, header: Dataset, size: int) -> bool:
    """Whether the pixel data are complete; ``file`` is positioned before the element Pixel Data.

    Deflated data sets are not inflated and count as complete: decoding reports the damage.

    Args:
        file: of ``size`` bytes.
        header: its elements before Pixel Data.
        size: of the file.
    """
    syntax = text(header.file_meta, "TransferSyntaxUID")
    if syntax == DEFLATED:
        return True
    begin, first = file.tell(), file.read(12)
    explicit = first[4:6] in (b"OB", b"OW", b"UN")
    begin += 12 if explicit else 8
    length = int.from_bytes(first[8:12] if explicit else first[4:8], "little")
    if first[:4] == _PIXEL_DATA and length == _UNDEFINED:
        file.seek(begin)
        return _has_items(file, size)
    compressed = syntax in CODECS and size > begin  # and not encapsulated: decoding reports it
    return compressed or size - begin >= _native_bytes(header)


def is_wrapped(file: BinaryIO, header: Dataset) -> bool:
    """Whether a data set is deflated within a header of zlib or gzip, contrary to PS3.5 section A.5."""
    if text(header.file_meta, "TransferSyntaxUID") != DEFLATED:
        return False
    file.seek(_GROUP_END + integer(header.file_meta, "FileMetaInformationGroupLength"))
    first = file.read(2)
    zlib = first[:1] == b"\x78" and int.from_bytes(first, "big") % 31 == 0  # RFC 1950 section 2.2
    return zlib or first == b"\x1f\x8b"


def _native_bytes(header: Dataset) -> int:
    """Bytes of uncompressed pixels (PS3.3 sections C.7.6.3.1.1 to C.7.6.3.1.4, PS3.5 section 8.1)."""
    pixels = integer(header, "Rows") * integer(header, "Columns") * (integer(header, "NumberOfFrames", 1) or 1)
    bits = integer(header, "BitsAllocated", 16)
    if text(header, "PhotometricInterpretation").upper() in ("YBR_FULL_422", "YBR_PARTIAL_422"):
        return pixels * 2 * bits // 8  # two pixels share their colour
    return (pixels * integer(header, "SamplesPerPixel", 1) * bits + 7) // 8


def _has_items(file: BinaryIO, size: int) -> bool:
    """Whether the items of encapsulated pixels (PS3.5 section A.4) are not empty, and none is cut off.

    The delimiter after them may be missing or damaged: no pixels are lost with it.
    """
    total = 0
    while len(head := file.read(8)) == 8 and head[:4] == _ITEM:
        length = int.from_bytes(head[4:], "little")
        if file.tell() + length > size:
            return False
        file.seek(length, 1)
        total += length
    return total > 0
