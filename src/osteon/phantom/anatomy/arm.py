"""The bones of the forearm and the lower humerus, right side, elbow at the origin, hand down (mm of an adult man).

Sizes are rounded from standard anatomical atlases; each silhouette is given as half widths towards -u, +u (the thumb's
side is -x in the right arm) and -v, +v (back and palm).
"""

from __future__ import annotations

import numpy as np

from osteon.phantom.anatomy.growth import with_epiphysis
from osteon.phantom.anatomy.patient import Patient, skeletal_maturity
from osteon.phantom.geometry.shapes import Bone, Dent, End, Part
from osteon.phantom.geometry.silhouettes import ring, tube
from osteon.phantom.geometry.space import Vector, frame

DOWN: Vector = np.array([0.0, 1.0, 0.0])
FOREARM, HAND = 2, 3
"""Segments of the limb below the humerus (1)."""

RADIUS_TOP, RADIUS_LENGTH, ULNA_LENGTH, ULNA_TIP = 11.5, 233.0, 264.0, -26.0
HUMERUS_LENGTH = 215.0
"""Only this length of the humerus is built, from its lower end, mm."""

ELBOW_AXIS: Vector = np.array([0.0, 0.0, -6.0])
"""A point of the transverse axis about which the forearm bends, mm of an adult man."""


def radius(patient: Patient, random: np.random.Generator) -> tuple[Bone, ...]:
    """The radius, with its head and distal epiphysis while they are separate."""
    k, w = patient.size, _girth(patient)
    top = np.array([-13.5, RADIUS_TOP, -5.0]) * k
    bottom = np.array([-6.0, RADIUS_TOP + RADIUS_LENGTH, 1.0]) * k
    bow = float(random.uniform(5.0, 9.0)) * k
    c = 3.0 * patient.density * w
    part = tube(
        top,
        frame(bottom - top),
        RADIUS_LENGTH * k,
        _wide(
            w,
            [
                (0.000, 10.6, 10.6, 10.2, 10.2),
                (0.040, 10.6, 10.6, 10.2, 10.2),
                (0.052, 8.2, 8.2, 8.0, 8.0),
                (0.080, 6.4, 6.4, 6.4, 6.4),
                (0.110, 6.4, 7.4, 6.4, 6.8),
                (0.140, 6.4, 10.0, 6.4, 8.2),
                (0.175, 6.4, 8.6, 6.2, 7.2),
                (0.240, 6.4, 7.6, 6.0, 6.4),
                (0.450, 6.8, 8.2, 6.2, 6.2),
                (0.700, 7.2, 8.4, 6.6, 6.2),
                (0.820, 8.6, 9.0, 7.4, 6.6),
                (0.900, 12.0, 11.6, 9.4, 8.4),
                (0.950, 15.4, 14.4, 10.8, 10.2),
                (0.985, 17.0, 15.2, 11.0, 11.0),
                (1.000, 16.6, 14.6, 10.6, 10.6),
            ],
        ),
        cortex=[
            (0.0, 0.9),
            (0.05, 0.8),
            (0.09, 1.4),
            (0.2, 0.85 * c),
            (0.5, c),
            (0.72, 0.9 * c),
            (0.86, 0.45 * c),
            (0.93, 0.9),
            (1.0, 0.7),
        ],
        trabecular=[
            (0.0, 0.26),
            (0.06, 0.24),
            (0.14, 0.12),
            (0.25, 0.03),
            (0.7, 0.03),
            (0.82, 0.10),
            (0.9, 0.19),
            (0.97, 0.25),
            (1.0, 0.27),
        ],
        bow=[(0.0, 0.0, 0.0), (0.15, 1.0, 0.5), (0.5, -bow, -1.5 * k), (0.8, -0.35 * bow, -1.0), (1.0, 0.0, 0.0)],
        start=End(curve=(0.006, 0.006), rounding=2.5, plate=1.2),
        stop=End(tilt=(-0.20, -0.16), curve=(0.009, 0.010), rounding=3.0, plate=0.7),
        smooth=0.009,
    )
    bone = Bone("radius", (part,), segment=FOREARM)
    shaft, *rest = with_epiphysis(bone, skeletal_maturity(patient, 1.0, 17.5), 10.5 * k, gap=2.6)
    return (*with_epiphysis(shaft, skeletal_maturity(patient, 4.5, 15.5), 6.0 * k, at_stop=False, gap=2.2), *rest)


def ulna(patient: Patient, random: np.random.Generator) -> tuple[Bone, ...]:
    """The ulna with olecranon, notch, coronoid process, head and styloid process."""
    k, w = patient.size, _girth(patient)
    top = np.array([7.0, ULNA_TIP, 8.0]) * k
    bottom = np.array([17.5, ULNA_TIP + ULNA_LENGTH, 3.0]) * k
    bow = float(random.uniform(1.0, 4.0)) * k
    c = 2.9 * patient.density * w
    part = tube(
        top,
        frame(bottom - top),
        ULNA_LENGTH * k,
        _wide(
            w,
            [
                (0.000, 5.0, 5.0, 3.4, 7.0),
                (0.012, 8.4, 7.8, 6.4, 10.8),
                (0.026, 10.4, 9.6, 8.2, 13.0),
                (0.042, 11.6, 10.6, 9.2, 13.4),
                (0.055, 12.2, 11.0, 9.7, 11.2),
                (0.068, 12.2, 11.0, 9.9, 6.0),
                (0.080, 11.8, 10.6, 9.8, 2.4),
                (0.092, 11.4, 10.2, 9.7, 1.2),
                (0.104, 11.4, 10.0, 9.6, 2.4),
                (0.117, 11.8, 10.4, 9.5, 7.0),
                (0.131, 12.2, 11.2, 9.4, 15.4),
                (0.141, 12.0, 11.2, 9.3, 17.4),
                (0.152, 11.2, 10.8, 9.1, 15.6),
                (0.170, 10.0, 9.8, 8.9, 12.2),
                (0.210, 8.6, 8.2, 8.2, 8.6),
                (0.300, 7.6, 7.0, 7.6, 7.0),
                (0.500, 7.2, 6.2, 6.8, 6.2),
                (0.700, 6.4, 5.6, 6.0, 5.6),
                (0.860, 5.2, 5.2, 5.2, 5.2),
                (0.930, 5.8, 5.8, 5.8, 5.8),
                (0.960, 7.6, 7.0, 7.4, 7.4),
                (0.985, 8.4, 7.2, 8.0, 8.0),
                (1.000, 7.8, 6.8, 7.4, 7.4),
            ],
        ),
        cortex=[
            (0.0, 1.2),
            (0.1, 1.6),
            (0.2, 0.8 * c),
            (0.5, c),
            (0.75, 0.9 * c),
            (0.9, 0.5 * c),
            (0.95, 0.9),
            (1.0, 0.7),
        ],
        trabecular=[
            (0.0, 0.24),
            (0.12, 0.22),
            (0.2, 0.10),
            (0.3, 0.03),
            (0.75, 0.03),
            (0.88, 0.10),
            (0.96, 0.24),
            (1.0, 0.26),
        ],
        bow=[(0.0, 0.0, 0.0), (0.4, bow, -1.5), (0.7, 0.2, -1.0), (1.0, 0.0, 0.0)],
        start=End(curve=(-0.016 / k, -0.010 / k), rounding=8.0 * k, plate=0.8),
        stop=End(curve=(-0.012, -0.012), rounding=3.5, plate=0.9),
        smooth=0.009,
    )
    bone = Bone("ulna", (part,), segment=FOREARM)
    maturity = skeletal_maturity(patient, 5.5, 17.5)
    shaft, *rest = with_epiphysis(bone, maturity, 6.5 * k, gap=2.4, flare=1.05)
    proximal = with_epiphysis(shaft, skeletal_maturity(patient, 9.5, 15.5), 12.0 * k, at_stop=False, gap=2.0)
    styloid: tuple[Bone, ...] = ()
    if maturity > 0.5:
        styloid = (_styloid(part.point(4.5 * k, -2.0 * k, (ULNA_LENGTH - 3.0) * k), k * maturity),)
    return (*proximal, *rest, *styloid)


def _styloid(base: Vector, k: float) -> Bone:
    part = tube(
        base, frame(np.array([0.12, 1.0, 0.1])), 8.5 * k,
        [(0.0, 2.9 * k, 2.9 * k, 2.9 * k, 2.9 * k), (1.0, 1.8 * k, 1.8 * k, 1.8 * k, 1.8 * k)],
        start=End(rounding=1.0, plate=0.0), stop=End(rounding=3.0 * k, plate=0.8),
        cortex=[(0.0, 0.6), (1.0, 0.8)], trabecular=[(0.0, 0.2), (1.0, 0.2)],
    )  # fmt: skip
    return Bone("ulnar styloid", (part,), segment=FOREARM)


def humerus(patient: Patient, random: np.random.Generator, length: float = HUMERUS_LENGTH) -> tuple[Bone, ...]:
    """The lower part of the humerus (`length` mm of an adult) with trochlea and capitellum."""
    k, w = patient.size, _girth(patient)
    high = length * k
    c = 4.2 * patient.density * w * float(random.uniform(0.9, 1.1))
    maturity_c, maturity_t = skeletal_maturity(patient, 0.8, 13.0), skeletal_maturity(patient, 7.5, 13.5)
    low = np.array([0.0, (3.0 if maturity_c >= 1.0 else -4.0) * k, 0.0])

    def at(mm: float) -> float:
        return 1.0 - mm / length

    part = tube(
        low - high * DOWN,
        frame(DOWN),
        high,
        _wide(
            w,
            [
                (0.0, 11.5, 11.5, 11.0, 11.0),
                (at(85), 11.0, 11.0, 10.0, 10.0),
                (at(62), 12.5, 13.0, 9.2, 8.8),
                (at(45), 17.0, 17.5, 8.6, 8.2),
                (at(33), 22.5, 23.0, 8.6, 8.2),
                (at(25), 26.0, 30.0, 8.6, 8.4),
                (at(20), 27.0, 33.5, 8.4, 8.4),
                (at(15), 26.0, 32.5, 7.8, 8.4),
                (at(9), 23.5, 25.0, 6.8, 8.0),
                (at(4), 22.0, 22.0, 6.0, 6.6),
                (1.0, 20.0, 20.5, 4.6, 5.6),
            ],
        ),
        cortex=[(0.0, c), (at(80), 0.9 * c), (at(50), 0.55 * c), (at(30), 1.4), (at(12), 0.9), (1.0, 0.6)],
        trabecular=[(0.0, 0.03), (at(75), 0.04), (at(45), 0.12), (at(18), 0.20), (1.0, 0.2)],
        bow=[(0.0, 0.0, 0.0), (at(40), 0.0, 1.0), (1.0, 0.0, 6.0 * k)],
        start=End(rounding=0.0, plate=0.0),
        stop=End(rounding=6.0 * k, plate=0.4),
        dent=Dent((2.0 * k, high - 20.0 * k), (12.0 * k, 9.5 * k), 0.5),
        smooth=0.010,
    )
    ball = _condyle(
        k * min(1.0, 0.5 + 0.6 * maturity_c), -22.5 * k, 18.5, ((0.0, 6.0), (0.25, 9.4), (0.55, 10.6), (1.0, 9.0))
    )
    spool = _condyle(
        k * min(1.0, 0.6 + 0.5 * maturity_t),
        -4.0 * k,
        26.0,
        ((0.0, 8.2), (0.2, 9.4), (0.45, 8.0), (0.72, 10.2), (0.88, 11.6), (1.0, 9.6)),
    )
    grown = [(maturity, body) for maturity, body in ((maturity_c, ball), (maturity_t, spool))]
    whole = (part, *(body for maturity, body in grown if maturity >= 1.0))
    apart = [("capitellum", maturity_c, ball), ("trochlea", maturity_t, spool)]
    return (
        Bone("humerus", whole, segment=1),
        *(Bone(name, (body,), segment=1) for name, maturity, body in apart if 0.0 < maturity < 1.0),
    )


def _condyle(size: float, x: float, length: float, radii: tuple[tuple[float, float], ...]) -> Part:
    """A round body on the transverse axis of the elbow."""
    return tube(
        ELBOW_AXIS * size + np.array([x, 0.0, 0.0]),
        frame(np.array([1.0, 0.0, 0.0]), DOWN),
        length * size,
        [ring(f, r * size) for f, r in radii],
        cortex=[(0.0, 0.9), (1.0, 0.9)],
        trabecular=[(0.0, 0.2), (1.0, 0.2)],
        start=End(rounding=5.0 * size, plate=0.5),
        stop=End(rounding=5.0 * size, plate=0.5),
    )


def _girth(patient: Patient) -> float:
    """Width of bones relative to an adult's: children's bones are a little stouter than they are long."""
    return patient.size**0.9


def _wide(
    w: float, rows: list[tuple[float, float, float, float, float]]
) -> list[tuple[float, float, float, float, float]]:
    return [(row[0], row[1] * w, row[2] * w, row[3] * w, row[4] * w) for row in rows]
