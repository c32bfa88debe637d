"""Exif orientation."""

from __future__ import annotations

import struct
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

_ORIENTATION: Final = 0x0112
_Sample = TypeVar("_Sample", bound=np.generic)


def read_orientation(exif: bytes) -> int:
    """The orientation (1 to 8) of an Exif block with or without its ``Exif`` prefix; 1 where it says none.

    Source: CIPA DC-008 (Exif 2.32) section 4.6.4; the block is a TIFF header and its first directory.
    """
    block = exif.removeprefix(b"Exif\x00\x00")
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:
        return 1
    (start,) = struct.unpack_from(order + "I", block, 4)
    if start + 2 > len(block):
        return 1
    (count,) = struct.unpack_from(order + "H", block, start)
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        if entry + 12 > len(block):
            break
        tag, kind, _number, value = struct.unpack_from(order + "HHIH", block, entry)
        if tag == _ORIENTATION:
            return value if kind == 3 and 1 <= value <= 8 else 1
    return 1


def upright(image: NDArray[_Sample], orientation: int) -> NDArray[_Sample]:
    """Turn and flip an image (H, W, ...) so that it stands as Exif's orientation says."""
    if orientation in (5, 6, 7, 8):
        image = image.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return np.ascontiguousarray(image)
