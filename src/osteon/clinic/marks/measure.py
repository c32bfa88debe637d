"""Lengths and angles of what was drawn on an image; the page computes the same in ``web/src/logic/measure.ts``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

Point = tuple[float, float]
"""x, y in pixels of the image."""

Spacing = tuple[float, float]
"""Distance between rows and between columns, mm."""

Unit = Literal["mm", "px", "degrees"]


class MarkKind(StrEnum):
    """What a mark is."""

    LENGTH = "length"
    ANGLE = "angle"
    COBB = "cobb"
    CALIBRATION = "calibration"
    """A line whose true length somebody states."""
    BOX = "box"
    """A place that the network missed."""
    VERDICT = "verdict"
    """A box of the network, accepted or rejected."""


POINTS: Final[dict[MarkKind, int]] = {
    MarkKind.LENGTH: 2,
    MarkKind.ANGLE: 3,
    MarkKind.COBB: 4,
    MarkKind.CALIBRATION: 2,
    MarkKind.BOX: 2,
    MarkKind.VERDICT: 2,
}
"""How many points a mark has."""


@dataclass(frozen=True, slots=True)
class Value:
    """What was measured.

    Attributes:
        number: in the unit.
        unit: of the number.
        calibrated: whether a person stated the scale.
    """

    number: float
    unit: Unit
    calibrated: bool = False


@dataclass(frozen=True, slots=True)
class Calibration:
    """A line of known length.

    Attributes:
        points: its ends.
        millimetres: its true length.
    """

    points: tuple[Point, Point]
    millimetres: float


def measured(
    kind: MarkKind, points: Sequence[Point], spacing: Spacing | None, calibration: Calibration | None
) -> Value | None:
    """The value of a mark; None for marks that measure nothing.

    A calibration by hand stands above the scale of the file, since somebody has seen a reason for it. Where pixels are not
    square, which only the file can say, both lengths and angles account for it.

    Args:
        kind: of the mark.
        points: of the mark.
        spacing: that the file states.
        calibration: the latest on the same image.
    """
    row, column = spacing or (1.0, 1.0)
    placed = [(x * column, y * row) for x, y in points]
    if kind is MarkKind.LENGTH:
        length = math.dist(placed[0], placed[1])
        if calibration is not None:
            known = math.dist(*((x * column, y * row) for x, y in calibration.points))
            return Value(length / known * calibration.millimetres, "mm", calibrated=True)
        return Value(length, "px" if spacing is None else "mm")
    if kind is MarkKind.ANGLE:
        return Value(_angle(_step(placed[1], placed[0]), _step(placed[1], placed[2])), "degrees")
    return Value(_cobb(placed), "degrees") if kind is MarkKind.COBB else None


def _cobb(points: Sequence[Point]) -> float:
    """The angle between two lines, such as the end plates of two vertebrae, from 0 to 180 degrees.

    A line has two directions; both are taken to the same side of the axis through the middles of the lines, so that
    neither the order of drawing nor the rotation of the image matters, and angles above 90 degrees come out as such.
    """
    first, second = _step(points[0], points[1]), _step(points[2], points[3])
    axis = (
        (points[2][0] + points[3][0] - points[0][0] - points[1][0]) / 2,
        (points[2][1] + points[3][1] - points[0][1] - points[1][1]) / 2,
    )
    return _angle(_beside(axis, first), _beside(axis, second))


def _beside(axis: Point, line: Point) -> Point:
    """The direction of a line that points to the one side of an axis."""
    return line if axis[0] * line[1] - axis[1] * line[0] >= 0 else (-line[0], -line[1])


def _step(start: Point, end: Point) -> Point:
    return end[0] - start[0], end[1] - start[1]


def _angle(first: Point, second: Point) -> float:
    cross = first[0] * second[1] - first[1] * second[0]
    return math.degrees(math.atan2(abs(cross), first[0] * second[0] + first[1] * second[1]))
