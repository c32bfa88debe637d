"""Line integrals through bones: how many millimetres of compact and of spongy bone each ray meets.

Each part is an implicit surface whose field is near to a signed distance (negative inside). Along a ray the field is sampled
at a few points between the places where the ray can enter and leave, taken as linear between them, and the length where it
is negative is added up: exact for planes, and within a few hundredths of a millimetre for the curved parts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.data.phantom.camera import Camera
from osteon.data.phantom.shapes import STATION, Bone, Cut, End, Part

Array = NDArray[np.float32]
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Trace:
    """What the rays meet in one bone.

    Attributes:
        rows: (M,) pixel rows of the rays that may meet it.
        columns: (M,) pixel columns.
        compact: (M,) millimetres of compact bone.
        inner: (M,) millimetres within the compact bone.
        spongy: (M,) share of mineral in it.
        along: (M,) position along the bone, mm.
        across: (M,) position across the bone, mm.
    """

    rows: Index
    columns: Index
    compact: Array
    inner: Array
    spongy: Array
    along: Array
    across: Array


def trace(bone: Bone, camera: Camera) -> Trace | None:
    """Integrate one bone.

    Args:
        bone: what to project.
        camera: the detector.

    Returns:
        The integrals on the pixels that the bone may cover, or None where it lies outside the field.
    """
    footprint = np.zeros((camera.height, camera.width), np.uint8)
    for part in bone.parts:
        _draw(part, camera, footprint)
    x0, y0, wide, high = cv2.boundingRect(footprint)
    if wide == 0:
        return None
    rows, columns = np.nonzero(footprint[y0 : y0 + high, x0 : x0 + wide])
    rows, columns = rows + y0, columns + x0
    x = (camera.left + (columns + 0.5) * camera.spacing).astype(np.float32)
    y = (camera.top + (rows + 0.5) * camera.spacing).astype(np.float32)
    lines = [_line(part, camera, x, y) for part in bone.parts]
    near, far = lines[0].near, lines[0].far
    for line in lines[1:]:
        near, far = np.minimum(near, line.near), np.maximum(far, line.far)
    samples = bone.samples
    step = (far - near) / (samples - 1)
    t = near[None, :] + np.arange(samples, dtype=np.float32)[:, None] * step[None, :]
    outer = inner = np.empty(0, np.float32)
    for index, (part, line) in enumerate(zip(bone.parts, lines, strict=True)):
        d, e = _field(part, line, t)
        outer = d if index == 0 else np.minimum(outer, d)
        inner = e if index == 0 else np.minimum(inner, e)
    whole = _length(outer, step)
    within = np.minimum(_length(inner, step), whole)
    middle = lines[0]
    s = middle.start[2] + middle.slope[2] * 0.5 * (near + far)
    station = np.clip(s * (1 / STATION), 0, len(bone.parts[0].spongy) - 1).astype(np.intp)
    across = middle.start[0] * middle.slope[1] - middle.start[1] * middle.slope[0]
    return Trace(rows, columns, whole - within, within, bone.parts[0].spongy[station], s, across.astype(np.float32))


@dataclass(frozen=True)
class _Line:
    """Rays in a part's frame: ``q = start + t slope``, of interest for t in [near, far]."""

    start: tuple[Array, Array, Array]
    slope: tuple[float, float, float]
    near: Array
    far: Array


def _reach(part: Part) -> float:
    """Greatest distance of the surface from the centre line's chord, mm."""
    return float(np.max(part.radii) + np.max(np.abs(part.axis)))


def _draw(part: Part, camera: Camera, footprint: NDArray[np.uint8]) -> None:
    """Mark the pixels whose rays may meet a part."""
    extra = 1.5 * camera.spacing + 0.5
    count = max(int(part.length / 4.0), 2)
    margin = _overhang(part)
    for s in np.linspace(-margin, part.length + margin, count + 1):
        row = part.station(s)
        u, v = part.axis[row]
        centre = camera.pixels(part.point(float(u), float(v), float(s)))
        window = part.radii[max(row - 24, 0) : row + 25]
        radius = float(window.max()) * (1.42 if part.box else 1.0) + extra
        at = (round(float(centre[0]) * 8), round(float(centre[1]) * 8))
        limit = 8 * 4 * max(camera.width, camera.height)
        if max(abs(at[0]), abs(at[1])) < limit:
            cv2.circle(footprint, at, round(radius / camera.spacing * 8), 1, -1, cv2.LINE_8, 3)


def _overhang(part: Part) -> float:
    """How far an end reaches beyond 0 and the length, mm."""
    widest = float(part.radii.max())

    def most(end: End) -> float:
        tilt = (abs(end.tilt[0]) + abs(end.tilt[1])) * widest
        return tilt + (abs(end.curve[0]) + abs(end.curve[1])) * widest**2

    return min(max(most(part.start), most(part.stop)), widest)


def _line(part: Part, camera: Camera, x: Array, y: Array) -> _Line:
    """Carry the rays of the pixels at (x, y) mm into a part's frame."""
    turn = (part.frame @ camera.rotation.T).astype(np.float32)
    shift = (part.frame @ part.origin).astype(np.float32)
    start = tuple(turn[i, 0] * x + turn[i, 1] * y - shift[i] for i in range(3))
    slope = (float(turn[0, 2]), float(turn[1, 2]), float(turn[2, 2]))
    across = slope[0] ** 2 + slope[1] ** 2
    reach = _reach(part) + 0.5
    margin = _overhang(part) + 0.5
    middle = np.zeros_like(x)
    half = np.full_like(x, 1e3)
    if across > 1e-3:
        middle = -(start[0] * slope[0] + start[1] * slope[1]) / across
        half = np.full_like(x, reach / math.sqrt(across))
    near, far = middle - half, middle + half
    if abs(slope[2]) > 1e-3:
        a = (-margin - start[2]) / slope[2]
        b = (part.length + margin - start[2]) / slope[2]
        near, far = np.maximum(near, np.minimum(a, b)), np.minimum(far, np.maximum(a, b))
    empty = near >= far
    near[empty], far[empty] = 0.0, 0.01
    if across > 0.5:
        near, far = _tighten(part, start, slope, near, far)
    return _Line((start[0], start[1], start[2]), slope, near, far)


def _tighten(
    part: Part, start: tuple[Array, ...], slope: tuple[float, float, float], near: Array, far: Array
) -> tuple[Array, Array]:
    """Narrow the search to the section that each ray meets, so that the samples fall inside it."""
    middle = 0.5 * (near + far)
    station = np.clip((start[2] + slope[2] * middle) * (1 / STATION), 0, len(part.cortex) - 1).astype(np.intp)
    u, v = part.axis[:, 0][station], part.axis[:, 1][station]
    across = slope[0] ** 2 + slope[1] ** 2
    centre = -((start[0] - u) * slope[0] + (start[1] - v) * slope[1]) / across
    width = part.radii.max(axis=1) * (1.42 if part.box else 1.0)
    span = max(round(abs(slope[2]) * float(width.max()) / STATION), 2)
    width = cv2.dilate(width[:, None], np.ones((2 * span + 1, 1), np.uint8))[:, 0]
    half = (width[station] + 0.4) / math.sqrt(across)
    near, far = np.maximum(near, centre - half), np.minimum(far, centre + half)
    return near, np.maximum(far, near + 0.01)


def _field(part: Part, line: _Line, t: Array) -> tuple[Array, Array]:
    """Signed distances to the outer and to the inner surface at ``t`` of shape (N, M)."""
    u0, v0, s0 = line.start
    s = s0 + line.slope[2] * t
    station = np.clip(s * (1 / STATION), 0, len(part.cortex) - 1).astype(np.int32)
    raw_u, raw_v = u0 + line.slope[0] * t, v0 + line.slope[1] * t
    u = raw_u - part.axis[:, 0].take(station)
    v = raw_v - part.axis[:, 1].take(station)
    inverse = (1.0 / part.radii).ravel()
    station4 = station * 4
    p = u * inverse.take(station4 + (u > 0))
    q = v * inverse.take(station4 + 2 + (v > 0))
    if part.dent is not None:
        dent = part.dent
        place = ((u - dent.centre[0]) / dent.width[0]) ** 2 + ((s - dent.centre[1]) / dent.width[1]) ** 2
        q = q / (1.0 - dent.depth * np.exp(-place))
    if part.box:
        radial = np.maximum(
            np.abs(u) * (1 - 1 / np.maximum(np.abs(p), 1e-6)), np.abs(v) * (1 - 1 / np.maximum(np.abs(q), 1e-6))
        )
    else:
        square = u * u + v * v
        radial = np.sqrt(square) - np.sqrt(square / (p * p + q * q + 1e-9))
    low, high = _ends(part, raw_u, raw_v, s)
    outer = _round_max(_round_max(radial, low, part.start.rounding), high, part.stop.rounding)
    inner = np.maximum(radial + part.cortex.take(station), np.maximum(low + part.start.plate, high + part.stop.plate))
    for cut in part.cuts:
        removed = _removed(cut, raw_u, raw_v, s)
        outer, inner = np.maximum(outer, removed), np.maximum(inner, removed + cut.plate)
    return outer, inner


def _ends(part: Part, u: Array, v: Array, s: Array) -> tuple[Array, Array]:
    """Signed distances to the two end surfaces."""

    def warp(end: End) -> Array | float:
        total: Array | float = 0.0
        for slope, x in zip(end.tilt, (u, v), strict=True):
            if slope:
                total = total + slope * x
        for curve, x in zip(end.curve, (u, v), strict=True):
            if curve:
                total = total + curve * x * x
        return total

    return -s - warp(part.start), s - part.length - warp(part.stop)


def _round_max(a: Array, b: Array, k: float) -> Array:
    """Maximum of two distances with the edge rounded by a radius near k (polynomial smooth maximum)."""
    if k < 0.05:
        return np.maximum(a, b)
    overlap = np.maximum(k - np.abs(a - b), 0.0)
    return np.maximum(a, b) + overlap * overlap * (0.25 / k)


def _removed(cut: Cut, u: Array, v: Array, s: Array) -> Array:
    """Signed distance to what a cut leaves (negative where bone stays)."""
    du, dv, ds = u - cut.centre[0], v - cut.centre[1], s - cut.centre[2]
    height = cut.normal[0] * du + cut.normal[1] * dv + cut.normal[2] * ds
    if cut.waves:
        reach = cut.gap + cut.plate + 0.5 + sum(abs(wave[3]) for wave in cut.waves)
        close = np.flatnonzero(np.abs(height) < reach)
        a, b, rough = du.ravel()[close], dv.ravel()[close], 0.0
        for ku, kv, phase, amplitude in cut.waves:
            rough = rough + amplitude * np.sin(ku * a + kv * b + phase)
        height.ravel()[close] += rough
    if not cut.crack:
        return (0.5 * cut.gap - height).astype(np.float32)
    slab = 0.5 * cut.gap - np.abs(height)
    depth = cut.side[0] * du + cut.side[1] * dv + cut.side[2] * ds + cut.reach
    return np.minimum(slab, depth).astype(np.float32)


def _length(field: Array, step: Array) -> Array:
    """Length of each ray where the field, linear between samples, is negative."""
    a, b = field[:-1], field[1:]
    share = np.clip(-np.minimum(a, b) / (np.abs(a - b) + 1e-6), 0.0, 1.0)
    return share.sum(axis=0) * step
