"""Short straight rods, all at once: the processes of the vertebral arches are too many to integrate one at a time.

A stick has a section that is alike on both sides, a straight axis and flat ends with rounded rims. What
`osteon.phantom.tracing.rays` does for one body after the other with numbers of that body, this does for the rays of many
bodies with arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.linear import negative_share
from osteon.phantom.geometry.shapes import Bone

Array = NDArray[np.floating]
Index = NDArray[np.int32]

STATIONS: int = 32
"""Points along a stick at which its section is stored."""

SAMPLES: int = 8
"""Points along each ray."""

CHUNK: int = 3000
"""Rays that are followed together."""

LONGEST: float = 45.0
"""Length of a stick at most, mm."""


@dataclass(frozen=True)
class Bundle:
    """Integrals of the rays through many sticks; a pixel occurs once for each stick that its ray meets.

    Attributes:
        pixels: (M,) number of the pixel, row by row.
        number: (M,) number of the stick.
        cortical: (M,) millimetres of cortical bone.
        inner: (M,) millimetres within the cortical bone.
        trabecular: (M,) share of mineral in it.
        along: (M,) position along the stick, mm.
        across: (M,) position across the stick, mm.
    """

    pixels: Index
    number: Index
    cortical: Array
    inner: Array
    trabecular: Array
    along: Array
    across: Array


def is_stick(bone: Bone) -> bool:
    """Whether a bone is a stick."""
    if len(bone.parts) != 1:
        return False
    part = bone.parts[0]
    plain = part.length < LONGEST and not part.cuts and part.dent is None and not part.box
    flat = all(not any((*end.tilt, *end.curve)) for end in (part.start, part.stop))
    return plain and flat and part.offset == 0.0 and all(part.even) and not part.solid


def trace_sticks(bones: list[Bone], camera: Camera) -> Bundle | None:
    """Integrate many sticks, or None where all lie outside the field."""
    number, rows, columns = _footprints(bones, camera)
    if len(number) == 0:
        return None
    sticks = _Sticks.of(bones, camera)
    x = columns.astype(np.float32) * np.float32(camera.spacing) + np.float32(camera.left + 0.5 * camera.spacing)
    y = rows.astype(np.float32) * np.float32(camera.spacing) + np.float32(camera.top + 0.5 * camera.spacing)
    pixels = rows * np.int32(camera.width) + columns
    pieces = [_follow(sticks, pixels[i : i + CHUNK], number[i : i + CHUNK], x[i : i + CHUNK], y[i : i + CHUNK])
              for i in range(0, len(x), CHUNK)]  # fmt: skip
    columns_of_bundle = [
        np.concatenate([getattr(piece, name) for piece in pieces]) for name in Bundle.__dataclass_fields__
    ]
    return Bundle(*columns_of_bundle)


@dataclass(frozen=True)
class _Sticks:
    """Numbers of P sticks.

    `turn` (P, 3, 3) and `shift` (P, 3) carry a ray into a stick's frame; `tables` (P * STATIONS,) hold half widths along
    u and v, cortex and mineral; the others are (P,), in mm.
    """

    turn: Array
    shift: Array
    length: Array
    widest: Array
    rounding: tuple[Array, Array]
    plate: tuple[Array, Array]
    tables: tuple[Array, Array, Array, Array]

    @staticmethod
    def of(bones: list[Bone], camera: Camera) -> _Sticks:
        parts = [bone.parts[0] for bone in bones]
        frames = np.array([part.frame for part in parts])
        rows = np.array([[*p.shares(STATIONS)] for p in parts], np.float32)
        return _Sticks(
            (frames @ camera.rotation.T).astype(np.float32),
            np.einsum("pij,pj->pi", frames, np.array([part.origin for part in parts])).astype(np.float32),
            np.array([part.length for part in parts], np.float32),
            np.array([part.stoutest for part in parts], np.float32),
            (_float32([part.start.rounding for part in parts]), _float32([part.stop.rounding for part in parts])),
            (_float32([part.start.plate for part in parts]), _float32([part.stop.plate for part in parts])),
            (rows[:, 0].ravel(), rows[:, 1].ravel(), rows[:, 2].ravel(), rows[:, 3].ravel()),
        )


def _float32(values: list[float]) -> Array:
    return np.array(values, np.float32)


def _footprints(bones: list[Bone], camera: Camera) -> tuple[Index, Index, Index]:
    """Number of the stick, row and column of each ray that may meet one: a rectangle for each stick."""
    found: list[tuple[Index, Index, Index]] = []
    scale = 1 / camera.spacing
    for number, bone in enumerate(bones):
        part = bone.parts[0]
        ax, ay, az = (camera.rotation @ part.frame[2]).tolist()
        sx, sy, _ = (camera.rotation @ part.origin).tolist()
        flat = math.hypot(ax, ay)
        ux, uy = (ax / flat, ay / flat) if flat > 1e-3 else (1.0, 0.0)
        wide = (part.stoutest + 0.1) * scale + 0.75
        more = (part.stoutest * abs(az) + 0.1) * scale + 0.75
        a, b = -more, flat * part.length * scale + more
        x, y = (sx - camera.left) * scale, (sy - camera.top) * scale
        corners = [
            (x + s * ux - t * uy, y + s * uy + t * ux) for s, t in ((a, -wide), (a, wide), (b, wide), (b, -wide))
        ]
        xs, ys = [c[0] for c in corners], [c[1] for c in corners]
        x0, y0 = max(int(min(xs)) - 1, 0), max(int(min(ys)) - 1, 0)
        x1, y1 = min(int(max(xs)) + 2, camera.width), min(int(max(ys)) + 2, camera.height)
        if x0 >= x1 or y0 >= y1:
            continue
        canvas = np.zeros((y1 - y0, x1 - x0), np.uint8)
        quad = np.array([[round((c[0] - x0) * 8), round((c[1] - y0) * 8)] for c in corners], np.int32)
        cv2.fillConvexPoly(canvas, quad, 1, cv2.LINE_8, 3)
        inside = canvas.ravel().nonzero()[0].astype(np.int32)
        rows = inside // np.int32(x1 - x0)
        columns = inside - rows * np.int32(x1 - x0) + np.int32(x0)
        found.append((np.full(len(rows), number, np.int32), rows + np.int32(y0), columns))
    if not found:
        nothing = np.zeros(0, np.int32)
        return nothing, nothing, nothing
    numbers, rows, columns = zip(*found, strict=True)
    return np.concatenate(numbers), np.concatenate(rows), np.concatenate(columns)


def _follow(sticks: _Sticks, pixels: Index, number: Index, x: Array, y: Array) -> Bundle:
    """Sample the rays between the points where they can enter and leave."""
    turn, shift = sticks.turn[number], sticks.shift[number]
    u, v, s = (turn[:, i, 0] * x + turn[:, i, 1] * y - shift[:, i] for i in range(3))
    du, dv, ds = (turn[:, i, 2] for i in range(3))
    near, far = _bounds(u, v, s, du, dv, ds, sticks.length[number], sticks.widest[number])
    hit = np.flatnonzero(near < far)
    number, pixels, near, far = number[hit], pixels[hit], near[hit], far[hit]
    u, v, s, du, dv, ds = u[hit], v[hit], s[hit], du[hit], dv[hit], ds[hit]
    step = (far - near) * np.float32(1 / (SAMPLES - 1))
    t = near + np.arange(SAMPLES, dtype=np.float32)[:, None] * step
    outer, inner = _fields(sticks, number, u + du * t, v + dv * t, s + ds * t)
    whole, within = _length(outer, step), _length(inner, step)
    np.minimum(within, whole, out=within)
    along = s + ds * (np.float32(0.5) * (near + far))
    trabecular = sticks.tables[3].take(_station(sticks, number, along))
    return Bundle(pixels, number, whole - within, within, trabecular, along, u * dv - v * du)


def _bounds(
    u: Array, v: Array, s: Array, du: Array, dv: Array, ds: Array, length: Array, widest: Array
) -> tuple[Array, Array]:
    """Where rays enter and leave the cylinder round each stick; entry > exit for a miss."""
    flat = np.maximum(du * du + dv * dv, np.float32(1e-4))
    linear = u * du + v * dv
    room = linear * linear - flat * (u * u + v * v - widest * widest)
    half = np.sqrt(np.maximum(room, np.float32(0.0))) / flat
    middle = -linear / flat
    slope = np.where(np.abs(ds) < 1e-5, np.float32(1e-5), ds)
    a, b = (np.float32(-0.3) - s) / slope, (length + np.float32(0.3) - s) / slope
    near = np.maximum(middle - half, np.minimum(a, b))
    far = np.minimum(middle + half, np.maximum(a, b))
    return np.where(room > 0, near, np.float32(1.0)), np.where(room > 0, far, np.float32(0.0))


def _station(sticks: _Sticks, number: Index, s: Array) -> Index:
    row = s * (np.float32(STATIONS - 1) / sticks.length).take(number)
    np.clip(row, 0, STATIONS - 1, out=row)
    return row.astype(np.int32) + number * np.int32(STATIONS)


def _fields(sticks: _Sticks, number: Index, u: Array, v: Array, s: Array) -> tuple[Array, Array]:
    """Approximate distances to the outer and the inner surface at points of shape (N, M)."""
    station = _station(sticks, number, s)
    p, q = u / sticks.tables[0].take(station), v / sticks.tables[1].take(station)
    square = u * u + v * v
    radial = np.sqrt(square) - np.sqrt(square / (p * p + q * q + np.float32(1e-9)))
    inner = radial + sticks.tables[2].take(station)
    low, high = -s, s - sticks.length.take(number)
    np.maximum(inner, low + sticks.plate[0].take(number), out=inner)
    np.maximum(inner, high + sticks.plate[1].take(number), out=inner)
    outer = _round_max(radial, low, sticks.rounding[0].take(number))
    return _round_max(outer, high, sticks.rounding[1].take(number)), inner


def _round_max(a: Array, b: Array, k: Array) -> Array:
    overlap = np.maximum(k - np.abs(a - b), np.float32(0.0))
    overlap *= overlap
    overlap *= np.float32(0.25) / np.maximum(k, np.float32(0.05))
    overlap += np.maximum(a, b)
    return overlap


def _length(field: Array, step: Array) -> Array:
    """Length of each ray where the field, linear between samples, is negative."""
    return np.asarray(np.add.reduce(negative_share(field), axis=0) * step, dtype=np.float32)
