"""Orthopaedic hardware: plates with screws, nails, wires and orthopaedic casts."""

from __future__ import annotations

import numpy as np

from osteon.phantom.anatomy.arm import FOREARM
from osteon.phantom.anatomy.hand import wrist_centre
from osteon.phantom.anatomy.patient import Patient
from osteon.phantom.geometry.shapes import Bone, End, Part
from osteon.phantom.geometry.silhouettes import ring, tube
from osteon.phantom.geometry.space import Vector, frame

SOLID = ((0.0, 99.0), (1.0, 99.0))
"""A cortex thicker than the body: solid throughout."""

SHARP = End(rounding=0.3, plate=0.0)


def rod(name: str, start: Vector, stop: Vector, radius: float, material: str) -> Bone:
    """A straight round rod of metal."""
    along = stop - start
    hint = np.array([1.0, 0.0, 0.0]) if abs(along[0]) < 0.9 * np.linalg.norm(along) else np.array([0.0, 1.0, 0.0])
    part = tube(
        start, frame(along, hint), float(np.linalg.norm(along)), [ring(0.0, radius), ring(1.0, radius)],
        cortex=SOLID, start=SHARP, stop=SHARP,
    )  # fmt: skip
    return Bone(name, (part,), material, FOREARM, 0.0)


def plate(bone: Bone, middle: float, length: float, bearing: float, material: str) -> tuple[Bone, ...]:
    """A plate with screws on a shaft.

    Args:
        bone: that it is fixed to.
        middle: position along the bone's part, mm.
        length: of the plate, mm.
        bearing: side of the shaft, degrees from u towards v.
        material: titanium or steel.
    """
    part = bone.parts[0]
    angle = np.deg2rad(bearing)
    out = np.cos(angle) * part.frame[0] + np.sin(angle) * part.frame[1]
    low, high = max(middle - 0.5 * length, 8.0), min(middle + 0.5 * length, part.length - 8.0)

    def surface(s: float, beyond: float) -> Vector:
        minus_u, plus_u, minus_v, plus_v = (float(x) for x in part.radii[part.station(s)])
        a = plus_u if np.cos(angle) > 0 else minus_u
        b = plus_v if np.sin(angle) > 0 else minus_v
        radius = 1.0 / np.hypot(np.cos(angle) / a, np.sin(angle) / b)
        return part.centre(s) + out * (radius + beyond)

    a, b = surface(low, 1.4), surface(high, 1.4)
    wide = 4.6 if length > 35 else 2.6
    body = tube(
        a, frame(b - a, np.asarray(np.cross(b - a, out), dtype=np.float64)), float(np.linalg.norm(b - a)),
        [(0.0, wide, wide, 1.5, 1.5), (1.0, wide, wide, 1.5, 1.5)], cortex=SOLID, start=SHARP, stop=SHARP, box=True,
    )  # fmt: skip
    pieces = [Bone("plate", (body,), material, FOREARM, 0.0)]
    count = max(int((high - low) / 11.0), 2)
    for s in np.linspace(low + 4.0, high - 4.0, count):
        if abs(s - middle) < 5.0:
            continue
        top = surface(float(s), 3.2)
        deep = 2 * float(part.radii[part.station(float(s))].mean()) + 4.5
        pieces.append(rod("screw", top, top - out * deep, 1.35 if wide > 4 else 0.9, material))
        pieces.append(rod("screw head", top + out * 0.4, top - out * 1.8, 2.6 if wide > 4 else 1.6, material))
    return tuple(pieces)


def nail(bone: Bone, material: str, radius: float = 1.2) -> Bone:
    """An elastic nail in the marrow cavity, following the curve of the bone."""
    part = bone.parts[0]
    low, high = 0.10 * part.length, 0.93 * part.length
    first, last = part.station(low), part.station(high)
    rows = np.linspace(first, last, 12).astype(int)
    share = (rows - rows[0]) / (rows[-1] - rows[0])
    bow = [(float(f), float(part.axis[r, 0]), float(part.axis[r, 1])) for f, r in zip(share, rows, strict=True)]
    body = tube(
        part.point(0.0, 0.0, low), part.frame, high - low, [ring(0.0, radius), ring(1.0, radius)],
        cortex=SOLID, bow=bow, start=SHARP, stop=SHARP,
    )  # fmt: skip
    return Bone("nail", (body,), material, FOREARM, 0.0)


def wires(bone: Bone, s: float, random: np.random.Generator, material: str) -> tuple[Bone, ...]:
    """Two crossed Kirschner wires through a break at ``s``."""
    part = bone.parts[0]
    across = float(part.radii[part.station(min(s + 12.0, part.length))].mean())
    pair: list[Bone] = []
    for side in (-1.0, 1.0):
        lean = float(random.uniform(-0.4, 0.4)) * across
        start = part.point(side * 1.25 * across, lean, min(s + 22.0, part.length + 6.0))
        stop = part.point(-side * 0.7 * across, -lean, s - float(random.uniform(16, 26)))
        pair.append(rod("wire", start, stop, 0.8, material))
    return tuple(pair)


def cast(patient: Patient, random: np.random.Generator) -> Bone:
    """A plaster cast around forearm and palm."""
    k = patient.size
    g = patient.build * k**0.85
    top = np.array([0.0, 55.0 * k + float(random.uniform(-10, 25)), -2.0])
    bottom = wrist_centre(patient) + np.array([-2.0, 48.0, -2.0]) * k
    shell = float(random.uniform(4.0, 7.0))
    padding = shell + float(random.uniform(1.0, 4.0))
    rows = [
        (0.0, 40, 37),
        (0.25, 38, 34.5),
        (0.5, 33.5, 29),
        (0.72, 29, 24),
        (0.84, 29, 22.5),
        (0.95, 36, 21),
        (1.0, 38, 21),
    ]
    body: Part = tube(
        top, frame(bottom - top), float(np.linalg.norm(bottom - top)),
        [(f, w * g + padding, w * g + padding, d * g + padding, d * g + padding) for f, w, d in rows],
        cortex=[(f, shell * float(random.uniform(0.75, 1.3))) for f in np.linspace(0, 1, 8)],
        start=End(rounding=0.0, plate=0.0, tilt=(float(random.normal(0, 0.1)), 0.0)),
        stop=End(rounding=0.0, plate=0.0, tilt=(float(random.normal(0, 0.25)), 0.0)),
        smooth=0.03,
    )  # fmt: skip
    return Bone("cast", (body,), "plaster", FOREARM, 1.6)
