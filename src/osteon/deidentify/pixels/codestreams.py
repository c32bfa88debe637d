"""Compressed codestreams without data other than the image: comments, Exif, thumbnails, trailing bytes.

Samples are not touched. Only segments that a decoder needs are copied: those of ITU-T T.81 table B.1, T.87 section C.2.4
and T.800 annex A.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.imaging.codecs.codestream import find_jpeg_2000

_MARKER: Final = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")
_NEEDED: Final = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xF7, 0xF8})
_JFIF: Final = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_JFIF_SIZE, _ADOBE_SIZE = 14, 12
"""Minimum bytes of a JFIF or Adobe segment that defines the colour space, as in ``osteon.imaging.codecs.codestream``."""
_SOC, _EOC = b"\xff\x4f", b"\xff\xd9"
_COM, _TLM, _SOT, _SOD = 0x64, 0x55, 0x90, 0x93
_NEEDED_2000: Final = frozenset(
    {0x50, 0x51, 0x52, 0x53, _TLM, 0x56, 0x57, 0x58, 0x59, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61, 0x63}
)


def strip_jpeg(data: bytes) -> bytes:
    """A JPEG or JPEG-LS codestream with its tables, frame and scans only, and minimal JFIF or Adobe segments where it had them.

    Scans may be as large as the file: they are copied once, into what is returned.

    Raises:
        InputError: it is damaged or ends too early.
    """
    if not data.startswith(b"\xff\xd8"):
        raise _damaged()
    view = memoryview(data)
    pieces: list[bytes | memoryview] = [b"\xff\xd8"]
    position = 2
    while True:
        marker, body, end = _segment(data, position)
        if marker == 0xD9:
            return b"".join([*pieces, _EOC])
        if marker == 0xDA:
            found = _MARKER.search(data, end)  # entropy-coded data last until a marker that is no restart
            if found is None:
                raise _damaged()
            pieces.append(view[position : found.start()])
            position = found.start()
            continue
        if marker in _NEEDED:
            pieces.append(view[position:end])
        elif marker == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= _JFIF_SIZE:
            pieces.append(_JFIF)
        elif marker == 0xEE and body.startswith(b"Adobe") and len(body) >= _ADOBE_SIZE:  # defines the colour space
            pieces.append(b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + body[11:12])
        position = end


def _segment(data: bytes, position: int) -> tuple[int, bytes, int]:
    """Marker, body and end of the segment at a position."""
    while data[position : position + 2] == b"\xff\xff":
        position += 1
    if position + 2 > len(data) or data[position] != 0xFF:
        raise _damaged()
    marker = data[position + 1]
    if marker == 0xD9:
        return marker, b"", position + 2
    if position + 4 > len(data):
        raise _damaged()
    (length,) = struct.unpack_from(">H", data, position + 2)
    end = position + 2 + length
    if length < 2 or end > len(data):
        raise _damaged()
    return marker, data[position + 4 : end], end


def _damaged() -> InputError:
    return InputError(FaultCode.COMPRESSED_DAMAGED)


def strip_jpeg_2000(data: bytes) -> bytes:
    """A JPEG 2000 codestream without comments and without the boxes around it.

    Raises:
        InputError: it is damaged or ends too early.
    """
    start = find_jpeg_2000(data)
    if start is None:
        raise _damaged()
    head, position = _header_2000(data, start + 2)
    parts: list[bytes | memoryview] = []
    shortened = False
    while data[position : position + 2] == bytes([0xFF, _SOT]):
        part, length, position = _tile_part(data, position)
        shortened |= sum(map(len, part)) != length
        parts += part
    if not parts or data[position : position + 2] != _EOC:
        raise _damaged()
    kept = [segment for segment in head if not (shortened and segment[1] == _TLM)]  # it lists the old lengths
    return b"".join([_SOC, *kept, *parts, _EOC])


def _header_2000(data: bytes, position: int) -> tuple[list[bytes], int]:
    """The needed segments from a position up to the next SOT or SOD."""
    kept: list[bytes] = []
    while data[position + 1 : position + 2] not in (bytes([_SOT]), bytes([_SOD])):
        marker, _, end = _segment(data, position)
        if marker in _NEEDED_2000:
            kept.append(data[position:end])
        position = end
    return kept, position


def _tile_part(data: bytes, position: int) -> tuple[list[bytes | memoryview], int, int]:
    """The pieces of a tile-part without comments, its former length, and where it ends."""
    if position + 12 > len(data):
        raise _damaged()
    tile, length, index, count = struct.unpack_from(">HIBB", data, position + 4)
    end = position + length if length else data.rfind(_EOC, position)
    if end > len(data) or end < position + 14:
        raise _damaged()
    head, body = _header_2000(data, position + 12)
    if data[body : body + 2] != bytes([0xFF, _SOD]) or body > end:
        raise _damaged()
    size = 12 + sum(map(len, head)) + end - body if length else 0
    start = struct.pack(">BBHHIBB", 0xFF, _SOT, 10, tile, size, index, count)
    return [start, *head, memoryview(data)[body:end]], end - position, end
