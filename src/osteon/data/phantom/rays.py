"""Line integrals through bones: how many millimetres of compact and of spongy bone each ray meets.

Each part is an implicit surface whose field is near to a signed distance (negative inside). Along a ray the field is
sampled at a few points between the places where the ray can enter and leave, taken as linear between them, and the
length where it is negative is added up: exact for planes, and near to it for curved parts (see the tests).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.data.phantom.camera import Camera
from osteon.data.phantom.shapes import STATION, Bone, Cut, End, Part

Array = NDArray[np.floating]
Index = NDArray[np.intp]

NEVER = np.float32(1e6)
"""Where a ray that misses a part enters it, mm: further than any scene reaches."""

CHUNK: int = 1536
"""Rays that are followed together: small enough for their samples to stay in the processor's cache."""


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
    aims = [_aim(part, camera) for part in bone.parts]
    pieces = [_integrate(bone, aims, x[i : i + CHUNK], y[i : i + CHUNK]) for i in range(0, len(x), CHUNK)]
    compact, inner, along, across = (np.concatenate(piece) for piece in zip(*pieces, strict=True))
    spongy = bone.parts[0].spongy
    station = np.clip(along * (1 / STATION), 0, len(spongy) - 1).astype(np.int32)
    return Trace(rows, columns, compact, inner, spongy.take(station), along, across)


def _integrate(bone: Bone, aims: list[_Aim], x: Array, y: Array) -> tuple[Array, Array, Array, Array]:
    """Compact and inner length, and the place along and across the first part, for rays at (x, y) mm."""
    lines = [_line(part, aim, x, y) for part, aim in zip(bone.parts, aims, strict=True)]
    near, far = lines[0].near, lines[0].far
    for line in lines[1:]:
        near, far = np.minimum(near, line.near), np.maximum(far, line.far)
    missed = near >= far
    near, far = np.where(missed, np.float32(0.0), near), np.where(missed, np.float32(0.01), far)
    step = (far - near) / (bone.samples - 1)
    t = near[None, :] + np.arange(bone.samples, dtype=np.float32)[:, None] * step[None, :]
    outer, inner = _field(bone.parts[0], lines[0], t)
    for part, line in zip(bone.parts[1:], lines[1:], strict=True):
        d, e = _field(part, line, t)
        outer, inner = np.minimum(outer, d), np.minimum(inner, e)
    whole = _length(outer, step)
    within = np.minimum(_length(inner, step), whole)
    (u, v, s), (du, dv, ds) = lines[0].start, lines[0].slope
    return whole - within, within, s + ds * 0.5 * (near + far), u * dv - v * du


@dataclass(frozen=True)
class _Line:
    """Rays in a part's frame: ``q = start + t slope``, of interest for t in [near, far] (near > far: a miss)."""

    start: tuple[Array, Array, Array]
    slope: tuple[float, float, float]
    near: Array
    far: Array


def _draw(part: Part, camera: Camera, footprint: NDArray[np.uint8]) -> None:
    """Mark the pixels whose rays may meet a part: a disc at every few millimetres that no cut has taken away."""
    margin = part.overhang
    stride = min(max(float(part.widest.min()), 0.5), 4.0)
    count = max(int((part.length + 2 * margin) / stride), 2)
    s = np.linspace(-margin, part.length + margin, count + 1)
    station = np.clip(s / STATION, 0, len(part.cortex) - 1).astype(int)
    radius = np.asarray(cv2.dilate(part.widest[:, None], np.ones((49, 1), np.uint8)))[station, 0]
    local = np.column_stack([part.axis[station], s])
    kept = np.ones(len(s), np.bool_)
    for cut in part.cuts:
        if not cut.crack:
            kept &= (local - np.array(cut.centre)) @ np.array(cut.normal) > 0.5 * cut.gap - radius - 6.0
    centres = np.round(camera.pixels(part.origin + local @ part.frame) * 8).astype(int)
    sizes = np.round((radius + 1.5 * camera.spacing + 0.5) / camera.spacing * 8).astype(int)
    kept &= np.abs(centres).max(axis=1) < 32 * max(camera.width, camera.height)
    for (x, y), size in zip(centres[kept].tolist(), sizes[kept].tolist(), strict=True):
        cv2.circle(footprint, (x, y), size, 1, -1, cv2.LINE_8, 3)


@dataclass(frozen=True)
class _Aim:
    """A part as the camera's rays see it.

    Attributes:
        turn: the view's axes in the part's frame.
        shift: minus the view's origin in it.
        widths: half width within which a ray may meet the part, at each station.
    """

    turn: Array
    shift: Array
    widths: Array


def _aim(part: Part, camera: Camera) -> _Aim:
    turn = (part.frame @ camera.rotation.T).astype(np.float32)
    shift = (part.frame @ part.origin).astype(np.float32)
    span = max(round(abs(float(turn[2, 2])) * float(part.widest.max()) / STATION), 2)
    widths = cv2.dilate(part.widest[:, None], np.ones((2 * span + 1, 1), np.uint8))[:, 0]
    return _Aim(turn, shift, np.asarray(widths, dtype=np.float32))


def _line(part: Part, aim: _Aim, x: Array, y: Array) -> _Line:
    """Carry the rays of the pixels at (x, y) mm into a part's frame, and find where they can meet it."""
    turn, shift = aim.turn, aim.shift
    u, v, s = (turn[i, 0] * x + turn[i, 1] * y - shift[i] for i in range(3))
    slope = (float(turn[0, 2]), float(turn[1, 2]), float(turn[2, 2]))
    across = slope[0] ** 2 + slope[1] ** 2
    near, far = np.full_like(x, -1e3), np.full_like(x, 1e3)
    if across > 1e-3:
        middle = -(u * slope[0] + v * slope[1]) / across
        half = (float(part.widest.max()) + float(np.abs(part.axis).max()) + 0.5) / math.sqrt(across)
        near, far = middle - np.float32(half), middle + np.float32(half)
    low, high = -part.overhang - 0.5, part.length + part.overhang + 0.5
    if abs(slope[2]) > 1e-3:
        a, b = (low - s) / slope[2], (high - s) / slope[2]
        near, far = np.maximum(near, np.minimum(a, b)), np.minimum(far, np.maximum(a, b))
    else:
        far = np.where((s < low) | (s > high), near, far)
    if across > 0.5:
        # where near > far the ray misses the part: the station looked up there is not used
        station = np.clip((s + slope[2] * 0.5 * (near + far)) * (1 / STATION), 0, len(aim.widths) - 1).astype(np.int32)
        centre = (
            -((u - part.axis[:, 0].take(station)) * slope[0] + (v - part.axis[:, 1].take(station)) * slope[1]) / across
        )
        reach = (aim.widths.take(station) + np.float32(0.4)) / math.sqrt(across)
        near, far = np.maximum(near, centre - reach), np.minimum(far, centre + reach)
    missed = near >= far
    return _Line((u, v, s), slope, np.where(missed, NEVER, near), np.where(missed, -NEVER, far))


def _field(part: Part, line: _Line, t: Array) -> tuple[Array, Array]:
    """Signed distances to the outer and to the inner surface at ``t`` of shape (N, M)."""
    (u, v, s), (du, dv, ds) = line.start, line.slope
    return surfaces(part, u + du * t, v + dv * t, s + ds * t)


def surfaces(part: Part, raw_u: Array, raw_v: Array, s: Array) -> tuple[Array, Array]:
    """Near-distances to a part's outer and inner surface, negative inside.

    Args:
        part: the part.
        raw_u: coordinates in its frame, mm, arrays of one shape.
        raw_v: as above.
        s: as above.
    """
    station = np.clip(s * (1 / STATION), 0, len(part.cortex) - 1).astype(np.int32)
    u = raw_u - part.axis[:, 0].take(station)
    v = raw_v - part.axis[:, 1].take(station)
    inverse = part.inverse
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
    outer, inner = radial, radial + part.cortex.take(station)
    margin = part.overhang
    if float(s.min()) < margin + part.start.rounding + part.start.plate:
        low = -s - _warp(part.start, raw_u, raw_v)
        outer, inner = _round_max(outer, low, part.start.rounding), np.maximum(inner, low + part.start.plate)
    if float(s.max()) > part.length - margin - part.stop.rounding - part.stop.plate:
        high = s - part.length - _warp(part.stop, raw_u, raw_v)
        outer, inner = _round_max(outer, high, part.stop.rounding), np.maximum(inner, high + part.stop.plate)
    for cut in part.cuts:
        removed = _removed(cut, raw_u, raw_v, s)
        if removed is not None:
            outer, inner = np.maximum(outer, removed), np.maximum(inner, removed + cut.plate)
    return outer, inner


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
    overlap = np.maximum(k - np.abs(a - b), 0.0)
    return np.maximum(a, b) + overlap * overlap * (0.25 / k)


def _removed(cut: Cut, u: Array, v: Array, s: Array) -> Array | None:
    """Signed distance to what a cut leaves (negative where bone stays), or None where it is far from everything."""
    du, dv, ds = u - np.float32(cut.centre[0]), v - np.float32(cut.centre[1]), s - np.float32(cut.centre[2])
    a, b, c = (np.float32(value) for value in cut.normal)
    height = a * du + b * dv + c * ds
    reach = cut.gap + cut.plate + 0.5 + sum(abs(wave[3]) for wave in cut.waves)
    if float(height.min()) > reach or (cut.crack and float(height.max()) < -reach):
        return None
    if cut.waves:
        close = np.flatnonzero(np.abs(height) < reach)
        p, q = du.ravel()[close], dv.ravel()[close]
        rough = np.zeros_like(p)
        for ku, kv, phase, amplitude in cut.waves:
            rough += np.float32(amplitude) * np.sin(np.float32(ku) * p + np.float32(kv) * q + np.float32(phase))
        height.ravel()[close] += rough
    half = np.float32(0.5 * cut.gap)
    if not cut.crack:
        return half - height
    a, b, c = (np.float32(value) for value in cut.side)
    return np.minimum(half - np.abs(height), a * du + b * dv + c * ds + np.float32(cut.reach))


def _length(field: Array, step: Array) -> Array:
    """Length of each ray where the field, linear between samples, is negative."""
    a, b = field[:-1], field[1:]
    share = np.clip(-np.minimum(a, b) / (np.abs(a - b) + 1e-6), 0.0, 1.0)
    return share.sum(axis=0) * step
