"""Directions and motions in the world: right-handed, x to the viewer's right, y down the limb, z away from the viewer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Motion:
    """A rigid motion ``p -> rotation (p - pivot) + pivot + shift`` of world coordinates."""

    rotation: Matrix
    pivot: Vector
    shift: Vector

    def apply(self, point: Vector) -> Vector:
        """Move a point."""
        return self.rotation @ (point - self.pivot) + self.pivot + self.shift


def rotation(axis: str | Vector, degrees: float) -> Matrix:
    """Rotation matrix about a world axis (``x``, ``y``, ``z``) or a unit vector (Rodrigues' formula)."""
    n = np.eye(3)["xyz".index(axis)] if isinstance(axis, str) else axis / np.linalg.norm(axis)
    angle = np.deg2rad(degrees)
    cross = np.array([[0.0, -n[2], n[1]], [n[2], 0.0, -n[0]], [-n[1], n[0], 0.0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)


def frame(direction: Vector, across: Vector | None = None) -> Matrix:
    """Frame whose s axis is `direction` and whose u axis lies as near to `across` (default: world x) as it can."""
    s = direction / np.linalg.norm(direction)
    hint = np.array([1.0, 0.0, 0.0]) if across is None else across
    u = hint - (hint @ s) * s
    u = u / np.linalg.norm(u)
    return np.array([u, cross(s, u), s])


def cross(a: Vector, b: Vector) -> Vector:
    """Vector product of two vectors (faster than NumPy's, which is made for many)."""
    (a0, a1, a2), (b0, b1, b2) = a.tolist(), b.tolist()
    return np.array([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0])
