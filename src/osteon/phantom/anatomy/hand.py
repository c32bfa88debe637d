"""The bones of the right hand: eight carpals, five metacarpals, fourteen phalanges (mm of an adult man)."""

from __future__ import annotations

import numpy as np

from osteon.phantom.anatomy.arm import HAND, RADIUS_LENGTH, RADIUS_TOP
from osteon.phantom.anatomy.growth import with_epiphysis
from osteon.phantom.anatomy.patient import Patient, skeletal_maturity
from osteon.phantom.geometry.shapes import Bone, End
from osteon.phantom.geometry.silhouettes import tube
from osteon.phantom.geometry.space import Vector, frame, rotation

CARPALS: tuple[tuple[str, tuple[float, float, float], float, float, tuple[float, float, float], float], ...] = (
    ("scaphoid", (-14.2, 6.0, -2.0), 40.0, 26.0, (7.2, 7.0, 6.5), 5.2),
    ("lunate", (-0.6, 3.6, 0.0), -8.0, 14.0, (8.8, 8.4, 8.0), 4.3),
    ("triquetrum", (12.6, 6.6, 2.0), -32.0, 15.0, (7.0, 7.2, 6.5), 3.2),
    ("pisiform", (14.0, 9.0, -9.0), 0.0, 11.5, (5.4, 5.2, 4.6), 10.5),
    ("trapezium", (-23.6, 19.6, -5.0), 32.0, 15.5, (8.4, 7.6, 7.0), 5.6),
    ("trapezoid", (-13.8, 21.4, 0.5), 12.0, 13.0, (5.9, 6.2, 6.5), 6.0),
    ("capitate", (-2.6, 18.0, 0.5), 0.0, 24.0, (7.3, 7.0, 8.0), 0.3),
    ("hamate", (9.8, 19.2, 0.0), -12.0, 19.0, (7.2, 8.2, 7.5), 0.35),
)
"""Name, centre from the middle of the wrist, turn in degrees, height, half widths (thumb side, little finger side, palm
and back), age in years at which its centre of ossification appears in boys."""

RAYS: tuple[tuple[float, float, float, float, tuple[float, ...], float], ...] = (
    (-27.5, 27.5, -7.0, -36.0, (45.0, 31.0, 22.0), 1.12),
    (-15.0, 30.5, 0.0, -9.0, (67.0, 39.5, 23.0, 17.0), 1.04),
    (-4.0, 32.6, 0.0, -1.5, (64.0, 44.0, 27.5, 17.5), 1.04),
    (6.2, 31.4, 1.0, 5.5, (57.0, 41.0, 26.0, 18.0), 0.95),
    (14.6, 29.6, 2.0, 12.5, (53.0, 32.5, 18.5, 16.0), 0.90),
)
"""For thumb to little finger: x, y, z of the metacarpal's base, direction in degrees (positive: to the little finger),
lengths of metacarpal and phalanges, stoutness."""


def wrist_centre(patient: Patient) -> Vector:
    """World position of the middle of the radiocarpal joint."""
    return np.array([-1.5, RADIUS_TOP + RADIUS_LENGTH + 1.0, 1.0]) * patient.size


def carpals(patient: Patient, random: np.random.Generator) -> tuple[Bone, ...]:
    """The carpal bones that have begun to ossify."""
    k, centre = patient.size, wrist_centre(patient)
    bones: list[Bone] = []
    for name, position, turn, height, (a, b, c), appears in CARPALS:
        wobble = random.normal(1.0, 0.04, 4)
        maturity = skeletal_maturity(patient, appears, appears + 9.0)
        if maturity <= 0:
            continue
        size = 1.03 * k * min(1.0, 0.25 + 0.85 * maturity)
        direction = rotation("z", turn) @ np.array([0.0, 1.0, 0.0])
        long = height * size * wobble[0]
        start = centre + np.array(position) * np.array([1.06, 1.04, 1.0]) * k - 0.5 * long * direction
        a, b, c = a * size * wobble[1], b * size * wobble[2], c * size * wobble[3]
        waist = 0.86 if name in ("scaphoid", "capitate") else 0.99
        part = tube(
            start,
            frame(direction),
            long,
            [(0.0, 0.74 * a, 0.80 * b, 0.8 * c, 0.8 * c), (0.22, 0.98 * a, 0.93 * b, c, c),
             (0.5, waist * a, 1.03 * b, c, c), (0.8, 1.04 * a, 0.97 * b, c, c),
             (1.0, 0.9 * a, 0.85 * b, 0.85 * c, 0.85 * c)],
            cortex=[(0.0, 0.55), (1.0, 0.55)],
            trabecular=[(0.0, 0.20), (1.0, 0.20)],
            start=End(rounding=1.1 * a, plate=0.5, tilt=(0.12 * float(random.normal()), 0.0)),
            stop=End(rounding=0.9 * a, plate=0.5, tilt=(0.12 * float(random.normal()), 0.0)),
            smooth=0.07,
        )  # fmt: skip
        bones.append(Bone(name, (part,), segment=HAND, texture=0.7))
    return tuple(bones)


def digits(patient: Patient, random: np.random.Generator) -> tuple[tuple[Bone, ...], tuple[tuple[Vector, ...], ...]]:
    """Metacarpals and phalanges.

    Returns:
        the bones, and for each digit the joints from the metacarpal's base to the finger tip (for the soft tissue).
    """
    k, centre = patient.size, wrist_centre(patient)
    bones: list[Bone] = []
    chains: list[tuple[Vector, ...]] = []
    spread, curl = float(random.uniform(0.55, 1.7)), float(np.clip(random.normal(10.0, 9.0), 0.0, 32.0))
    adduction = float(np.clip(random.normal(7.0, 9.0), -6.0, 24.0))
    for digit, (x, y, z, angle, lengths, stout) in enumerate(RAYS, start=1):
        joint = centre + np.array([x, y, z]) * k
        joints = [joint]
        heading = angle + (adduction if digit == 1 else 0.0)
        bend = 0.0
        for index, length in enumerate(lengths):
            if index == 1:
                heading = angle * spread if digit > 1 else heading + float(random.uniform(-4.0, 12.0))
            if index >= 1:
                bend += curl * float(random.uniform(0.6, 1.2)) * (0.5 if digit == 1 else 0.8)
            turn = rotation("z", -heading + float(random.normal(0.0, 1.2))) @ rotation("x", -bend)
            direction = turn @ np.array([0.0, 1.0, 0.0])
            across = turn @ np.array([1.0, 0.0, 0.0])
            if digit == 1:
                across = rotation(direction, 50.0) @ across
            long = length * k
            bones += _short_bone(joint, direction, across, long, stout * k, index, len(lengths), digit, patient)
            joint = joint + direction * (long + 1.7 * k)
            joints.append(joint)
        chains.append(tuple(joints))
    return tuple(bones), tuple(chains)


def _short_bone(
    base: Vector,
    direction: Vector,
    across: Vector,
    length: float,
    stout: float,
    index: int,
    count: int,
    digit: int,
    patient: Patient,
) -> list[Bone]:
    """A metacarpal (index 0) or phalanx, with its growth plate."""
    c = 1.5 * patient.density * stout
    last = index == count - 1
    base_width = 7.4 if digit < 3 else 6.0
    if index == 0:
        rows = [
            (0.0, base_width, base_width, 7.6, 7.0),
            (0.06, base_width, base_width, 7.8, 7.0),
            (0.20, 5.0, 5.0, 5.0, 5.0),
            (0.5, 4.1, 4.1, 4.3, 4.6),
            (0.72, 4.8, 4.8, 4.8, 5.4),
            (0.86, 7.0, 7.0, 6.4, 8.0),
            (0.94, 7.6, 7.6, 6.8, 8.4),
            (1.0, 6.2, 6.2, 6.0, 6.6),
        ]
        ends = (
            End(rounding=4.0 * stout, tilt=(0.11 * (3.4 - digit), 0.3), curve=(-0.012, 0.0)),
            End(rounding=6.0 * stout),
        )
    elif last:
        rows = [
            (0.0, 5.4, 5.4, 3.9, 3.4),
            (0.08, 5.4, 5.4, 3.6, 3.4),
            (0.25, 3.4, 3.4, 2.8, 2.6),
            (0.6, 2.3, 2.3, 2.1, 2.0),
            (0.76, 2.8, 2.8, 2.0, 1.8),
            (0.9, 4.2, 4.2, 1.8, 1.5),
            (1.0, 3.2, 3.2, 1.3, 1.2),
        ]
        ends = End(rounding=1.5 * stout, curve=(0.012, 0.0)), End(rounding=1.8 * stout)
    else:
        slim = 1.0 if index == 1 else 0.86
        rows = [
            (0.0, 7.3, 7.3, 5.6, 5.6),
            (0.06, 7.4, 7.4, 5.8, 5.8),
            (0.2, 5.4, 5.4, 4.6, 4.4),
            (0.5, 4.3, 4.3, 3.8, 3.2),
            (0.78, 4.3, 4.3, 3.6, 3.2),
            (0.92, 5.7, 5.7, 4.4, 4.4),
            (1.0, 5.0, 5.0, 3.8, 4.2),
        ]
        rows = [(row[0], *(slim * r for r in row[1:])) for row in rows]
        ends = End(rounding=1.8 * stout, curve=(0.014, 0.0)), End(rounding=2.4 * stout, curve=(0.010, 0.0))
    part = tube(
        base,
        frame(direction, across),
        length,
        [(row[0], *(stout * r for r in row[1:])) for row in rows],
        cortex=[(0.0, 0.6), (0.12, 0.7), (0.3, 0.8 * c), (0.55, c), (0.75, 0.7 * c), (0.88, 0.6), (1.0, 0.6)],
        trabecular=[(0.0, 0.27), (0.2, 0.16), (0.4, 0.06), (0.6, 0.05), (0.8, 0.16), (1.0, 0.27)],
        start=ends[0],
        stop=ends[1],
        smooth=0.022,
    )  # fmt: skip
    kind = ("metacarpal", "proximal phalanx", "middle phalanx", "distal phalanx")[index if not last else 3]
    bone = Bone(f"{kind} {digit}", (part,), segment=HAND + 1 + index, texture=0.8)
    at_stop = index == 0 and digit > 1
    maturity = skeletal_maturity(patient, 1.8 + 0.4 * (digit == 1), 16.5)
    height = (8.0 if at_stop else 4.6 if not last else 3.4) * patient.size
    return list(with_epiphysis(bone, maturity, height, at_stop=at_stop, gap=1.5, flare=0.98))
