"""The box around a mask in COCO's run-length encoding, which counts pixels column by column, background first.

Each character of the compressed text holds six bits of a number, the last one its sign; from the third number on it is
the difference to the number before the previous one (cocoapi, common/maskApi.c, rleFrString).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from osteon.core.geometry import Box

_LONGEST: Final = 10_000_000
"""Maximum number of characters that are decoded."""


def rle_bounds(mask: Mapping[str, Any]) -> Box | None:
    """The smallest box around the pixels of a mask; None where it is empty or invalid.

    Args:
        mask: ``size`` (rows, columns) and ``counts``, a list of numbers or the compressed text.
    """
    size, counts = mask.get("size"), mask.get("counts")
    if not isinstance(size, list) or len(size) != 2 or not all(isinstance(side, int) and side > 0 for side in size):
        return None
    rows, columns = size
    runs = _decoded(counts) if isinstance(counts, str) else counts
    if not isinstance(runs, list) or not all(isinstance(run, int) and run >= 0 for run in runs):
        return None
    if sum(runs) > rows * columns:
        return None
    left, right, top, bottom = columns, 0, rows, 0
    start = 0
    for number, run in enumerate(runs):
        if number % 2 and run:
            first, last = start, start + run - 1
            left, right = min(left, first // rows), max(right, last // rows + 1)
            whole = first // rows != last // rows  # it goes on in the next column, from its bottom to the next top
            top = 0 if whole else min(top, first % rows)
            bottom = rows if whole else max(bottom, last % rows + 1)
        start += run
    return Box(left, top, right, bottom) if right > left and bottom > top else None


def _decoded(text: str) -> list[int] | None:
    runs: list[int] = []
    value = shift = 0
    for letter in text[:_LONGEST]:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 60:
            return None
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value = shift = 0
    return runs if not shift else None
