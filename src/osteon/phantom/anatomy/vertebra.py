"""One lumbar or lower thoracic vertebra: body, pedicles, articular, transverse and spinous processes (in mm).

A vertebra is built in its own frame: s down its axis from the upper end plate, u to the viewer's right in the frontal
view, v to the front of the patient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteon.phantom.geometry.shapes import Bone, End, Part
from osteon.phantom.geometry.silhouettes import tube
from osteon.phantom.geometry.space import Matrix, Vector, frame


@dataclass(frozen=True)
class Level:
    """Size, position and state of a vertebra.

    Attributes:
        name: ``T11`` to ``L5``.
        origin: world position of the middle of its upper end plate, mm.
        axes: rows u, v, s in world coordinates.
        height: of the body, mm.
        width: half width of the body, mm.
        depth: half depth of the body, mm.
        density: mineral of the trabecular bone relative to a young adult's.
        wedge: share of the front height that has collapsed.
        crush: share of the middle height that has collapsed.
        sclerosis: thickness added to the lower end plate, mm.
        facet: how much the upper articular processes have grown, 0 to 1.
    """

    name: str
    origin: Vector
    axes: Matrix
    height: float
    width: float
    depth: float
    density: float
    wedge: float = 0.0
    crush: float = 0.0
    sclerosis: float = 0.0
    facet: float = 0.0

    def point(self, u: float, v: float, s: float) -> Vector:
        """World position of a point of the vertebra's frame (mm)."""
        return self.origin + np.array([u, v, s]) @ self.axes


CONTOUR: tuple[tuple[float, float, float, float], ...] = (
    (0.00, 0.970, 0.980, 0.970),
    (0.06, 1.000, 0.990, 1.000),
    (0.14, 0.985, 0.970, 0.985),
    (0.26, 0.925, 0.945, 0.925),
    (0.38, 0.880, 0.932, 0.880),
    (0.50, 0.862, 0.926, 0.862),
    (0.62, 0.878, 0.930, 0.878),
    (0.74, 0.930, 0.942, 0.925),
    (0.86, 1.000, 0.968, 0.988),
    (0.94, 1.025, 0.990, 1.005),
    (1.00, 0.990, 0.980, 0.975),
)
"""Contour of a body: share of its height, then half widths at the sides, behind and in front as shares of the rim's."""

RIM: float = 4.0
"""Rounding of the rims of a body, mm."""


SAMPLES: int = 16
"""Points along a ray through a body: its end plates are thin and curved."""


def vertebra(level: Level, random: np.random.Generator) -> tuple[Bone, ...]:
    """The bones of a vertebra; the body comes first."""
    body = Bone(level.name, (_body(level, random),), texture=1.1, samples=SAMPLES)
    arch = tuple(Bone(f"{level.name} arch", (part,), texture=0.6, samples=8) for part in _arch(level, random))
    return (body, *arch)


def _body(level: Level, random: np.random.Generator) -> Part:
    w, d, h = level.width, level.depth, level.height
    lost = level.wedge * h
    swell = 1.0 + 0.12 * (level.wedge + level.crush)
    slope = lost / (2 * d)
    return tube(
        level.point(0.0, 0.0, 0.5 * lost),
        level.axes,
        h - 0.5 * lost,
        [(f, side * w, side * w, back * d, front * d * (swell if abs(f - 0.5) > 0.3 else 1.0))
         for f, side, back, front in CONTOUR],
        cortex=[(0.0, 0.6), (0.25, 0.75), (0.5, 0.85), (0.75, 0.75), (1.0, 0.6)],
        trabecular=[(0.0, 0.165 * level.density), (0.5, 0.125 * level.density + 0.10 * level.wedge),
                (1.0, 0.165 * level.density)],
        start=End(
            tilt=(float(random.normal(0, 0.008)), -slope),
            curve=(0.0026 + 0.010 * level.crush, 0.0044 + 0.016 * level.crush), rounding=RIM,
            plate=0.7 + 2.0 * level.wedge,
        ),
        stop=End(
            tilt=(float(random.normal(0, 0.008)), 0.0),
            curve=(0.0028 + 0.006 * level.crush, 0.0050 + 0.010 * level.crush), rounding=RIM,
            plate=0.7 + level.sclerosis,
        ),
        smooth=0.03,
    )  # fmt: skip


def _arch(level: Level, random: np.random.Generator) -> list[Part]:
    w, d, h = level.width, level.depth, level.height
    thoracic = level.name.startswith("T")
    parts: list[Part] = []
    down, back = level.axes[2], -level.axes[1]
    for side in (-1.0, 1.0):
        out = level.axes[0] * side
        x = side * w * (0.62 if not thoracic else 0.52)
        pedicle = level.point(x, -d + 2.0, 0.30 * h)
        parts.append(
            _stick(
                pedicle,
                back + 0.05 * out,
                15.0,
                level.axes[0],
                [(0.0, 6.0, 8.8), (0.3, 4.8, 7.4), (0.6, 4.3, 6.9), (1.0, 5.0, 7.8)],
                0.6,
            )
        )
        pillar = level.point(x * 1.04, -d - 14.5, -0.38 * h)
        grown = 1.0 + 0.5 * level.facet
        parts.append(
            _stick(
                pillar - down * 3.0 * level.facet + back * (-2.5 * level.facet),
                down + 0.10 * back,
                0.62 * h,
                level.axes[0],
                [(0.0, 3.8 * grown, 3.2 * grown), (0.45, 6.0, 4.8 * grown), (1.0, 6.4, 5.0)],
                1.1,
                end=4.5,
                plate=0.0,
            )
        )
        low = level.point(x * 0.92, -d - 17.5, 0.22 * h)
        parts.append(
            _stick(low, down - 0.08 * out + 0.06 * back, 1.02 * h, level.axes[0],
                   [(0.0, 6.0, 4.5), (0.45, 4.8, 4.0), (0.85, 5.8, 5.0), (1.0, 4.4, 4.0)], 1.1, end=4.0)
        )  # fmt: skip
        if not thoracic:
            root = level.point(side * w * 0.78, -d - 6.0, 0.36 * h)
            long = 25.0 + float(random.normal(0, 2)) + (4.0 if level.name == "L3" else 0.0)
            parts.append(
                _stick(root, out + 0.28 * back + down * float(random.normal(-0.08, 0.08)), long, down,
                       [(0.0, 7.4, 4.2), (0.25, 5.2, 3.2), (0.55, 4.2, 2.6), (0.8, 4.4, 2.4), (0.92, 3.8, 2.2),
                        (1.0, 2.2, 1.6)], 0.6, end=3.6)
            )  # fmt: skip
    spine = level.point(0.0, -d - 18.0, 0.55 * h)
    slope = 0.85 if thoracic else 0.20
    tall = 9.5 if not thoracic else 6.0
    parts.append(
        _stick(spine, back + slope * down, 30.0 + float(random.normal(0, 2)), level.axes[0],
               [(0.0, 4.4, tall * 0.8), (0.3, 2.8, tall * 0.85), (0.7, 3.4, tall), (0.9, 3.6, tall * 0.92),
                (1.0, 2.6, tall * 0.6)], 0.7, end=5.0)
    )  # fmt: skip
    return parts


def _stick(
    start: Vector, along: Vector, length: float, across: Vector, rows: list[tuple[float, float, float]], cortex: float,
    *, end: float = 1.0, plate: float = 0.6,
) -> Part:  # fmt: skip
    """A short process; rows are ``(fraction, half width along `across`, half width square to it)``."""
    return tube(
        start,
        frame(along, across),
        length,
        [(f, a, a, b, b) for f, a, b in rows],
        cortex=[(0.0, cortex), (1.0, 0.8 * cortex)],
        trabecular=[(0.0, 0.12), (1.0, 0.12)],
        start=End(rounding=1.0, plate=0.0),
        stop=End(rounding=end, plate=plate),
        smooth=0.05,
    )
