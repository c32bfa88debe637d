"""Who wears a cast or carries metal.

By default that has nothing to do with the finding: whole arms have old plates and protective splints as often as broken
ones. Clinically they go together, and a network that is trained on such phantoms learns to look for the plaster; with
``coupled`` one can make phantoms that teach that shortcut, to show it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteon.phantom.anatomy.patient import Patient
from osteon.phantom.anatomy.scene import Lesion
from osteon.phantom.geometry.shapes import Bone
from osteon.phantom.treatment.hardware import nail, plate, wires

CAST, METAL = 0.07, 0.05
"""Shares of the arms that wear a cast, or carry metal, whatever is found in them."""

COUPLED: dict[bool, tuple[float, float]] = {False: (0.03, 0.015), True: (0.22, 0.12)}
"""The same where they hang on the finding: without and with a fracture."""


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
    """Nail, wires or plate: on the break where it has been set, otherwise on the neighbouring bone from an earlier one.

    Args:
        kind: of phantom.
        bones: the arm as it was before it broke.
        lesions: its fractures.
        patient: whose it is.
        random: source.
    """
    metal = "steel" if random.random() < 0.5 else "titanium"
    name, at = _place(bones, lesions, random)
    bone = max((bone for bone in bones if bone.name == name), key=lambda bone: bone.parts[0].length)
    at *= bone.parts[0].length
    way, turned = float(random.random()), float(random.choice([0.0, 90.0, 180.0]))
    if kind == "forearm" and way < 0.3:
        fixed = (nail(bone, metal),)
    elif kind == "forearm" and way < 0.6:
        fixed = wires(bone, at, random, metal)
    else:
        long = min(float(random.uniform(60, 95)) * patient.size, 0.7 * bone.parts[0].length)
        fixed = plate(bone, at, long, turned, metal)
    return tuple(replace(piece, segment=bone.segment) for piece in fixed)


def _place(bones: tuple[Bone, ...], lesions: tuple[Lesion, ...], random: np.random.Generator) -> tuple[str, float]:
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
