"""The chord of a ray through the section of a tube: four quarter ellipses that meet on the axes of the section."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

NEVER = np.float32(1e6)
"""Where a ray that misses a section enters it, mm: further than any scene reaches."""


def chord(radii: tuple[Array, Array, Array, Array], u: Array, v: Array, du: float, dv: float) -> tuple[Array, Array]:
    """Where the lines ``(u + du t, v + dv t)`` enter and leave a section.

    Args:
        radii: half widths towards -u, +u, -v, +v at each ray, mm, positive; one array twice where both sides are alike.
        u: start of each ray in the section, mm from its centre.
        v: likewise.
        du: slope of all rays along u.
        dv: slope along v; both must not be 0.

    Returns:
        parameter t at the entry and at the exit; entry > exit for a ray that misses.
    """
    # scaled by the radii on both sides of an axis: those behind it, seen along the ray, and those before it
    back_u, front_u = _scaled(radii[0], radii[1], u, du)
    back_v, front_v = _scaled(radii[2], radii[3], v, dv)
    if back_u is front_u and back_v is front_v:
        return _crossings(*back_u, *back_v)
    across_u, across_v = -u / _unlike_zero(du), -v / _unlike_zero(dv)
    if back_u is front_u:
        return _merged(_crossings(*back_u, *back_v), _crossings(*back_u, *front_v), across_v)
    if back_v is front_v:
        return _merged(_crossings(*back_u, *back_v), _crossings(*front_u, *back_v), across_u)
    # each line crosses both axes: it starts in the back quadrant, passes one beside it, and ends in the front one
    first, last = np.minimum(across_u, across_v), np.maximum(across_u, across_v)
    u_first = across_u < across_v
    side_u = np.where(u_first, front_u[0], back_u[0]), np.where(u_first, front_u[1], back_u[1])
    side_v = np.where(u_first, back_v[0], front_v[0]), np.where(u_first, back_v[1], front_v[1])
    half = _merged(_crossings(*back_u, *back_v), _crossings(*side_u, *side_v), first)
    return _merged(half, _crossings(*front_u, *front_v), last)


Scaled = tuple[Array, Array]
"""Coordinate and slope along an axis of a section, as shares of the half width."""


def _scaled(minus: Array, plus: Array, x: Array, dx: float) -> tuple[Scaled, Scaled]:
    slope = np.float32(dx)
    inverse = 1 / minus
    towards_minus = x * inverse, inverse * slope
    if minus is plus:
        return towards_minus, towards_minus
    inverse = 1 / plus
    towards_plus = x * inverse, inverse * slope
    return (towards_minus, towards_plus) if dx >= 0 else (towards_plus, towards_minus)


def _unlike_zero(slope: float) -> np.float32:
    return np.float32(slope if abs(slope) > 1e-6 else np.copysign(1e-6, slope))


def _merged(back: Scaled, front: Scaled, border: Array) -> tuple[Array, Array]:
    """Entry and exit of a shape that is one ellipse before a border on the line, and another one beyond it."""
    enter = np.where(back[0] <= border, back[0], np.maximum(front[0], border))
    return enter, np.where(front[1] >= border, front[1], np.minimum(back[1], border))


def _crossings(u: Array, du: Array, v: Array, dv: Array) -> tuple[Array, Array]:
    """Crossings of lines with the unit circle."""
    square = du * du
    square += dv * dv
    aside = u * dv
    aside -= v * du
    aside *= aside
    root = square - aside
    missed = root < 0
    np.maximum(root, np.float32(0.0), out=root)
    np.sqrt(root, out=root)
    linear = u * du
    linear += v * dv
    share = np.reciprocal(square, out=square)
    enter = (linear + root) * -share
    leave = (root - linear) * share
    np.putmask(enter, missed, NEVER)
    np.putmask(leave, missed, -NEVER)
    return enter, leave
