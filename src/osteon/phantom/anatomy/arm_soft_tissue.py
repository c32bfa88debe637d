"""Soft tissue of the arm: muscles, fat and skin as capsules along the limb."""

from __future__ import annotations

import itertools

import numpy as np

from osteon.phantom.anatomy.arm import FOREARM, HAND
from osteon.phantom.anatomy.hand import wrist_centre
from osteon.phantom.anatomy.patient import Patient
from osteon.phantom.anatomy.soft import Capsule
from osteon.phantom.geometry.space import Vector

DEPTH: Vector = np.array([0.0, 0.0, 1.0])


def limb(patient: Patient, chains: tuple[tuple[Vector, ...], ...]) -> tuple[Capsule, ...]:
    """Soft tissue from the middle of the upper arm to the finger tips.

    Args:
        patient: size, build and age.
        chains: joints of each digit, from `osteon.phantom.anatomy.hand.digits`.
    """
    k = patient.size
    g = patient.build * k**0.85
    wrist = wrist_centre(patient)
    fat = 3.2 * patient.build**2 * (1.25 if patient.age < 5 else 1.0)

    def at(x: float, y: float, z: float = 0.0) -> Vector:
        return np.array([x, y, z]) * k

    def rod(
        start: Vector, stop: Vector, a: float, b: float, flatness: float, layer: float, segment: int, digit: int = -1
    ) -> Capsule:
        blend = 0.0 if digit < 0 else 5.0 * k
        return Capsule(start, stop, (a * g, b * g), DEPTH, flatness, layer, segment, max(digit, 0), blend)

    w = wrist
    girths = [(-240, 46, 1.0, 1), (-110, 43, 1.0, 1), (-45, 38, 0.97, 1), (-8, 36, 0.95, 2), (28, 38.5, 0.93, 2),
              (62, 40, 0.92, 2), (100, 39, 0.90, 2), (140, 35, 0.88, 2), (180, 31, 0.84, 2),
              (222, 28, 0.78, 2)]  # fmt: skip
    rods = [
        rod(at(0, y0, -2), at(0, y1, -2), r0, r1, flatness, (1.3 - 0.1 * segment) * fat, segment)
        for (y0, r0, flatness, segment), (y1, r1, *_) in itertools.pairwise(girths)
    ]
    rods += [
        rod(w - at(0, 25), w + at(0, 12), 28, 27, 0.70, 0.7 * fat, FOREARM),
        rod(w + at(-1, 10), w + at(-4, 45), 27, 33, 0.52, 0.6 * fat, HAND, 0),
    ]
    for digit, chain in enumerate(chains, start=1):
        widths = (13.5, 13.0, 10.5, 9.2, 7.6) if digit > 1 else (15.0, 12.0, 11.5, 8.2)
        stout = 0.88 if digit == 5 else 1.0
        for index, (a, b) in enumerate(itertools.pairwise(chain)):
            tip = index == len(chain) - 2
            palm = np.array([0.0, 0.0, -2.5 * k])
            r0, r1 = widths[index] * stout, widths[index + 1] * stout * (0.8 if tip else 1.0)
            below = b + palm * (0.4 if tip else 1.0)
            rods.append(rod(a + palm, below, r0, r1, 0.95 if index else 0.85, 0.35 * fat, HAND + 1 + index, digit))
    thumb = chains[0]
    rods.append(rod(thumb[0] + at(4, 2, -9), thumb[1] + at(3, -6, -6), 15, 12, 0.9, 0.4 * fat, HAND + 1, 1))
    return tuple(rods)
