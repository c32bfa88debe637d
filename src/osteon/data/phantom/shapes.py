"""The geometry of a phantom: bodies with curved axes, tapered sections and hollow shafts, in millimetres.

A `Part` is a generalised cylinder. In its own frame a point has coordinates ``(u, v, s)``: ``s`` runs along the part
from 0 to its length, ``u`` and ``v`` across it. The section at each station is made of four quarter ellipses, so that
the outline seen along ``v`` and the one seen along ``u`` can be given as two independent silhouettes, as an atlas draws
them. The two ends are surfaces (tilted, curved, rounded) that close the tube. Fractures are cuts through it.

World coordinates are right-handed: x to the viewer's right in the frontal view, y down the limb,
z away from the viewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Table = NDArray[np.float32]

STATION: float = 0.25
"""Distance between two stations of a part's tables, in mm."""


@dataclass(frozen=True, slots=True)
class End:
    """The surface that closes a tube: ``s = end + tilt . (u, v) + curve . (u^2, v^2)``, outwards from the middle.

    Attributes:
        tilt: slope along u and v (positive: the part reaches further on the positive side).
        curve: curvature along u and v in 1/mm (positive: a hollow, as in a socket).
        rounding: radius of the rim, in mm.
        plate: thickness of the compact bone under the surface, in mm.
    """

    tilt: tuple[float, float] = (0.0, 0.0)
    curve: tuple[float, float] = (0.0, 0.0)
    rounding: float = 2.0
    plate: float = 0.7


@dataclass(frozen=True, slots=True)
class Cut:
    """A rough plane through a part; what lies on its positive side (plus half the gap) is kept.

    Attributes:
        centre: a point of the plane, ``(u, v, s)``.
        normal: unit vector towards the kept side, in the part's frame.
        gap: width of the whole gap in mm; each side gives half.
        waves: rows ``(ku, kv, phase, amplitude)`` of the roughness, wave numbers in 1/mm, amplitudes in mm.
        reach: for a crack, how deep it goes: points with ``side . (q - centre) < -reach`` stay whole.
        side: unit vector along which `reach` is measured.
        crack: remove the gap only, and keep both sides.
        plate: thickness of compact bone under the cut (a growth plate has it, a fracture has not), mm.
    """

    centre: tuple[float, float, float]
    normal: tuple[float, float, float]
    gap: float
    waves: tuple[tuple[float, float, float, float], ...] = ()
    reach: float = 1e3
    side: tuple[float, float, float] = (0.0, 0.0, 0.0)
    crack: bool = False
    plate: float = 0.0


@dataclass(frozen=True, slots=True)
class Dent:
    """A place where a part is thinner along v: ``1 - depth * exp(-((u-u0)/wu)^2 - ((s-s0)/ws)^2)``."""

    centre: tuple[float, float]
    width: tuple[float, float]
    depth: float


@dataclass(frozen=True)
class Part:
    """A tube with two ends.

    Attributes:
        origin: world position of ``(0, 0, 0)``, mm.
        frame: rows are the unit vectors u, v, s in world coordinates.
        length: mm.
        radii: (K, 4) half widths towards -u, +u, -v, +v at each station, mm.
        axis: (K, 2) where the centre of the section lies in u and v, mm.
        cortex: (K,) thickness of the compact bone, mm.
        spongy: (K,) share of bone mineral in what the cortex encloses.
        start: surface at ``s = 0``.
        stop: surface at ``s = length``.
        cuts: fractures.
        dent: a thinner place, or None.
        box: True for a rectangular section (a plate) instead of an elliptical one.
    """

    origin: Vector
    frame: Matrix
    length: float
    radii: Table
    axis: Table
    cortex: Table
    spongy: Table
    start: End = field(default_factory=End)
    stop: End = field(default_factory=End)
    cuts: tuple[Cut, ...] = ()
    dent: Dent | None = None
    box: bool = False

    @cached_property
    def inverse(self) -> Table:
        """1 / radii as one row, 1/mm."""
        return np.reciprocal(self.radii).ravel()

    @cached_property
    def widest(self) -> Table:
        """(K,) the greatest half width at each station, to the corner of a rectangular section, mm."""
        return np.asarray(self.radii.max(axis=1) * np.float32(1.42 if self.box else 1.0), dtype=np.float32)

    @cached_property
    def overhang(self) -> float:
        """How far the ends may reach beyond 0 and the length, mm."""
        widest = float(self.radii.max())
        reach = [
            sum(map(abs, end.tilt)) * widest + sum(map(abs, end.curve)) * widest**2 for end in (self.start, self.stop)
        ]
        return min(max(reach), widest)

    def point(self, u: float, v: float, s: float) -> Vector:
        """World coordinates of a point given in the part's frame."""
        return self.origin + np.array([u, v, s]) @ self.frame

    def local(self, point: Vector) -> Vector:
        """The part's coordinates of a world point."""
        return self.frame @ (point - self.origin)

    def station(self, s: float) -> int:
        """Index of the table row at ``s``."""
        return int(np.clip(round(s / STATION), 0, len(self.cortex) - 1))

    def centre(self, s: float) -> Vector:
        """World position of the centre line at ``s``."""
        u, v = self.axis[self.station(s)]
        return self.point(float(u), float(v), s)

    def moved(self, motion: Motion) -> Part:
        """The part after a rigid motion."""
        return replace(self, origin=motion.apply(self.origin), frame=self.frame @ motion.rotation.T)


@dataclass(frozen=True)
class Motion:
    """A rigid motion ``p -> rotation (p - pivot) + pivot + shift`` of world coordinates."""

    rotation: Matrix
    pivot: Vector
    shift: Vector

    def apply(self, point: Vector) -> Vector:
        """Move a point."""
        return self.rotation @ (point - self.pivot) + self.pivot + self.shift


@dataclass(frozen=True)
class Bone:
    """One piece of bone, hardware or plaster: the union of its parts.

    Attributes:
        name: anatomical name, e.g. ``radius``; a fragment keeps the name of its bone.
        parts: the tubes it is made of.
        material: key of `osteon.data.phantom.beam.MATERIALS` for the cortex.
        segment: how far along the limb it hangs (a bone moves with those of a smaller number).
        texture: strength of the trabecular pattern.
        samples: points along each ray; fewer do for small or smooth bodies.
    """

    name: str
    parts: tuple[Part, ...]
    material: str = "bone"
    segment: int = 0
    texture: float = 1.0
    samples: int = 12

    def moved(self, motion: Motion) -> Bone:
        """The bone after a rigid motion."""
        return replace(self, parts=tuple(part.moved(motion) for part in self.parts))


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
    return np.array([u, np.cross(s, u), s])


def profile(length: float, knots: Sequence[tuple[float, ...]], smooth: float = 0.02) -> Table:
    """Tables from knots ``(fraction of the length, value, ...)``: linear between them, then smoothed.

    Args:
        length: mm.
        knots: rows in increasing order of the first column, which runs from 0 to 1.
        smooth: standard deviation of the smoothing as a fraction of the length.

    Returns:
        float32, shape (K, columns), one row each `STATION` mm.
    """
    count = max(round(length / STATION), 4) + 1
    table = np.asarray(knots, dtype=np.float64)
    at = np.linspace(0.0, 1.0, count)
    radius = max(int(3 * smooth * count), 1)
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (offsets / max(smooth * count, 0.3)) ** 2)
    kernel /= kernel.sum()
    smoothed = np.empty((count, table.shape[1] - 1), np.float32)
    for i in range(1, table.shape[1]):
        knot = table[:, i]
        if np.all(knot == knot[0]):
            smoothed[:, i - 1] = knot[0]
            continue
        straight = np.interp(at, table[:, 0], knot)
        padded = np.concatenate([np.full(radius, straight[0]), straight, np.full(radius, straight[-1])])
        smoothed[:, i - 1] = np.convolve(padded, kernel, mode="valid")
    return smoothed


def ring(fraction: float, radius: float) -> tuple[float, float, float, float, float]:
    """A row of a silhouette with a round section."""
    return fraction, radius, radius, radius, radius


def tube(
    origin: Vector,
    axes: Matrix,
    length: float,
    silhouette: Sequence[tuple[float, ...]],
    *,
    cortex: Sequence[tuple[float, float]] = ((0.0, 0.7), (1.0, 0.7)),
    spongy: Sequence[tuple[float, float]] = ((0.0, 0.3), (1.0, 0.3)),
    bow: Sequence[tuple[float, float, float]] = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)),
    start: End | None = None,
    stop: End | None = None,
    dent: Dent | None = None,
    smooth: float = 0.02,
    box: bool = False,
) -> Part:
    """A part from its two silhouettes.

    Args:
        origin: world position of its start, mm.
        axes: its frame.
        length: mm.
        silhouette: rows ``(fraction, -u, +u, -v, +v)`` of half widths in mm.
        cortex: rows ``(fraction, thickness in mm)``.
        spongy: rows ``(fraction, share of mineral)``.
        bow: rows ``(fraction, u, v)`` of the centre line in mm.
        start: surface at its start.
        stop: surface at its end.
        dent: a thinner place.
        smooth: smoothing of the tables, as a fraction of the length.
        box: True for a rectangular section.
    """
    return Part(
        origin=np.asarray(origin, dtype=np.float64),
        frame=axes,
        length=length,
        radii=np.maximum(profile(length, silhouette, smooth), 0.05),
        axis=profile(length, bow, 0.08),
        cortex=profile(length, cortex, smooth)[:, 0],
        spongy=profile(length, spongy, smooth)[:, 0],
        start=start or End(),
        stop=stop or End(),
        dent=dent,
        box=box,
    )
