"""The torso around a lumbar spine: ribs, sacrum, iliac wings, muscles, bowel gas and the bases of the lungs."""

from __future__ import annotations

import numpy as np

from osteon.phantom.anatomy.patient import Patient
from osteon.phantom.anatomy.soft import Capsule
from osteon.phantom.anatomy.vertebra import Level
from osteon.phantom.geometry.shapes import Bone, End, Part
from osteon.phantom.geometry.silhouettes import tube
from osteon.phantom.geometry.space import Matrix, Vector, frame, rotation


def soft_tissue(patient: Patient, top: float, bottom: float) -> tuple[Capsule, ...]:
    """The torso between two heights (world y, mm), with its layer of subcutaneous fat."""
    g = patient.build * patient.size
    middle = np.array([0.0, 0.0, -38.0 * g])
    ends = (np.array([0.0, top - 200.0, 0.0]), np.array([0.0, bottom + 200.0, 0.0]))
    depth = np.array([0.0, 0.0, 1.0])
    return (Capsule(ends[0] + middle, ends[1] + middle, (148 * g, 158 * g), depth, 0.70, 16.0 * g**2),)


def ribs(levels: tuple[Level, ...], random: np.random.Generator) -> tuple[Bone, ...]:
    """The ribs of the thoracic levels."""
    bones: list[Bone] = []
    for level in levels:
        if not level.name.startswith("T"):
            continue
        long = {"T12": 95.0, "T11": 165.0, "T10": 190.0}.get(level.name, 190.0) * float(random.uniform(0.85, 1.1))
        for side in (-1.0, 1.0):
            start = level.point(side * (level.width - 1.0), -level.depth - 2.0, 0.1 * level.height)
            along = np.array([side * 0.80, 0.58, 0.10])
            axes: Matrix = frame(along, np.array([0.0, 1.0, 0.0]))
            forward = float(axes[1] @ np.array([0.0, 0.0, -1.0]))
            curve = -0.20 * long * np.sign(forward)
            part = tube(
                start, axes, long,
                [(0.0, 5.0, 5.0, 4.0, 4.0), (0.15, 5.6, 5.6, 3.6, 3.6), (0.6, 6.2, 6.2, 3.2, 3.2),
                 (1.0, 4.5, 4.5, 2.8, 2.8)],
                bow=[(0.0, 0.0, 0.0), (0.25, -3.0, 0.75 * curve), (0.5, -5.0, curve),
                     (0.75, -3.0, 0.6 * curve), (1.0, 2.0, -0.2 * curve)],
                cortex=[(0.0, 0.9), (1.0, 0.8)], trabecular=[(0.0, 0.10), (1.0, 0.10)],
                start=End(rounding=2.0), stop=End(rounding=3.0),
            )  # fmt: skip
            bones.append(Bone("rib", (part,), texture=0.6, samples=9))
    return tuple(bones)


def pelvis(last: Level, gap: float, tilt: float, patient: Patient) -> tuple[Bone, ...]:
    """Sacrum and iliac wings below the last lumbar vertebra.

    Args:
        last: the fifth lumbar vertebra.
        gap: height of the disc under it, mm.
        tilt: inclination of the sacrum, degrees backwards.
        patient: size of the skeleton.
    """
    k = patient.size
    lean = np.deg2rad(tilt)
    down = np.array([0.0, np.cos(lean), np.sin(lean)])
    half = 0.5 * (last.axes[2] + down)
    start = last.point(0.0, 0.0, last.height) + gap * half / np.linalg.norm(half)
    d = last.depth
    sacrum = tube(
        start, frame(down), 98.0 * k,
        [(0.0, 26 * k, 26 * k, d, d), (0.06, 46 * k, 46 * k, d, 0.98 * d), (0.25, 52 * k, 52 * k, 0.9 * d, 0.62 * d),
         (0.45, 44 * k, 44 * k, 0.75 * d, 0.42 * d), (0.75, 27 * k, 27 * k, 0.5 * d, 0.3 * d),
         (1.0, 12 * k, 12 * k, 0.3 * d, 0.2 * d)],
        cortex=[(0.0, 1.0), (1.0, 0.9)], trabecular=[(0.0, 0.13 * last.density), (1.0, 0.08)],
        bow=[(0.0, 0.0, 0.0), (0.5, 0.0, -7.0), (1.0, 0.0, 4.0)],
        start=End(curve=(0.0008, 0.002), rounding=3.0, plate=1.2), stop=End(rounding=5.0), smooth=0.03,
    )  # fmt: skip
    bones = [Bone("sacrum", (sacrum,), texture=1.0, samples=10)]
    for side in (-1.0, 1.0):
        top = start + np.array([side * 84.0 * k, -42.0 * k, 4.0])
        wing = tube(
            top, frame(np.array([-side * 0.16, 1.0, 0.12]), np.array([1.0, 0.0, side * 0.75])), 134.0 * k,
            [(0.0, 26 * k, 26 * k, 6.0, 6.0), (0.06, 40 * k, 40 * k, 7.0, 7.0), (0.2, 54 * k, 54 * k, 5.5, 5.5),
             (0.5, 52 * k, 52 * k, 3.4, 3.4), (0.8, 42 * k, 42 * k, 6.0, 6.0), (1.0, 34 * k, 34 * k, 9.0, 9.0)],
            cortex=[(0.0, 1.6), (0.2, 1.1), (0.6, 0.8), (1.0, 1.1)], trabecular=[(0.0, 0.16), (0.5, 0.10), (1.0, 0.14)],
            start=End(curve=(-0.011, 0.0), rounding=4.0, plate=1.6), stop=End(rounding=3.0), smooth=0.04,
        )  # fmt: skip
        bones.append(Bone("ilium", (wing,), texture=1.0, samples=9))
    return tuple(bones)


def organs(levels: tuple[Level, ...], patient: Patient, random: np.random.Generator) -> tuple[Bone, ...]:
    """Psoas and back muscles (against the fat around them), lungs, and bubbles of gas in the bowel."""
    k = patient.size
    bodies: list[Bone] = []
    upper, lower = levels[2], levels[-1]
    for side in (-1.0, 1.0):
        a = upper.point(side * (upper.width + 6.0), 0.0, 0.0)
        b = lower.point(side * (lower.width + 38.0), 24.0, lower.height + 40.0)
        bodies.append(
            _solid(
                "psoas", a, b - a, float(np.linalg.norm(b - a)), ((0.0, 7.0), (0.5, 21.0 * k), (1.0, 24.0 * k)), "lean"
            )
        )
        c = upper.point(side * 30.0, -upper.depth - 36.0, -120.0)
        bodies.append(_solid("erector", c, np.array([0.0, 1.0, 0.0]), 420.0, ((0.0, 26.0), (1.0, 24.0 * k)), "lean"))
        dome = levels[0].point(side * 78.0 * k, 20.0 * k, float(random.uniform(-5, 45)) * k)
        bodies.append(_solid("lung", dome - np.array([0.0, 160.0, 0.0]), np.array([0.0, 1.0, 0.0]), 160.0,
                             ((0.0, 60.0 * k), (0.6, 60.0 * k), (1.0, 52.0 * k)), "lung", end=60.0 * k))  # fmt: skip
    loops = [_bowel(levels[0].origin, k, random) for _ in range(int(random.integers(2, 7)))]
    return (*bodies, *loops)


def _bowel(origin: Vector, k: float, random: np.random.Generator) -> Bone:
    """A gas-filled loop of bowel: a string of pouches that run into one another."""
    side = float(random.choice([-1.0, 1.0]))
    position = (
        origin
        + np.array(
            [side * float(random.uniform(20, 105)), float(random.uniform(60, 300)), float(random.uniform(-115, -70))]
        )
        * k
    )
    heading = rotation("z", float(random.uniform(0, 360))) @ np.array([1.0, 0.0, 0.0])
    size = float(random.uniform(5.0, 11.0)) * k
    pouches: list[Part] = []
    for _ in range(int(random.integers(1, 4))):
        r = size * float(random.uniform(0.6, 1.25))
        long = r * float(random.uniform(1.9, 3.6))
        pouches.append(
            _solid(
                "",
                position,
                heading,
                long,
                (
                    (0.0, 0.4 * r),
                    (0.25, r),
                    (0.5, float(random.uniform(0.6, 1.0)) * r),
                    (0.75, 0.95 * r),
                    (1.0, 0.4 * r),
                ),
                "gas",
                end=0.9 * r,
            ).parts[0]
        )
        position = position + heading * 0.75 * long + random.normal(0, 0.15 * r, 3)
        heading = rotation("z", float(random.normal(0, 40))) @ heading
    return Bone("bowel gas", tuple(pouches), "gas", 0, 0.0, 9)


def _solid(
    name: str,
    start: Vector,
    along: Vector,
    length: float,
    radii: tuple[tuple[float, float], ...],
    material: str,
    end: float = 4.0,
) -> Bone:
    along = along / np.linalg.norm(along)
    hint = np.array([1.0, 0.0, 0.0]) if abs(along[0]) < 0.9 else np.array([0.0, 0.0, 1.0])
    part = tube(
        start, frame(along, hint), length, [(f, r, r, r, r) for f, r in radii],
        cortex=[(0.0, 999.0), (1.0, 999.0)], start=End(rounding=end, plate=0.0), stop=End(rounding=end, plate=0.0),
        smooth=0.08,
    )  # fmt: skip
    return Bone(name, (part,), material, 0, 0.0, 9)
