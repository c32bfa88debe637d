"""Which arms have a cast or metal.

By default that is independent of the finding: intact arms have old plates and protective splints as often as fractured
ones. Clinically they go together, and a network trained on such phantoms learns to detect the cast instead of the
fracture; ``coupled`` makes phantoms with that shortcut, to demonstrate it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteon.phantom.anatomy.patient import Patient
from osteon.phantom.anatomy.scene import Lesion
from osteon.phantom.geometry.shapes import Bone
from osteon.phantom.treatment.hardware import nail, plate, wires

CAST, METAL = 0.07, 0.05
"""Shares of the arms with a cast and with metal, whatever the finding."""

COUPLED: dict[bool, tuple[float, float]] = {False: (0.03, 0.015), True: (0.22, 0.12)}
"""The same shares where they depend on the finding: without and with a fracture."""


def draw_treatment(kind: str, lesions: tuple[Lesion, ...], random: np.random.Generator, *, coupled: bool) -> str:
    """``cast``, ``metal`` or ``none``; an elbow phantom has no cast."""
    draw = float(random.random())
    plaster, metal = COUPLED[bool(lesions)] if coupled else (CAST, METAL)
    if kind == "elbow":
        plaster = 0.0
    if draw < plaster:
        return "cast"
    return "metal" if draw < plaster + metal else "none"


def fixation(
    kind: str, bones: tuple[Bone, ...], lesions: tuple[Lesion, ...], patient: Patient, random: np.random.Generator
) -> tuple[Bone, ...]:
    """Nail, wires or plate: on the fracture where it has been reduced, otherwise on the neighbouring bone from an earlier one.

    Args:
        kind: of phantom.
        bones: of the arm before the fracture.
        lesions: its fractures.
        patient: size of the skeleton.
        random: source of randomness.
    """
    metal = "steel" if random.random() < 0.5 else "titanium"
    name, at = _site(bones, lesions, random)
    bone = max((bone for bone in bones if bone.name == name), key=lambda bone: bone.parts[0].length)
    at *= bone.parts[0].length
    method, turned = float(random.random()), float(random.choice([0.0, 90.0, 180.0]))
    if kind == "forearm" and method < 0.3:
        fixed = (nail(bone, metal),)
    elif kind == "forearm" and method < 0.6:
        fixed = wires(bone, at, random, metal)
    else:
        long = min(float(random.uniform(60, 95)) * patient.size, 0.7 * bone.parts[0].length)
        fixed = plate(bone, at, long, turned, metal)
    return tuple(replace(piece, segment=bone.segment) for piece in fixed)


def _site(bones: tuple[Bone, ...], lesions: tuple[Lesion, ...], random: np.random.Generator) -> tuple[str, float]:
    """Bone that the metal is fixed to, and where, as a share of its length."""
    spare, share = str(random.choice(["radius", "ulna"])), float(random.uniform(0.3, 0.7))
    if not lesions:
        return spare, share
    truth = lesions[0].truth
    name = str(truth["bone"])
    if float(truth["angulation_deg"]) < 6.0 and float(truth["displacement_mm"]) < 3.0:
        length = max(bone.parts[0].length for bone in bones if bone.name == name)
        return name, float(truth["s_mm"]) / length
    broken = {str(lesion.truth["bone"]) for lesion in lesions}
    free = [other for other in ("radius", "ulna", "humerus") if other not in broken]
    return (spare if spare in free else free[0]), share
