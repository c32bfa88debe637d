"""Rows that a codestream holds beyond the size that it states: whoever sets the size back sees them."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.imaging.codestream import Family, parse

_MORE: Final = 64
"""Rows by which a codestream is made higher."""
_UNIT: Final = 16
"""Rows of the largest unit of JPEG, to which every image is filled up."""
_BLOCK: Final = 8
_CHANCE: Final = 4
"""Blocks of one unit, which the padding of the last byte may seem to hold."""
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB})


def holds_more_rows(data: bytes) -> bool:
    """Whether a JPEG codestream goes on where its image ends.

    It is decoded once more with a greater height; what is missing comes out as an even grey. Decoders of JPEG-LS refuse
    data beyond the image by themselves.

    Raises:
        InputError: it is no codestream.
    """
    stream = parse(data)
    place = _height_place(data)
    rows = -(-stream.rows // _UNIT) * _UNIT
    if stream.family is not Family.JPEG or place is None or rows + _MORE > 0xFFFF:
        return False
    decoded = _decoded(data[:place] + struct.pack(">H", rows + _MORE) + data[place + 2 :])
    return decoded is not None and _is_image(decoded[rows:])


def _height_place(data: bytes) -> int | None:
    """Where the frame header states the height."""
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _FRAMES:
            return position + 5
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def _decoded(data: bytes) -> NDArray[np.generic] | None:
    from imagecodecs import Jpeg8Error, jpeg8_decode

    try:
        return np.asarray(jpeg8_decode(data))
    except (Jpeg8Error, ValueError, RuntimeError, TypeError):
        return None


def _is_image(rows: NDArray[np.generic]) -> bool:
    """Whether there is more than what one unit of the cosine transform or one row of lossless samples holds by chance."""
    grey = rows if rows.ndim == 2 else rows.max(axis=2)
    high, wide = (size // _BLOCK * _BLOCK for size in grey.shape)
    blocks = grey[:high, :wide].reshape(high // _BLOCK, _BLOCK, wide // _BLOCK, _BLOCK)
    busy = blocks.max(axis=(1, 3)) != blocks.min(axis=(1, 3))
    uneven = grey.max(axis=1) != grey.min(axis=1)
    return bool(busy.sum() > _CHANCE and uneven.sum() > 1)
