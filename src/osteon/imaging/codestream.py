"""What a JPEG, JPEG-LS or JPEG 2000 codestream declares of itself, read before it is decoded.

A declared size is checked against the limits and against the file's header first, so that no decoder ever allocates
what a hostile or damaged file asks for. Markers are those of ITU-T T.81 table B.1, T.87 and T.800 annex A.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from osteon.core.errors import InputError

_SOI: Final = b"\xff\xd8"
_SIZ: Final = b"\xff\x4f\xff\x51"
_EOI: Final = b"\xff\xd9"
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB, 0xF7})
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True)
class Codestream:
    """The declarations of a codestream.

    Attributes:
        rows: of the image.
        columns: of the image.
        components: 1 for grey, 3 for colour.
        bits: precision of a sample.
        lossless: whether the process is the lossless one of T.81, of T.87, or unknown (JPEG 2000: False).
        tagged: whether a JFIF or Adobe marker says which colour space the components are in.
        exif: the Exif block, empty where there is none.
    """

    rows: int
    columns: int
    components: int
    bits: int
    lossless: bool = False
    tagged: bool = False
    exif: bytes = b""


def parse(data: bytes) -> Codestream:
    """Read the markers of a JPEG, JPEG-LS or JPEG 2000 codestream, and look for its end.

    Raises:
        InputError: it is none of these, is damaged, or ends too early.
    """
    if data.startswith(_SOI):
        return _parse_jpeg(data)
    start = data.find(_SIZ, 0, 256)
    if start >= 0:
        return _parse_jpeg2000(data, start)
    raise InputError("the compressed pixels are damaged", expected="a JPEG or JPEG 2000 codestream")


def _truncated() -> InputError:
    return InputError(
        "the file is truncated: its compressed pixels end before the image does",
        hint="Fetch it again from where it came.",
    )


def _parse_jpeg(data: bytes) -> Codestream:
    found: Codestream | None = None
    exif, tagged, position = b"", False, 2
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
            raise InputError("the JPEG is damaged: it ends before any image data")
        (length,) = struct.unpack_from(">H", data, position + 2)
        body = data[position + 4 : position + 2 + length]
        if length < 2 or len(body) < length - 2:
            raise _truncated()
        if marker in _FRAMES and found is None:
            found = _frame(marker, body)
        elif marker == 0xE1 and body.startswith(b"Exif\x00\x00"):
            exif = exif or body
        elif (marker == 0xE0 and body.startswith(b"JFIF")) or (marker == 0xEE and body.startswith(b"Adobe")):
            tagged = True
        elif marker == 0xDA:
            break
        position += 2 + length
    if found is None:
        raise InputError("the JPEG is damaged: it declares no size before its image data")
    if data.rfind(_EOI, position) < 0:
        raise _truncated()
    return Codestream(found.rows, found.columns, found.components, found.bits, found.lossless, tagged, exif)


def _frame(marker: int, body: bytes) -> Codestream:
    if len(body) < 6:
        raise InputError("the JPEG is damaged: its frame header is too short")
    bits, rows, columns, components = struct.unpack_from(">BHHB", body)
    return Codestream(rows, columns, components, bits, lossless=marker in (0xC3, 0xCB, 0xF7))


def _parse_jpeg2000(data: bytes, start: int) -> Codestream:
    if len(data) < start + 44:
        raise _truncated()
    right, bottom, left, top = struct.unpack_from(">4I", data, start + 8)
    (components,) = struct.unpack_from(">H", data, start + 40)
    if data.rfind(_EOI, start) < 0:
        raise _truncated()
    return Codestream(bottom - top, right - left, components, (data[start + 42] & 0x7F) + 1)
