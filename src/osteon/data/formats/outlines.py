"""Outlines of masks: which sequences of numbers are one, and the part of one that lies within an image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from osteon.core.geometry import Box

ROUNDING: Final = 1.0
"""What reaches beyond the image by no more than this (px) is an error of rounding."""

Outline = tuple[float, ...]
"""A closed polygon ``x, y, x, y, ...`` in pixels."""


def is_outline(points: Sequence[float]) -> bool:
    """Whether these are at least three points, all of them finite."""
    return len(points) >= 6 and len(points) % 2 == 0 and all(math.isfinite(value) for value in points)


def bounds(points: Sequence[float]) -> Box:
    """The smallest box round some points."""
    return Box(min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2]))


def clipped(points: Outline, width: float, height: float) -> Outline:
    """The part of an outline that lies within an image; fewer than three points where nothing does.

    Each edge of the image cuts off what lies beyond it (I. Sutherland, G. Hodgman: "Reentrant Polygon Clipping",
    Communications of the ACM 17, 1974). An outline that lies within comes back unchanged; where it reaches beyond by
    no more than ``ROUNDING``, its points are moved to the edge.
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
    """What lies on one side of a line: where the coordinate is at least (sign 1) or at most (sign -1) the limit."""
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
