"""The surfaces of a part as approximate signed distances (negative inside)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.phantom.geometry.shapes import STATION, Course, Cut, End, Part

Array = NDArray[np.floating]
Index = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Section:
    """The section of a part at given stations, arrays of one shape.

    Attributes:
        axis: centre in u and in v, mm.
        radii: half widths towards -u, +u, -v, +v, mm; the same array twice where both sides are alike.
        cortex: thickness of the cortical bone, mm.
    """

    axis: tuple[Array, Array]
    radii: tuple[Array, Array, Array, Array]
    cortex: Array


def section(part: Part, s: Array) -> Section:
    """Look up the sections at positions along a part, mm."""
    station = np.clip(s * (1 / STATION), 0, len(part.cortex) - 1).astype(np.int32)
    axis_u = part.columns[0].take(station)
    axis_v = part.columns[1].take(station)
    minus_u, minus_v = part.columns[2].take(station), part.columns[4].take(station)
    plus_u = minus_u if part.even[0] else part.columns[3].take(station)
    plus_v = minus_v if part.even[1] else part.columns[5].take(station)
    return Section((axis_u, axis_v), (minus_u, plus_u, minus_v, plus_v), part.cortex.take(station))


def surfaces(part: Part, raw_u: Array, raw_v: Array, s: Array, at: Section | None = None) -> tuple[Array, Array]:
    """Approximate distances in mm to a part's outer and inner surface, negative inside.

    Args:
        part: the part.
        raw_u: coordinates in its frame, mm, arrays of one shape.
        raw_v: likewise across it.
        s: likewise along it.
        at: the sections at these points, where they are known (they may broadcast).
    """
    at_points = at or section(part, s)
    u, v = raw_u - at_points.axis[0], raw_v - at_points.axis[1]
    if part.dent is not None:
        dent = part.dent
        depression = ((u - dent.centre[0]) / dent.width[0]) ** 2 + ((s - dent.centre[1]) / dent.width[1]) ** 2
        outer = radial(at_points, u, v, 1.0 - dent.depth * np.exp(-depression))
    elif part.box:
        p, q = _share(u, at_points.radii[0], at_points.radii[1]), _share(v, at_points.radii[2], at_points.radii[3])
        outer = np.maximum(np.abs(u) * (1 - 1 / np.maximum(p, 1e-6)), np.abs(v) * (1 - 1 / np.maximum(q, 1e-6)))
    else:
        outer = radial(at_points, u, v)
    inner = outer + at_points.cortex
    start, stop = part.rims
    if float(s.min()) < start:
        low = -s - _warp(part.start, raw_u, raw_v)
        outer, inner = _round_max(outer, low, part.start.rounding), np.maximum(inner, low + part.start.plate)
    if float(s.max()) > part.length - stop:
        high = s - part.length - _warp(part.stop, raw_u, raw_v)
        outer, inner = _round_max(outer, high, part.stop.rounding), np.maximum(inner, high + part.stop.plate)
    for cut in part.cuts:
        lost = removed(cut, raw_u, raw_v, s)
        if lost is not None:
            outer, inner = np.maximum(outer, lost), np.maximum(inner, lost + np.float32(cut.plate))
    return outer, inner


def radial(at: Section, u: Array, v: Array, thin: Array | None = None) -> Array:
    """Distance to the wall along the radius at (u, v) mm from the centre of a section, negative inside.

    `thin` multiplies the half widths along v.
    """
    p, q = _share(u, at.radii[0], at.radii[1]), _share(v, at.radii[2], at.radii[3])
    if thin is not None:
        q = q / thin
    square = u * u + v * v
    return np.sqrt(square) - np.sqrt(square / (p * p + q * q + np.float32(1e-9)))


def _share(x: Array, minus: Array, plus: Array) -> Array:
    """Distance from the axis as a share of the half width on that side, not negative."""
    return np.abs(x) / minus if minus is plus else np.maximum(x / plus, -x / minus)


def _warp(end: End, u: Array, v: Array) -> Array:
    """How far an end surface stands out at (u, v), mm."""
    total = np.zeros_like(u)
    for slope, curve, x in ((end.tilt[0], end.curve[0], u), (end.tilt[1], end.curve[1], v)):
        if curve:
            total += (np.float32(slope) + np.float32(curve) * x) * x
        elif slope:
            total += np.float32(slope) * x
    return total


def _round_max(a: Array, b: Array, k: float) -> Array:
    """Maximum of two distances with the edge rounded by a radius near k (polynomial smooth maximum)."""
    if k < 0.05:
        return np.maximum(a, b)
    overlap = np.maximum(np.float32(k) - np.abs(a - b), np.float32(0.0))
    return np.maximum(a, b) + overlap * overlap * np.float32(0.25 / k)


def reach(cut: Cut) -> float:
    """How far from its plane a cut can matter, mm."""
    far = cut.course.furthest if cut.course is not None else 0.0
    return 1.6 * abs(cut.gap) + cut.plate + 0.5 + far + sum(abs(wave[3]) for wave in cut.waves)


def height(cut: Cut, u: Array, v: Array, s: Array) -> Array:
    """Height over the plane of a cut, mm."""
    a, b, c = (np.float32(value) for value in cut.normal)
    origin = np.float32(sum(n * x for n, x in zip(cut.normal, cut.centre, strict=True)))
    return a * u + b * v + c * s - origin


def removed(cut: Cut, u: Array, v: Array, s: Array) -> Array | None:
    """Signed distance to what a cut leaves (negative where bone stays), or None where it is far from everything."""
    over = height(cut, u, v, s)
    near = reach(cut)
    if float(over.min()) > near or (cut.crack and float(over.max()) < -near):
        return None
    half = np.float32(0.5 * cut.gap)
    if cut.waves or cut.course is not None:
        close = np.flatnonzero(np.abs(over) < near)
        p, q = u.ravel()[close] - np.float32(cut.centre[0]), v.ravel()[close] - np.float32(cut.centre[1])
        rough = np.zeros_like(p)
        for ku, kv, phase, amplitude in cut.waves:
            rough += np.float32(amplitude) * np.sin(np.float32(ku) * p + np.float32(kv) * q + np.float32(phase))
        if cut.course is not None:
            row = cut.course.rows(p, q)
            rough -= cut.course.heights.take(row)
            if cut.crack:
                over.ravel()[close] += rough
                return _cracked(cut.course, over, close, p, q, row)
        over.ravel()[close] += rough
    if not cut.crack:
        return half - over
    a, b, c = (np.float32(value) for value in cut.side)
    x, y, z = (np.float32(value) for value in cut.centre)
    return np.minimum(half - np.abs(over), a * (u - x) + b * (v - y) + c * (s - z) + np.float32(cut.reach))


def _cracked(course: Course, over: Array, close: Index, p: Array, q: Array, row: Index) -> Array:
    """Signed distance to what a crack leaves, from the height over its middle and the rows of the points close to it."""
    lost = np.float32(-1.0) - np.abs(over)
    a, b = (np.float32(value) for value in course.across)
    inside = course.depths.take(row) - (a * q - b * p)
    lost.ravel()[close] = np.minimum(np.float32(0.5) * course.widths.take(row) - np.abs(over.ravel()[close]), inside)
    return lost
