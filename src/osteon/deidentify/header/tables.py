"""Look-up tables: kept as numbers, exactly as many as their descriptor states, so that they hide no other data."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from osteon.deidentify.header.allowed import Rule
from osteon.imaging.dicom import header as head
from osteon.imaging.display.lut import read_table

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2
_WIDEST: Final = 2**16
"""Maximum number of entries of a table."""


def table(element: DataElement, old: Dataset, rule: Rule, *, swapped: bool) -> DataElement | None:
    """The entries of a table, or its segments, in little endian order; None if they do not match its descriptor.

    Args:
        element: LUT Data, or those of a palette, segmented or not.
        old: the data set that it is from, with the descriptor.
        rule: ``TABLE`` or ``SEGMENTS``.
        swapped: whether the original is big endian.
    """
    keyword = element.keyword.removeprefix("Segmented").removesuffix("Data")
    descriptor = [int(value) for value in head.numbers(old, keyword + "Descriptor")]
    if len(descriptor) != 3:
        return None
    count, bits = descriptor[0] or _WIDEST, descriptor[2]
    if rule is Rule.SEGMENTS:
        data = _little(element.value, swapped=swapped)
        return DataElement(element.tag, "OW", data) if _whole(data, count, 16 if bits > 8 else 8) else None
    if isinstance(element.value, bytes):
        data = _little(element.value, swapped=swapped and element.VR != "OB")
        if len(data) in (count + count % 2, 2 * count):
            return DataElement(element.tag, element.VR, data)
    read = read_table(old, keyword + "Descriptor", element.keyword)  # of another length: as used for display
    return None if read is None else DataElement(element.tag, "OW", read.entries.astype("<u2").tobytes())


def _little(value: object, *, swapped: bool) -> bytes:
    """The words of a table in little endian order."""
    if not isinstance(value, bytes):
        return b""
    return np.frombuffer(value, ">u2").astype("<u2").tobytes() if swapped and not len(value) % 2 else value


def _whole(data: bytes, count: int, bits: int) -> bool:
    """Whether segments (PS3.3 section C.7.9.2) give exactly `count` entries, and nothing follows them."""
    size = bits // 8
    values = np.frombuffer(data[: len(data) // size * size], "<u2" if size == 2 else np.uint8).tolist()
    numbers: dict[int, int] = {}  # of the segment at each place
    made = [0]  # entries before each segment
    position = 0
    while made[-1] < count:
        if position + 2 > len(values) or len(made) > _WIDEST:
            return False
        kind, length = values[position : position + 2]
        behind = position + 2 + {_DISCRETE: length, _LINEAR: 1, _INDIRECT: 4 // size}.get(kind, len(values))
        if behind > len(values) or (kind != _DISCRETE and not made[-1]):
            return False
        if kind == _INDIRECT:  # repeats earlier segments
            (offset,) = struct.unpack_from("<I", data, (position + 2) * size)
            first = numbers.get(offset // size, len(made))
            if first + length >= len(made):
                return False
            length = made[first + length] - made[first]
        numbers[position] = len(made) - 1
        made.append(made[-1] + length)
        position = behind
    return made[-1] == count and len(data) - position * size <= 1
