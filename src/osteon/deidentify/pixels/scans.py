"""JPEG scans that contain more than the frame's header declares, cut to what is displayed.

A reduced height in the header hides rows that the scan still contains; restoring it would reveal them. Entropy-coded
data have no length, so the shortest beginning that decodes to the same samples is searched for. In an ordinary file the
last bytes are needed, which a single decoding shows. Source: ITU-T T.81 section B.2.2 (the header fixes the number of samples).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import InputError

Decode = Callable[[bytes], NDArray[Any]]
_END_OF_SCAN: Final = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
"""A marker other than a restart."""
_SPARE: Final = 4
"""So few bytes contain no image rows: a decoder may fill in the last bits of a scan."""


def trim_scans(data: bytes, decode: Decode) -> bytes:
    """A JPEG or JPEG-LS codestream whose scans hold no more than its samples need.

    Args:
        data: the codestream, without anything behind its end.
        decode: from a codestream to samples; its errors count as damage.

    Returns:
        The codestream, decoding to the same samples.

    Raises:
        InputError, OSError, RuntimeError, ValueError: it does not decode.
    """
    expected = decode(data)
    for start, end in reversed(list(_scans(data))):
        head, scan, tail = data[:start], data[start:end], data[end:]
        data = head + _needed(scan, lambda kept, head=head, tail=tail: _is(decode, head + kept + tail, expected)) + tail
    return data


def _is(decode: Decode, data: bytes, expected: NDArray[Any]) -> bool:
    try:
        return np.array_equal(decode(data), expected)
    except (InputError, OSError, RuntimeError, ValueError):
        return False


def _needed(scan: bytes, enough: Callable[[bytes], bool]) -> bytes:
    """The shortest beginning of a scan that is enough."""
    if len(scan) <= _SPARE or not enough(scan[:-_SPARE]):
        return scan
    low, high = 0, len(scan) - _SPARE  # ``high`` bytes are enough, ``low`` are not
    while high - low > 1:
        middle = (low + high) // 2
        if enough(scan[:middle]):
            high = middle
        else:
            low = middle
    return scan[:high]


def _scans(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of the entropy-coded data of each scan."""
    position = 2
    while position + 4 <= len(data) and data[position + 1] != 0xD9:
        (length,) = struct.unpack_from(">H", data, position + 2)
        begin = position + 2 + length
        if data[position + 1] != 0xDA:
            position = begin
            continue
        found = _END_OF_SCAN.search(data, begin)
        if found is None:
            return
        yield begin, found.start()
        position = found.start()
