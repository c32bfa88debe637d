"""Soft tissue: capsules that blend into one another, with a layer of fat under the skin."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.linear import negative_share
from osteon.phantom.geometry.space import Motion, Vector

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Capsule:
    """A tapered round rod with half-ball ends, flattened along one direction.

    Attributes:
        start: world position of its first end, mm.
        stop: world position of its second end, mm.
        radii: radius at the two ends, mm.
        flat: world direction of the flattening.
        flatness: thickness along `flat` over width.
        fat: thickness of the fat under the skin, mm.
        segment: number of the limb segment it belongs to, from the shoulder down.
        digit: 1 to 5 for a part of a finger, 0 otherwise.
        melt: radius of the blend with the capsules before it, mm.
    """

    start: Vector
    stop: Vector
    radii: tuple[float, float]
    flat: Vector
    flatness: float = 1.0
    fat: float = 2.0
    segment: int = 0
    digit: int = 0
    blend: float = 5.0

    def moved(self, motion: Motion) -> Capsule:
        """The capsule after a rigid motion."""
        return replace(
            self, start=motion.apply(self.start), stop=motion.apply(self.stop), flat=motion.rotation @ self.flat
        )


GRAIN: float = 1.7
"""Cell size of the raster that soft tissue is computed on, mm: its surface is smooth."""

RADIUS: float = 12.0
"""Radius of a limb that the edge of the skin is drawn for, mm."""

DEPTH: int = 16
"""Samples along each ray."""

BLOCK: int = 24
"""Rows that are summed together: their samples stay in the processor's cache."""


def thickness(capsules: tuple[Capsule, ...], camera: Camera, *, grain: float = GRAIN) -> tuple[Array, Array]:
    """Millimetres of soft tissue on each ray, and of the fat among it.

    Args:
        capsules: of the body within the skin.
        camera: the detector.
        grain: size of a cell of the raster that the field is computed on, mm (never below a pixel).

    Returns:
        two float32 arrays of the camera's shape.
    """
    coarse = max(round(grain / camera.spacing), 1)
    view = camera.coarser(coarse)
    ends = np.array([[capsule.start, capsule.stop] for capsule in capsules]) @ camera.rotation.T
    reach = np.array([max(capsule.radii) for capsule in capsules])
    near = float((ends[..., 2].min(axis=1) - reach).min()) - 1.0
    far = float((ends[..., 2].max(axis=1) + reach).max()) + 1.0
    z = np.linspace(near, far, DEPTH, dtype=np.float32)
    skin = np.full((view.height, DEPTH, view.width), 50.0, np.float32)
    flesh = np.full((view.height, DEPTH, view.width), 50.0, np.float32)
    for capsule, (a, b), r in zip(capsules, ends, reach, strict=True):
        margin = r + capsule.blend
        left, right = _range(a[0], b[0], margin, view.left, view.spacing, view.width)
        top, bottom = _range(a[1], b[1], margin, view.top, view.spacing, view.height)
        low = int(np.searchsorted(z, min(a[2], b[2]) - margin))
        high = int(np.searchsorted(z, max(a[2], b[2]) + margin))
        if left >= right or top >= bottom or low >= high:
            continue
        x = (view.left + (np.arange(left, right) + 0.5) * view.spacing).astype(np.float32)[None, None, :]
        y = (view.top + (np.arange(top, bottom) + 0.5) * view.spacing).astype(np.float32)[:, None, None]
        d = _distance(capsule, camera, a, b, x, y, z[None, low:high, None])
        block = (slice(top, bottom), slice(low, high), slice(left, right))
        skin[block] = _blend(skin[block], d, capsule.blend)
        d += np.float32(capsule.fat)
        flesh[block] = _blend(flesh[block], d, capsule.blend)
    step = float(z[1] - z[0])
    whole, lean = (_enlarge(_square(field, step), camera, coarse) for field in (skin, flesh))
    return whole, np.maximum(whole - lean, 0.0)


def _square(field: Array, step: float) -> Array:
    """Squares of the lengths, and where a ray passes by, a negative number that grows with the distance.

    The square of a chord falls to nothing along a straight line where the chord itself falls like a root, with a slope
    of eight radii: carried on beyond the edge, it can be interpolated and the edge of the skin stays sharp and smooth.
    """
    square = _length(field, step)
    square *= square
    outside = field.min(axis=1)
    return np.where(outside > 0, np.float32(-8.0 * RADIUS) * np.minimum(outside, np.float32(8.0)), square)


def _enlarge(square: Array, camera: Camera, coarse: int) -> Array:
    """Lengths on the camera's raster from their squares on a coarser one."""
    if coarse > 1:
        size = (square.shape[1] * coarse, square.shape[0] * coarse)
        large = cv2.resize(square, size, interpolation=cv2.INTER_LINEAR)[: camera.height, : camera.width]
        square = np.asarray(large, dtype=np.float32)
    return np.sqrt(np.maximum(square, np.float32(0.0)))


def _range(a: float, b: float, margin: float, origin: float, spacing: float, count: int) -> tuple[int, int]:
    low = int(np.floor((min(a, b) - margin - origin) / spacing))
    high = int(np.ceil((max(a, b) + margin - origin) / spacing))
    return max(low, 0), min(high, count)


def _distance(capsule: Capsule, camera: Camera, a: Vector, b: Vector, x: Array, y: Array, z: Array) -> Array:
    """Signed distance to a capsule (flattening divides lengths along its direction)."""
    flat = camera.rotation @ capsule.flat
    stretch = 1.0 / capsule.flatness - 1.0
    axis = b - a
    axis = axis + stretch * (axis @ flat) * flat
    px, py, pz = x - np.float32(a[0]), y - np.float32(a[1]), z - np.float32(a[2])
    if abs(stretch) > 1e-3:
        f = [np.float32(value) for value in flat]
        along = np.float32(stretch) * (px * f[0] + py * f[1] + pz * f[2])
        px, py, pz = px + along * f[0], py + along * f[1], pz + along * f[2]
    size = float(axis @ axis) + 1e-9
    n = [np.float32(value / size) for value in axis]
    h = np.clip(px * n[0] + py * n[1] + pz * n[2], 0.0, 1.0)
    c = [np.float32(value) for value in axis]
    dx, dy, dz = px - h * c[0], py - h * c[1], pz - h * c[2]
    d = np.sqrt(dx * dx + dy * dy + dz * dz) - (
        np.float32(capsule.radii[0]) + np.float32(capsule.radii[1] - capsule.radii[0]) * h
    )
    return np.asarray(d, dtype=np.float32)


def _blend(a: Array, b: Array, k: float) -> Array:
    """Polynomial smooth minimum."""
    if k < 0.1:
        return np.minimum(a, b)
    overlap = np.maximum(k - np.abs(a - b), 0.0)
    return np.minimum(a, b) - overlap * overlap * np.float32(0.25 / k)


def _length(field: Array, step: float) -> Array:
    """Length along the second axis where the field, linear between samples, is negative."""
    total = np.empty((field.shape[0], field.shape[2]), np.float32)
    for row in range(0, len(field), BLOCK):
        share = negative_share(field[row : row + BLOCK], axis=1)
        np.add.reduce(share, axis=1, out=total[row : row + BLOCK])
    total *= np.float32(step)
    return total
