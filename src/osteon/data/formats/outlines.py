"""Outlines of masks: validity and clipping."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from osteon.core.geometry import Box

ROUNDING: Final = 1.0
"""Excess beyond the image (px) that counts as a rounding error."""

Outline = tuple[float, ...]
"""A closed polygon ``x, y, x, y, ...`` in pixels."""


def is_outline(points: Sequence[float]) -> bool:
    """Whether these are at least three points, all of them finite."""
    return len(points) >= 6 and len(points) % 2 == 0 and all(math.isfinite(value) for value in points)


def bounds(points: Sequence[float]) -> Box:
    """The smallest box around some points."""
    return Box(min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2]))


def clipped(points: Outline, width: float, height: float) -> Outline:
    """An outline clipped to an image; fewer than three points where nothing is left.

    It is clipped at each edge of the image (I. Sutherland, G. Hodgman: "Reentrant Polygon Clipping",
    Communications of the ACM 17, 1974). An outline within the image is returned unchanged; one that exceeds it by
    no more than ``ROUNDING`` has its points moved to the edge.
    """
    sides = (width, height)
    moved = tuple(min(max(value, 0.0), sides[index % 2]) for index, value in enumerate(points))
    if max(abs(a - b) for a, b in zip(points, moved, strict=True)) <= ROUNDING:
        return moved
    for axis, limit, sign in ((0, 0.0, 1.0), (0, width, -1.0), (1, 0.0, 1.0), (1, height, -1.0)):
        if not points:
            return ()
        points = _cut(points, axis, limit, sign)
    return points


def _cut(points: Outline, axis: int, limit: float, sign: float) -> Outline:
    """The part on one side of a line: where the coordinate is at least (sign 1) or at most (sign -1) the limit."""
    corners = list(zip(points[::2], points[1::2], strict=True))
    inside = [sign * (corner[axis] - limit) >= 0 for corner in corners]
    if all(inside):
        return points
    found: list[float] = []
    for index, corner in enumerate(corners):
        before = corners[index - 1]
        if inside[index] != inside[index - 1]:
            share = (limit - before[axis]) / (corner[axis] - before[axis])
            crossing = [before[0] + share * (corner[0] - before[0]), before[1] + share * (corner[1] - before[1])]
            crossing[axis] = limit
            found += crossing
        if inside[index]:
            found += corner
    return tuple(found)
