"""What a JPEG, JPEG-LS or JPEG 2000 codestream declares of itself, read before it is decoded.

A declared size is checked against the limits and against the file's header first, so that no decoder ever allocates
what a hostile or damaged file asks for. Markers are those of ITU-T T.81 table B.1, T.87 and T.800 annex A.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError

_SOI: Final = b"\xff\xd8"
_SIZ: Final = b"\xff\x4f\xff\x51"
_SIGNATURE: Final = b"\x00\x00\x00\x0cjP  "
_COD: Final = 0x52
_SOT: Final = 0x90
_EOI: Final = b"\xff\xd9"
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB, 0xF7})
_JPEG_LS: Final = 0xF7
_LOSSLESS: Final = frozenset({0xC3, 0xCB, _JPEG_LS})
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_JFIF_SIZE, _ADOBE_SIZE = 14, 12
"""Bytes without which a JFIF or Adobe segment says nothing of the colour space, as in libjpeg."""


class Family(StrEnum):
    """The standards of codestreams."""

    JPEG = "JPEG"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"


@dataclass(frozen=True, slots=True)
class Codestream:
    """The declarations of a codestream.

    Attributes:
        rows: of the image.
        columns: of the image.
        components: 1 for grey, 3 for colour.
        bits: precision of a sample.
        family: the standard that it follows.
        lossless: whether the process is the lossless one of T.81 or that of T.87.
        lossy: whether samples can differ from those that were compressed: by the cosine transform, JPEG-LS's nearness,
            or the irreversible wavelet. (The reversible one may have been cut short, which nothing tells.)
        signed: whether samples are signed, which JPEG 2000 alone can say.
        tagged: whether a JFIF or Adobe marker says which colour space the components are in.
        exif: the Exif block, empty where there is none.
    """

    rows: int
    columns: int
    components: int
    bits: int
    family: Family = Family.JPEG
    lossless: bool = False
    lossy: bool = False
    signed: bool = False
    tagged: bool = False
    exif: bytes = b""


def parse(data: bytes) -> Codestream:
    """Read the markers of a JPEG, JPEG-LS or JPEG 2000 codestream, and look for its end.

    Raises:
        InputError: it is none of these, is damaged, or ends too early.
    """
    if data.startswith(_SOI):
        return _parse_jpeg(data)
    start = find_jpeg_2000(data)
    if start is not None:
        return _parse_jpeg_2000(data, start)
    raise InputError(FaultCode.NO_CODESTREAM)


def find_jpeg_2000(data: bytes) -> int | None:
    """Where a JPEG 2000 codestream begins, alone or within the boxes of a JP2 file (T.800 annex I); None for neither."""
    if data.startswith(_SIZ):
        return 0
    if not data.startswith(_SIGNATURE):
        return None
    position = 0
    while position + 8 <= len(data):
        length, kind = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        head = 8
        if length == 1:
            length, head = int.from_bytes(data[position + 8 : position + 16], "big"), 16
        if kind == b"jp2c" and data.startswith(_SIZ, position + head):
            return position + head
        if length < head:
            break
        position += length
    start = data.find(_SIZ)  # the lengths of boxes may be wrong, too
    return start if start >= 0 else None


def _truncated() -> InputError:
    return InputError(FaultCode.CODESTREAM_TRUNCATED)


def _parse_jpeg(data: bytes) -> Codestream:
    found: Codestream | None = None
    exif, tagged, position, body = b"", False, 2, b""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 4 > len(data):
            raise _truncated()
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _STANDALONE or marker == 0x00:
            position += 2
            continue
        if marker == 0xD9:
            raise InputError(FaultCode.JPEG_NO_DATA)
        (length,) = struct.unpack_from(">H", data, position + 2)
        body = data[position + 4 : position + 2 + length]
        if length < 2 or len(body) < length - 2:
            raise _truncated()
        if marker in _FRAMES and found is None:
            found = _frame(marker, body)
        elif marker == 0xE1 and body.startswith(b"Exif\x00\x00"):
            exif = exif or body
        elif _tells_colours(marker, body):
            tagged = True
        elif marker == 0xDA:
            break
        position += 2 + length
    if found is None:
        raise InputError(FaultCode.JPEG_NO_SIZE)
    if data.rfind(_EOI, position) < 0:
        raise _truncated()
    near = found.family is Family.JPEG_LS and _near(body)
    return replace(found, lossy=found.lossy or near, tagged=tagged, exif=exif)


def _tells_colours(marker: int, body: bytes) -> bool:
    """Whether a segment is a JFIF or Adobe one that says which colour space the components are in."""
    if marker == 0xE0:
        return body.startswith(b"JFIF\0") and len(body) >= _JFIF_SIZE
    return marker == 0xEE and body.startswith(b"Adobe") and len(body) >= _ADOBE_SIZE


def _frame(marker: int, body: bytes) -> Codestream:
    if len(body) < 6:
        raise InputError(FaultCode.JPEG_FRAME_SHORT)
    bits, rows, columns, components = struct.unpack_from(">BHHB", body)
    family, lossless = (Family.JPEG_LS if marker == _JPEG_LS else Family.JPEG), marker in _LOSSLESS
    return Codestream(rows, columns, components, bits, family, lossless, lossy=not lossless)


def _near(scan: bytes) -> bool:
    """Whether the scan header of a JPEG-LS codestream allows samples to differ (T.87 section C.2.3)."""
    place = 1 + 2 * scan[0] if scan else 0
    return place < len(scan) and scan[place] > 0


def _parse_jpeg_2000(data: bytes, start: int) -> Codestream:
    if len(data) < start + 44:
        raise _truncated()
    right, bottom, left, top = struct.unpack_from(">4I", data, start + 8)
    (components,) = struct.unpack_from(">H", data, start + 40)
    if data.rfind(_EOI, start) < 0:
        raise _truncated()
    return Codestream(
        rows=bottom - top,
        columns=right - left,
        components=components,
        bits=(data[start + 42] & 0x7F) + 1,
        family=Family.JPEG_2000,
        lossy=_irreversible(data, start + 2),
        signed=data[start + 42] >= 0x80,
    )


def _irreversible(data: bytes, position: int) -> bool:
    """Whether the main header states the irreversible wavelet (T.800 table A.20)."""
    while position + 4 <= len(data) and data[position] == 0xFF and data[position + 1] != _SOT:
        (length,) = struct.unpack_from(">H", data, position + 2)
        if data[position + 1] == _COD and length >= 12 and position + 13 < len(data):
            return data[position + 13] == 0
        position += 2 + length
    return False
