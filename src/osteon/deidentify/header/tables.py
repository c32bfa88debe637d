"""Look-up tables: kept as numbers, as many as their descriptor says, so that nothing else is told within them."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from osteon.deidentify.header.kept import Rule
from osteon.imaging.dicom import header as head
from osteon.imaging.display.lut import read_table

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2
_WIDEST: Final = 2**16
"""Entries that a table has at most."""


def table(element: DataElement, old: Dataset, rule: Rule, *, swapped: bool) -> DataElement | None:
    """The entries of a table, or its segments, in little endian order; None if they do not fit its descriptor.

    Args:
        element: LUT Data, or those of a palette, segmented or not.
        old: the data set that it is from, with the descriptor.
        rule: ``TABLE`` or ``SEGMENTS``.
        swapped: whether the original is big endian.
    """
    keyword = element.keyword.removeprefix("Segmented").removesuffix("Data")
    descriptor = [int(one) for one in head.numbers(old, keyword + "Descriptor")]
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
    read = read_table(old, keyword + "Descriptor", element.keyword)  # of another length: as display takes it
    return None if read is None else DataElement(element.tag, "OW", read.entries.astype("<u2").tobytes())


def _little(value: object, *, swapped: bool) -> bytes:
    """The words of a table in little endian order."""
    if not isinstance(value, bytes):
        return b""
    return np.frombuffer(value, ">u2").astype("<u2").tobytes() if swapped and not len(value) % 2 else value


def _whole(data: bytes, count: int, bits: int) -> bool:
    """Whether segments (PS3.3 section C.7.9.2) give just so many entries, and nothing lies behind them."""
    size = bits // 8
    values = np.frombuffer(data[: len(data) // size * size], "<u2" if size == 2 else np.uint8).tolist()
    numbers: dict[int, int] = {}  # of the segment at each place
    made = [0]  # entries before each segment
    place = 0
    while made[-1] < count:
        if place + 2 > len(values) or len(made) > _WIDEST:
            return False
        kind, length = values[place : place + 2]
        behind = place + 2 + {_DISCRETE: length, _LINEAR: 1, _INDIRECT: 4 // size}.get(kind, len(values))
        if behind > len(values) or (kind != _DISCRETE and not made[-1]):
            return False
        if kind == _INDIRECT:  # says again what some earlier segments said
            (offset,) = struct.unpack_from("<I", data, (place + 2) * size)
            first = numbers.get(offset // size, len(made))
            if first + length >= len(made):
                return False
            length = made[first + length] - made[first]
        numbers[place] = len(made) - 1
        made.append(made[-1] + length)
        place = behind
    return made[-1] == count and len(data) - place * size <= 1
