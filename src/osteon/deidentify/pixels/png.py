"""A PNG with the chunks that its samples need, and no more samples than its header declares."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel by colour type (PNG, section 11.2.1)."""
_PASSES: Final = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""First row, first column, step of rows and of columns of the seven passes of an interlaced image (section 8.1)."""


def has_opacity(data: bytes) -> bool:
    """Whether an image has opacity, by its colour type or by a chunk tRNS."""
    return data[25] in (4, 6) or any(kind == b"tRNS" for kind, _ in _chunks(data))


def strip_png(data: bytes) -> bytes:
    """The header, palette and compressed samples of a PNG without opacity; of an animation its first frame.

    Raises:
        InputError: it holds fewer samples than it declares.
    """
    kept: list[bytes] = []
    packed: list[bytes] = []
    size = 0
    for kind, body in _chunks(data):
        if kind == b"IHDR":
            size = _size(body)
        if kind in (b"IHDR", b"PLTE"):
            kept.append(_chunk(kind, body))
        elif kind == b"IDAT":
            packed.append(body)
    # Inflating up to the declared size leaves out further rows, and what may follow the compressed samples.
    plain = zlib.decompressobj().decompress(b"".join(packed), size)
    if len(plain) < size:
        raise InputError(FaultCode.RASTER_TRUNCATED, {"format": "PNG"})
    return b"".join([_SIGNATURE, *kept, _chunk(b"IDAT", zlib.compress(plain, 6)), _chunk(b"IEND", b"")])


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kinds and bodies up to IEND."""
    found: list[tuple[bytes, bytes]] = []
    position = len(_SIGNATURE)
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        kind = data[position + 4 : position + 8]
        if kind == b"IEND":
            break
        found.append((kind, data[position + 8 : position + 8 + length]))
        position += 12 + length
    return found


def _size(header: bytes) -> int:
    """Bytes of the filtered samples that a header declares (sections 7.2 and 8.1)."""
    columns, rows, depth, colour, _compression, _filter, interlaced = struct.unpack_from(">IIBBBBB", header)
    bits = depth * _CHANNELS[colour]
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    total = 0
    for first_row, first_column, row_step, column_step in passes:
        height, width = -(-(rows - first_row) // row_step), -(-(columns - first_column) // column_step)
        if height > 0 and width > 0:
            total += height * (1 + -(-width * bits // 8))
    return total


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
