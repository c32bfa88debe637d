"""The geometry of a phantom: bodies with curved axes, tapered sections and hollow shafts, in millimetres.

A `Part` is a generalised cylinder. In its own frame a point has coordinates ``(u, v, s)``: ``s`` runs along the part
from 0 to its length, ``u`` and ``v`` across it. The section at each station is made of four quarter ellipses, so that
the outline seen along ``v`` and the one seen along ``u`` can be given as two independent silhouettes, as an atlas draws
them. The two ends are surfaces (tilted, curved, rounded) that close the tube. Fractures are cuts through it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.phantom.geometry.space import Matrix, Motion, Vector

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
        plate: thickness of the subchondral bone plate under the surface, in mm.
    """

    tilt: tuple[float, float] = (0.0, 0.0)
    curve: tuple[float, float] = (0.0, 0.0)
    rounding: float = 2.0
    plate: float = 0.7

    def skirt(self, radius: float) -> float:
        """How far the surface may stand out or back within a radius, mm."""
        return sum(map(abs, self.tilt)) * radius + sum(map(abs, self.curve)) * radius**2


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The irregular course of a crack, in tables along one direction across the part.

    Attributes:
        across: the direction, ``(u, v)``.
        start: distance of the first row before the centre of the cut, mm.
        step: between two rows, mm.
        heights: (K,) how far the crack lies from the plane towards its normal, mm.
        widths: (K,) whole width of the gap, mm.
        depths: (K,) how far beyond the centre the crack reaches, square to `across`, mm; the bone is whole beyond it.
    """

    across: tuple[float, float]
    start: float
    step: float
    heights: Table
    widths: Table
    depths: Table

    def rows(self, p: NDArray[np.floating], q: NDArray[np.floating]) -> NDArray[np.integer]:
        """Row of the tables at (p, q) mm from the centre of the cut."""
        a, b = np.float32(self.across[0] / self.step), np.float32(self.across[1] / self.step)
        return np.clip(a * p + b * q + np.float32(self.start / self.step), 0, len(self.heights) - 1).astype(np.int32)

    @property
    def furthest(self) -> float:
        """Greatest distance from the plane, mm."""
        return float(np.abs(self.heights).max())

    def opposite(self) -> Course:
        """The same course about a plane whose normal points the other way."""
        return replace(self, heights=-self.heights)


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
        plate: thickness of cortical bone under the cut (for a growth plate; 0 for a fracture), mm.
        course: irregular course of a crack, or None for a plane with waves alone.
    """

    centre: tuple[float, float, float]
    normal: tuple[float, float, float]
    gap: float
    waves: tuple[tuple[float, float, float, float], ...] = ()
    reach: float = 1e3
    side: tuple[float, float, float] = (0.0, 0.0, 0.0)
    crack: bool = False
    plate: float = 0.0
    course: Course | None = None


@dataclass(frozen=True, slots=True)
class Dent:
    """A region where a part is thinner along v: ``1 - depth * exp(-((u-u0)/wu)^2 - ((s-s0)/ws)^2)``."""

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
        cortex: (K,) thickness of the cortical bone, mm.
        trabecular: (K,) share of bone mineral in what the cortex encloses.
        start: surface at ``s = 0``.
        stop: surface at ``s = length``.
        cuts: fractures.
        dent: a thinner region, or None.
        box: True for a rectangular section (a metal plate) instead of an elliptical one.
    """

    origin: Vector
    frame: Matrix
    length: float
    radii: Table
    axis: Table
    cortex: Table
    trabecular: Table
    start: End = field(default_factory=End)
    stop: End = field(default_factory=End)
    cuts: tuple[Cut, ...] = ()
    dent: Dent | None = None
    box: bool = False

    @cached_property
    def columns(self) -> tuple[Table, ...]:
        """The tables that a section is looked up in, each in one piece: axis u and v, radii -u, +u, -v, +v."""
        tables = np.ascontiguousarray(np.hstack([self.axis, self.radii]).T)
        return tuple(tables)

    @cached_property
    def even(self) -> tuple[bool, bool]:
        """Whether the section is alike on both sides, along u and along v."""
        r = self.radii
        return bool((r[:, 0] == r[:, 1]).all()), bool((r[:, 2] == r[:, 3]).all())

    @cached_property
    def solid(self) -> bool:
        """Whether the cortex fills the part."""
        return float(self.cortex.min()) >= self.stoutest

    @cached_property
    def widest(self) -> Table:
        """(K,) the greatest half width at each station, to the corner of a rectangular section, mm."""
        return np.asarray(self.radii.max(axis=1) * np.float32(1.42 if self.box else 1.0), dtype=np.float32)

    @cached_property
    def stoutest(self) -> float:
        """The greatest half width of all stations, mm."""
        return float(self.widest.max())

    def broadest(self, span: int) -> Table:
        """(K,) the greatest half width within `span` stations, mm."""
        if span not in self._broadest:
            kernel = np.ones((2 * span + 1, 1), np.uint8)
            self._broadest[span] = np.asarray(cv2.dilate(self.widest[:, None], kernel), dtype=np.float32)[:, 0]
        return self._broadest[span]

    @cached_property
    def _broadest(self) -> dict[int, Table]:
        return {}

    @cached_property
    def offset(self) -> float:
        """How far the centre of a section lies from the straight axis at most, mm."""
        return float(np.abs(self.axis).max())

    @cached_property
    def overhang(self) -> float:
        """How far the ends may reach beyond 0 and the length, mm."""
        widest = float(self.radii.max())
        return min(max(end.skirt(widest) for end in (self.start, self.stop)), widest)

    @cached_property
    def rims(self) -> tuple[float, float]:
        """How far from 0 and from the length an end surface may matter, mm."""
        near = round((10.0 + self.overhang) / STATION)
        start = min(self.start.skirt(float(self.widest[:near].max())), self.overhang)
        stop = min(self.stop.skirt(float(self.widest[-near:].max())), self.overhang)
        return start + self.start.rounding + self.start.plate, stop + self.stop.rounding + self.stop.plate

    def shares(self, count: int) -> tuple[Table, Table, Table, Table]:
        """Half width along u and along v, cortex and mineral at `count` stations from end to end."""
        rows = (np.arange(count) * ((len(self.cortex) - 1) / (count - 1))).astype(np.intp)
        return self.columns[2][rows], self.columns[4][rows], self.cortex[rows], self.trabecular[rows]

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
class Bone:
    """One piece of bone, hardware or cast: the union of its parts.

    Attributes:
        name: anatomical name, e.g. ``radius``; a fragment keeps the name of its bone.
        parts: the tubes it is made of.
        material: key of `osteon.phantom.acquisition.beam.MATERIALS` for the cortex.
        segment: number of the limb segment it belongs to (a bone moves with those of lower numbers).
        texture: strength of the trabecular pattern.
        samples: points along each ray; small or smooth bodies need fewer.
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
