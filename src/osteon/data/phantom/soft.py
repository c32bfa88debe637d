"""Soft tissue: capsules that melt into one another, with a layer of fat under the skin."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.data.phantom.camera import Camera
from osteon.data.phantom.shapes import Motion, Vector

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
        segment: how far along the limb it hangs.
        digit: 1 to 5 for what belongs to a finger, 0 otherwise.
        melt: radius within which it melts into what was there before, mm.
    """

    start: Vector
    stop: Vector
    radii: tuple[float, float]
    flat: Vector
    flatness: float = 1.0
    fat: float = 2.0
    segment: int = 0
    digit: int = 0
    melt: float = 5.0

    def moved(self, motion: Motion) -> Capsule:
        """The capsule after a rigid motion."""
        return replace(
            self, start=motion.apply(self.start), stop=motion.apply(self.stop), flat=motion.rotation @ self.flat
        )


def thickness(
    capsules: tuple[Capsule, ...], camera: Camera, *, coarse: int = 2, depth: int = 16
) -> tuple[Array, Array]:
    """Millimetres of soft tissue on each ray, and how many of them are fat.

    Args:
        capsules: what the skin encloses.
        camera: the detector.
        coarse: the field is computed on pixels this many times as large.
        depth: samples along each ray.

    Returns:
        two float32 arrays of the camera's shape.
    """
    shape = (camera.height, camera.width)
    view = camera.coarser(coarse)
    ends = np.array([[capsule.start, capsule.stop] for capsule in capsules]) @ camera.rotation.T
    reach = np.array([max(capsule.radii) for capsule in capsules])
    near = float((ends[..., 2].min(axis=1) - reach).min()) - 1.0
    far = float((ends[..., 2].max(axis=1) + reach).max()) + 1.0
    z = np.linspace(near, far, depth, dtype=np.float32)
    skin = np.full((depth, view.height, view.width), 50.0, np.float32)
    flesh = np.full((depth, view.height, view.width), 50.0, np.float32)
    for capsule, (a, b), r in zip(capsules, ends, reach, strict=True):
        margin = r + capsule.melt
        left, right = _range(a[0], b[0], margin, view.left, view.spacing, view.width)
        top, bottom = _range(a[1], b[1], margin, view.top, view.spacing, view.height)
        low = int(np.searchsorted(z, min(a[2], b[2]) - margin))
        high = int(np.searchsorted(z, max(a[2], b[2]) + margin))
        if left >= right or top >= bottom or low >= high:
            continue
        x = (view.left + (np.arange(left, right) + 0.5) * view.spacing).astype(np.float32)[None, None, :]
        y = (view.top + (np.arange(top, bottom) + 0.5) * view.spacing).astype(np.float32)[None, :, None]
        d = _distance(capsule, camera, a, b, x, y, z[low:high, None, None])
        where = (slice(low, high), slice(top, bottom), slice(left, right))
        skin[where] = _melt(skin[where], d, capsule.melt)
        flesh[where] = _melt(flesh[where], d + capsule.fat, capsule.melt)
    step = float(z[1] - z[0])
    whole, lean = _length(skin, step), _length(flesh, step)

    def enlarge(small: Array) -> Array:
        big = cv2.resize(small, (view.width * coarse, view.height * coarse), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.maximum(big[: shape[0], : shape[1]], 0.0), dtype=np.float32)

    whole, lean = enlarge(whole), enlarge(lean)
    return whole, np.maximum(whole - lean, 0.0)


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


def _melt(a: Array, b: Array, k: float) -> Array:
    """Polynomial smooth minimum."""
    if k < 0.1:
        return np.minimum(a, b)
    overlap = np.maximum(k - np.abs(a - b), 0.0)
    return np.minimum(a, b) - overlap * overlap * np.float32(0.25 / k)


def _length(field: Array, step: float) -> Array:
    """Length along the first axis where the field, linear between samples, is negative."""
    a, b = field[:-1], field[1:]
    share = np.clip(-np.minimum(a, b) / (np.abs(a - b) + 1e-6), 0.0, 1.0)
    return np.asarray(share.sum(axis=0) * step, dtype=np.float32)
