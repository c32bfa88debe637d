"""Line integrals through bones: millimetres of cortical and of trabecular bone on each ray.

A ray is handled in one of three ways, the cheapest first: across a tube away from its ends, cuts and dents it has a chord that
is known in closed form; near an end or a cut that chord is sampled (`osteon.phantom.geometry.tubes`); and a ray that runs
along a part, or through several parts of one bone, is followed through their surfaces' fields, which approximate signed
distances. Between samples a field is taken as linear, and the length where it is negative is added up: exact for
planes, and near to it for curved parts (see the tests).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.chords import NEVER, chord
from osteon.phantom.geometry.shapes import STATION, Bone, Part
from osteon.phantom.geometry.surfaces import Section, height, reach, section, surfaces
from osteon.phantom.geometry.tubes import Stretch, lengths
from osteon.phantom.tracing.footprint import footprint

Array = NDArray[np.floating]
Index = NDArray[np.integer]
Mask = NDArray[np.bool_]
Triple = tuple[float, float, float]

CHUNK: int = 1536
"""Rays that are followed together: small enough for their samples to stay in the processor's cache."""

LEAN: float = 0.42
"""Sine of the angle between a ray and a part's cross-section up to which the section under its middle is used for all of it."""

LEVEL: float = 0.06
"""The same, up to which a ray that misses that section misses the part."""

FEWER: int = 4
"""Number of samples saved on a ray whose entry into a tube and exit from it are known."""


@dataclass(frozen=True)
class Trace:
    """Integrals of the rays through one bone.

    Attributes:
        rows: (M,) pixel rows of the rays that meet it.
        columns: (M,) pixel columns.
        cortical: (M,) millimetres of cortical bone.
        inner: (M,) millimetres within the cortical bone.
        trabecular: (M,) share of mineral in it.
        along: (M,) position along the bone, mm.
        across: (M,) position across the bone, mm.
    """

    rows: Index
    columns: Index
    cortical: Array
    inner: Array
    trabecular: Array
    along: Array
    across: Array


@dataclass(frozen=True)
class _Rays:
    """Rays in a part's frame: ``q = start + t slope``, of interest for t in [near, far] (near > far: a miss).

    `whole` and `inner` are lengths in mm; those of the rays in `open` are still to be sampled.
    """

    start: tuple[Array, Array, Array]
    slope: Triple
    near: Array
    far: Array
    whole: Array
    inner: Array
    open: Mask


def trace(bone: Bone, camera: Camera) -> Trace | None:
    """Integrate one bone.

    Args:
        bone: what to project.
        camera: the detector.

    Returns:
        The integrals on the pixels whose rays meet the bone, or None where it lies outside the field.
    """
    covered = footprint(bone, camera)
    if covered is None:
        return None
    rows, columns = covered
    pixel = np.float32(camera.spacing)
    x = columns.astype(np.float32) * pixel + np.float32(camera.left + 0.5 * camera.spacing)
    y = rows.astype(np.float32) * pixel + np.float32(camera.top + 0.5 * camera.spacing)
    views = [_look(part, camera, x, y, bone.samples) for part in bone.parts]
    first = views[0]
    if len(views) == 1:
        near, far, whole, inner = first.near, first.far, first.whole, first.inner
        _follow(bone, views, np.flatnonzero(first.open), whole, inner)
    else:
        near, far = np.minimum.reduce([view.near for view in views]), np.maximum.reduce([view.far for view in views])
        whole, inner = _united(bone, views)
    kept = np.flatnonzero(whole > 0)
    rows, columns, whole, inner = rows.take(kept), columns.take(kept), whole.take(kept), inner.take(kept)
    u, v, s = (a.take(kept) for a in first.start)
    du, dv, ds = (np.float32(a) for a in first.slope)
    along = s + ds * (np.float32(0.5) * (near + far)).take(kept)
    inner = np.minimum(inner, whole)
    trabecular = bone.parts[0].trabecular
    station = np.clip(along * (1 / STATION), 0, len(trabecular) - 1).astype(np.int32)
    return Trace(rows, columns, whole - inner, inner, trabecular.take(station), along, u * dv - v * du)


def _united(bone: Bone, views: list[_Rays]) -> tuple[Array, Array]:
    """Lengths in the union of several parts: rays that may meet more than one part are sampled through all."""
    hits = np.add.reduce([(view.near < view.far).astype(np.int8) for view in views])
    whole, inner = np.zeros_like(views[0].near), np.zeros_like(views[0].near)
    for part, view in zip(bone.parts, views, strict=True):
        alone = (view.near < view.far) & (hits == 1)
        closed = np.flatnonzero(alone & ~view.open)
        whole[closed], inner[closed] = view.whole[closed], view.inner[closed]
        single = Bone(bone.name, (part,), samples=bone.samples)
        _follow(single, [view], np.flatnonzero(alone & view.open), whole, inner)
    _follow(bone, views, np.flatnonzero(hits > 1), whole, inner)
    return whole, inner


def _follow(bone: Bone, views: list[_Rays], rays: Index, whole: Array, inner: Array) -> None:
    """Sample the rays of the given numbers, and put their lengths into `whole` and `inner`."""
    weights = np.arange(bone.samples, dtype=np.float32)[:, None] * np.float32(1 / (bone.samples - 1))
    for begin in range(0, len(rays), CHUNK):
        chunk = rays[begin : begin + CHUNK]
        near, far = views[0].near[chunk], views[0].far[chunk]
        for view in views[1:]:
            near, far = np.minimum(near, view.near[chunk]), np.maximum(far, view.far[chunk])
        span = far - near
        t = near + weights * span
        outer, within = _fields(bone.parts[0], views[0], chunk, t)
        for part, view in zip(bone.parts[1:], views[1:], strict=True):
            d, e = _fields(part, view, chunk, t)
            outer, within = np.minimum(outer, d), np.minimum(within, e)
        step = span * np.float32(1 / (bone.samples - 1))
        whole[chunk], inner[chunk] = _length(outer, step), _length(within, step)


def _fields(part: Part, rays: _Rays, some: Index, t: Array) -> tuple[Array, Array]:
    """Signed distances to the outer and to the inner surface at ``t`` of shape (N, M)."""
    u, v, s = (a[some] for a in rays.start)
    du, dv, ds = (np.float32(a) for a in rays.slope)
    return surfaces(part, u + du * t, v + dv * t, s + ds * t)


def _length(field: Array, step: Array) -> Array:
    """Length of each ray where the field, linear between samples, is negative."""
    a, b = field[:-1], field[1:]
    share = np.clip(-np.minimum(a, b) / (np.abs(a - b) + np.float32(1e-6)), 0.0, 1.0)
    return np.add.reduce(share, axis=0) * step


def _look(part: Part, camera: Camera, x: Array, y: Array, samples: int) -> _Rays:
    """Carry the rays of the pixels at (x, y) mm into a part's frame, and find where they meet it."""
    turn = (part.frame @ camera.rotation.T).astype(np.float32)
    shift = (part.frame @ part.origin).astype(np.float32)
    u, v, s = (turn[i, 0] * x + turn[i, 1] * y - shift[i] for i in range(3))
    du, dv, ds = (float(a) for a in turn[:, 2])
    if du * du + dv * dv < 0.5:
        return _look_along(part, (u, v, s), (du, dv, ds))
    middle, at = _nearest(part, (u, v, s), (du, dv, ds))
    flat = math.hypot(du, dv)
    offset = ((u - at.axis[0]) * np.float32(dv) - (v - at.axis[1]) * np.float32(du)) * np.float32(1 / flat)
    station = s + np.float32(ds) * middle
    width = _reach(part, station, ds)
    half = width * np.float32(1 / flat)
    spread = np.float32(abs(ds)) * half
    met = (
        (np.abs(offset) < width)
        & (station + spread > -part.overhang - 0.5)
        & (station - spread < part.length + part.overhang + 0.5)
    )
    near, far = np.where(met, middle - half, NEVER), np.where(met, middle + half, -NEVER)
    whole, inner = np.zeros_like(near), np.zeros_like(near)
    if abs(ds) >= LEAN or part.box:
        return _Rays((u, v, s), (du, dv, ds), near, far, whole, inner, met)
    slope = (du, dv, ds)
    ray = _stretch(part, (u, v, s), slope, middle, at)
    if abs(ds) < LEVEL:
        inside = ray.outer[0] < ray.outer[1]
        slack = spread + np.float32(0.002)
        near = np.where(inside & met, middle + ray.outer[0] - slack, NEVER)
        far = np.where(inside & met, middle + ray.outer[1] + slack, -NEVER)
    open_ = met & _dented(part, station, spread)
    met &= (ray.outer[0] < ray.outer[1]) & ~open_
    rough = met & _rough(part, ray, spread)
    whole = np.where(met, ray.outer[1] - ray.outer[0], np.float32(0.0))
    inner = np.where(met, np.maximum(ray.inner[1] - ray.inner[0], np.float32(0.0)), np.float32(0.0))
    numbers = np.flatnonzero(rough)
    broken = any(cut.waves for cut in part.cuts)
    fewer = samples if broken else max(samples - FEWER, 6)
    for begin in range(0, len(numbers), CHUNK):
        some = numbers[begin : begin + CHUNK]
        whole[some], inner[some] = lengths(part, _take(ray, some), fewer)
    return _Rays((u, v, s), slope, near, far, whole, inner, open_)


def _look_along(part: Part, start: tuple[Array, Array, Array], slope: Triple) -> _Rays:
    """Rays that run along a part rather than across it: all are to be followed from end to end."""
    (u, v, s), (du, dv, ds) = start, slope
    low, high = np.float32(-part.overhang - 0.5), np.float32(part.length + part.overhang + 0.5)
    a, b = (low - s) * np.float32(1 / ds), (high - s) * np.float32(1 / ds)
    near, far = np.minimum(a, b), np.maximum(a, b)
    flat = du * du + dv * dv
    wide = np.float32(part.stoutest + part.offset + 0.5)
    if flat > 1e-3:
        middle = (u * np.float32(du) + v * np.float32(dv)) * np.float32(-1 / flat)
        offset = u * np.float32(dv) - v * np.float32(du)
        half = np.sqrt(np.maximum(wide * wide * np.float32(flat) - offset * offset, 0.0)) * np.float32(1 / flat)
        near, far = np.maximum(near, middle - half), np.minimum(far, middle + half)
        missed = near >= far
    else:
        missed = u * u + v * v > wide * wide
    near[missed], far[missed] = NEVER, -NEVER
    nothing = np.zeros_like(near)
    return _Rays(start, slope, near, far, nothing, nothing.copy(), ~missed)


def _nearest(part: Part, start: tuple[Array, Array, Array], slope: Triple) -> tuple[Array, Section]:
    """Parameter at which each ray comes nearest to the part's curved axis, and the section there."""
    (u, v, s), (du, dv, ds) = start, slope
    back = -1 / (du * du + dv * dv)
    a, b = np.float32(du * back), np.float32(dv * back)
    middle = u * a + v * b
    at = section(part, s + np.float32(ds) * middle)
    if part.offset > 0:
        middle = (u - at.axis[0]) * a + (v - at.axis[1]) * b
    return middle, at


def _stretch(part: Part, start: tuple[Array, Array, Array], slope: Triple, middle: Array, at: Section) -> Stretch:
    """The stretch of the rays within the infinite tube that a part is cut from."""
    u, v, s = (a + np.float32(d) * middle for a, d in zip(start, slope, strict=True))
    cu, cv = u - at.axis[0], v - at.axis[1]
    outer = chord(at.radii, cu, cv, slope[0], slope[1])
    if part.solid:
        inner = np.full_like(u, NEVER), np.full_like(u, -NEVER)
    else:
        thin = np.float32(1e-3)
        a, c = np.maximum(at.radii[0] - at.cortex, thin), np.maximum(at.radii[2] - at.cortex, thin)
        b = a if part.even[0] else np.maximum(at.radii[1] - at.cortex, thin)
        d = c if part.even[1] else np.maximum(at.radii[3] - at.cortex, thin)
        inner = chord((a, b, c, d), cu, cv, slope[0], slope[1])
    return Stretch(u, v, s, slope, outer, inner, at)


def _take(ray: Stretch, some: Index) -> Stretch:
    """The rays of the given numbers."""
    at = ray.section
    radii = tuple(a.take(some) for a in at.radii)
    part = Section(
        (at.axis[0].take(some), at.axis[1].take(some)),
        (radii[0], radii[0] if at.radii[1] is at.radii[0] else radii[1],
         radii[2], radii[2] if at.radii[3] is at.radii[2] else radii[3]),
        at.cortex.take(some),
    )  # fmt: skip
    return Stretch(
        ray.u.take(some), ray.v.take(some), ray.s.take(some), ray.slope,
        (ray.outer[0].take(some), ray.outer[1].take(some)), (ray.inner[0].take(some), ray.inner[1].take(some)), part,
    )  # fmt: skip


def _reach(part: Part, station: Array, ds: float) -> Array:
    """Half width within which rays at a station may meet a part that leans by `ds`, mm."""
    widths = part.broadest(max(round(abs(ds) * part.stoutest / STATION), 2))
    row = np.clip(station * (1 / STATION), 0, len(widths) - 1).astype(np.int32)
    return widths.take(row) + np.float32(0.4)


def _dented(part: Part, station: Array, spread: Array) -> Mask:
    """Rays that may meet the dent of a part."""
    if part.dent is None:
        return np.zeros(len(station), np.bool_)
    return np.abs(station - np.float32(part.dent.centre[1])) < np.float32(2.4 * part.dent.width[1]) + spread


def _rough(part: Part, ray: Stretch, spread: Array) -> Mask:
    """Rays that may meet an end or a cut of a part."""
    first, last = part.rims
    rough = (ray.s - spread < np.float32(first)) | (ray.s + spread > np.float32(part.length - last))
    for cut in part.cuts:
        over = height(cut, ray.u, ray.v, ray.s)
        tilt = sum(n * d for n, d in zip(cut.normal, ray.slope, strict=True))
        margin = np.float32(abs(tilt)) * np.maximum(np.abs(ray.outer[0]), np.abs(ray.outer[1])) + np.float32(reach(cut))
        rough |= np.abs(over) < margin if cut.crack else over < margin
    return rough
