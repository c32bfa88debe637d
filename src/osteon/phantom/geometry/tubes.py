"""Rays that cross a tube near an end, a cut or a growth plate.

Where the ray enters and leaves the infinite tube is known in closed form (`osteon.phantom.geometry.chords`); what the ends
and cuts leave of that stretch is found by sampling it. Where an end is rounded the distance to the wall matters too: it
is taken from the circle that has the same chord and the same depth below the middle of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.phantom.geometry.linear import negative_share
from osteon.phantom.geometry.shapes import End, Part
from osteon.phantom.geometry.surfaces import Section, radial, removed

Array = NDArray[np.floating]

TINY = np.float32(1e-4)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The stretch of each ray within an infinite tube.

    Attributes:
        u: the ray in the part's frame at its point nearest to the axis: coordinate u, mm.
        v: coordinate v, mm.
        s: coordinate s, mm.
        slope: of all rays along u, v and s.
        outer: parameter at the entry and the exit, from that point.
        inner: the same of the wall's inner side; entry > exit where the ray stays in the wall.
        section: of the part there.
    """

    u: Array
    v: Array
    s: Array
    slope: tuple[float, float, float]
    outer: tuple[Array, Array]
    inner: tuple[Array, Array]
    section: Section


def lengths(part: Part, ray: Stretch, samples: int) -> tuple[Array, Array]:
    """Length within the part's surface, and within its cortex.

    Args:
        part: the tube with its ends and cuts.
        ray: arrays of shape (M,).
        samples: points along a ray, at least 5.
    """
    enter, leave = ray.outer
    hollow = ray.inner[0] < ray.inner[1]
    third = (leave - enter) * np.float32(1 / 3)
    first = np.where(hollow, np.maximum(ray.inner[0], enter), enter + third)
    last = np.where(hollow, np.minimum(ray.inner[1], leave), leave - third)
    outer_steps = max(samples // 6, 1) if part.cuts else 1
    t, steps = _samples((enter, first, last, leave), (outer_steps, samples - 1 - 2 * outer_steps, outer_steps))
    middle = slice(outer_steps, samples - outer_steps)
    start, stop = part.rims
    spread = np.float32(abs(ray.slope[2])) * np.maximum(np.abs(enter), np.abs(leave))
    outer, inner = np.full_like(t, -1.0), np.full_like(t[middle], -1.0)
    inner[:, ~hollow] = 1.0
    ends: list[tuple[End, float, float]] = []
    if float((ray.s - spread).min()) < start:
        ends.append((part.start, -1.0, 0.0))
    if float((ray.s + spread).max()) > part.length - stop:
        ends.append((part.stop, 1.0, part.length))
    wall = _wall(t, enter, leave, _depth(ray)) if ends else t
    for end, sign, at in ends:
        cap = _cap(end, ray, t, sign, at)
        np.maximum(inner, cap[middle] + np.float32(end.plate), out=inner)
        np.maximum(outer, _rounded(cap, wall, end.rounding), out=outer)
    if part.cuts:
        du, dv, ds = (np.float32(a) for a in ray.slope)
        points = ray.u + du * t, ray.v + dv * t, ray.s + ds * t
        for cut in part.cuts:
            lost = removed(cut, *points)
            if lost is not None:
                np.maximum(inner, lost[middle] + np.float32(cut.plate), out=inner)
                np.maximum(outer, lost, out=outer)
    share = negative_share(outer)
    parts = share[:outer_steps], share[outer_steps:-outer_steps], share[-outer_steps:]
    whole = sum(np.add.reduce(part, axis=0) * step for part, step in zip(parts, steps, strict=True))
    return np.asarray(whole), np.add.reduce(negative_share(inner), axis=0) * steps[1]


def _samples(knots: tuple[Array, ...], counts: tuple[int, ...]) -> tuple[Array, list[Array]]:
    """Samples that divide the intervals between knots into `counts` steps each, and the steps."""
    t = np.empty((sum(counts) + 1, len(knots[0])), np.float32)
    steps: list[Array] = []
    row = 0
    for a, b, count in zip(knots[:-1], knots[1:], counts, strict=True):
        steps.append((b - a) * np.float32(1 / count))
        block = t[row : row + count]
        np.multiply(np.arange(count, dtype=np.float32)[:, None], steps[-1], out=block)
        block += a
        row += count
    t[-1] = knots[-1]
    return t, steps


def _depth(ray: Stretch) -> Array:
    """Distance of the middle of the chord from the wall, mm."""
    middle = np.float32(0.5) * (ray.outer[0] + ray.outer[1])
    u = ray.u - ray.section.axis[0] + np.float32(ray.slope[0]) * middle
    v = ray.v - ray.section.axis[1] + np.float32(ray.slope[1]) * middle
    return np.maximum(-radial(ray.section, u, v), TINY)


def _wall(t: Array, enter: Array, leave: Array, depth: Array) -> Array:
    """Distance from the wall at ``t`` of shape (N, M): 0 at entry and exit, `depth` half way."""
    half = np.maximum(np.float32(0.5) * (leave - enter), TINY)
    deep = np.minimum(depth, half)
    across = half * half / deep
    radius, offset = np.float32(0.5) * (across + deep), np.float32(0.5) * (across - deep)
    field = t - np.float32(0.5) * (enter + leave)
    np.multiply(field, field, out=field)
    field += offset * offset
    np.sqrt(field, out=field)
    np.subtract(radius, field, out=field)
    return field


def _rounded(cap: Array, wall: Array, rounding: float) -> Array:
    """The end surface drawn in towards the wall, so that the rim is rounded.

    It is 0 where the smooth maximum of both distances of `osteon.phantom.geometry.surfaces` is: a point at depth w
    below the wall stays if it lies deeper than (sqrt(k) - sqrt(w))^2 under the end surface, with k the rounding.
    """
    if rounding < 0.05:
        return cap
    k = np.float32(rounding)
    shifted = np.sqrt(np.clip(wall, 0.0, k))
    shifted -= np.sqrt(k)
    shifted *= shifted
    shifted += cap
    return shifted


def _cap(end: End, ray: Stretch, t: Array, sign: float, at: float) -> Array:
    """Signed distance to an end surface at ``t``: ``sign (s - at) - tilt . (u, v) - curve . (u^2, v^2)``."""
    du, dv, ds = ray.slope
    level = np.float32(sign) * (ray.s - np.float32(at))
    slope: Array | np.float32 = np.float32(sign * ds)
    bend = 0.0
    for tilt, curve, x, dx in ((end.tilt[0], end.curve[0], ray.u, du), (end.tilt[1], end.curve[1], ray.v, dv)):
        if tilt or curve:
            level = level - (np.float32(tilt) + np.float32(curve) * x) * x
            slope = slope - (np.float32(tilt * dx) + np.float32(2 * curve * dx) * x)
            bend += curve * dx * dx
    field = t * slope
    if bend:
        field -= np.float32(bend) * (t * t)
    field += level
    return field
