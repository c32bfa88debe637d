"""The pixels that a bone may cover, so that few rays are traced that miss it."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.shapes import STATION, Bone, Part
from osteon.phantom.geometry.space import Vector

Index = NDArray[np.integer]
Outline = NDArray[np.floating]

FINE: int = 3
"""Binary digits after the point in the coordinates that are handed to the drawing functions."""

STEEP: float = 0.7
"""Sine of the angle between a part and the detector from which on it is covered by discs instead of an outline."""

NUMBERS: Vector = np.arange(2048, dtype=np.float64)


def footprint(bone: Bone, camera: Camera) -> tuple[Index, Index] | None:
    """Rows and columns of the pixels whose rays may meet a bone, or None where it lies outside the field."""
    shapes = [shape for part in bone.parts if _near(part, camera) and len(shape := _cover(part, camera))]
    if not shapes:
        return None
    lows, highs = zip(*(_bounds(shape) for shape in shapes), strict=True)
    x0, y0 = (max(int(min(low[i] for low in lows)) - 1, 0) for i in (0, 1))
    x1, y1 = (min(int(max(high[i] for high in highs)) + 2, end) for i, end in ((0, camera.width), (1, camera.height)))
    if x0 >= x1 or y0 >= y1:
        return None
    canvas = np.zeros((y1 - y0, x1 - x0), np.uint8)
    for shape in shapes:
        if shape.shape[1] == 2:
            cv2.fillPoly(canvas, [_fixed(shape - (x0, y0))], 1, cv2.LINE_8, FINE)
            continue
        for x, y, size in _fixed(shape - (x0, y0, 0.0)).tolist():
            cv2.circle(canvas, (x, y), size, 1, -1, cv2.LINE_8, FINE)
    inside = canvas.ravel().nonzero()[0].astype(np.int32)
    if len(inside) == 0:
        return None
    rows = inside // np.int32(x1 - x0)
    return rows + np.int32(y0), inside - rows * np.int32(x1 - x0) + np.int32(x0)


def _fixed(points: Outline) -> NDArray[np.int32]:
    return np.rint(points * 2**FINE).astype(np.int32)


def _bounds(shape: Outline) -> tuple[list[float], list[float]]:
    size = shape[:, 2:] if shape.shape[1] == 3 else 0.0
    return (shape[:, :2] - size).min(axis=0).tolist(), (shape[:, :2] + size).max(axis=0).tolist()


def _near(part: Part, camera: Camera) -> bool:
    """Whether a box around a part touches the field."""
    start = (camera.rotation @ part.origin).tolist()
    along = (camera.rotation @ part.frame[2]).tolist()
    pad = part.stoutest + part.offset + part.overhang + 2.0
    for i, low, count in ((0, camera.left, camera.width), (1, camera.top, camera.height)):
        a, b = start[i], start[i] + along[i] * part.length
        if max(a, b) + pad < low or min(a, b) - pad > low + count * camera.spacing:
            return False
    return True


def _cover(part: Part, camera: Camera) -> Outline:
    """An outline, (n, 2), or discs, (n, 3), in pixels; no row where no cut has left anything."""
    turn = camera.rotation @ part.frame.T
    along_x, along_y, lean = turn[0, 2].item(), turn[1, 2].item(), abs(turn[2, 2].item())
    steep = lean >= STEEP
    stride = min(max(float(part.widest.min()), 0.5), 4.0)
    beyond = part.overhang
    if not steep:
        stride, beyond = max(stride, part.length / 24), beyond + part.stoutest * lean
    count = min(max(int((part.length + 2 * beyond) / stride), 2), len(NUMBERS) - 1)
    s = NUMBERS[: count + 1] * ((part.length + 2 * beyond) / count) - beyond
    station = (s * (1 / STATION)).astype(np.intp)
    np.maximum(station, 0, out=station)
    np.minimum(station, len(part.cortex) - 1, out=station)
    span = 24 if steep else math.ceil((0.5 * stride + part.stoutest * lean) / STATION)
    radius = part.broadest(span)[station]
    local = np.empty((len(s), 3))
    local[:, 0], local[:, 1], local[:, 2] = part.columns[0][station], part.columns[1][station], s
    if part.cuts:
        first, last = _left(part, local, radius)
        if first >= last:
            return np.empty((0, 2))
        radius, local = radius[first:last], local[first:last]
    scale = 1 / camera.spacing
    centres = (local @ turn[:2].T + (camera.rotation[:2] @ part.origin - (camera.left, camera.top))) * scale
    radius = radius * np.float32(scale) + np.float32(0.75 + 0.1 * scale)
    if steep or len(local) == 1:
        shown = np.abs(centres).max(axis=1) < 4 * max(camera.width, camera.height)
        return np.column_stack([centres, radius])[shown]
    return _outline(centres, radius, along_x, along_y)


def _left(part: Part, local: Vector, radius: NDArray[np.float32]) -> tuple[int, int]:
    """First and one past the last of the stations that no cut has taken away."""
    kept = np.ones(len(local), np.bool_)
    for cut in part.cuts:
        if not cut.crack:
            kept &= (local - np.array(cut.centre)) @ np.array(cut.normal) > 0.5 * cut.gap - radius - 6.0
    numbers = kept.nonzero()[0]
    return (int(numbers[0]), int(numbers[-1]) + 1) if len(numbers) else (0, 0)


def _outline(centres: Outline, radius: NDArray[np.float32], along_x: float, along_y: float) -> Outline:
    """Both sides of a part as one polygon, a pixel longer than its centres."""
    flat = math.hypot(along_x, along_y)
    ux, uy = along_x / flat, along_y / flat
    centres[0] -= (ux, uy)
    centres[-1] += (ux, uy)
    n = len(centres)
    outline = np.empty((2 * n, 2))
    outline[:n], outline[n:] = centres, centres[::-1]
    aside_x, aside_y = radius * -uy, radius * ux
    outline[:n, 0] += aside_x
    outline[:n, 1] += aside_y
    outline[n:, 0] -= aside_x[::-1]
    outline[n:, 1] -= aside_y[::-1]
    return outline
