"""Scenes of the arm: forearm, elbow and hand of one patient, whole or broken, in plaster or plated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteon.core.labels import BodyPart
from osteon.data.phantom import injuries
from osteon.data.phantom.arm import ELBOW_AXIS, FOREARM, humerus, radius, ulna
from osteon.data.phantom.hand import carpals, digits, wrist_centre
from osteon.data.phantom.patient import Patient, draw_patient
from osteon.data.phantom.scene import Lesion, Scene
from osteon.data.phantom.shapes import Bone, Motion, Vector, rotation
from osteon.data.phantom.skin import limb
from osteon.data.phantom.things import cast, nail, plate, wires

FINDINGS: dict[str, tuple[str, ...]] = {
    "forearm": ("proximal", "midshaft", "distal"),
    "elbow": ("hairline", "displaced"),
    "hand": ("fracture",),
}

AGES: dict[str, tuple[float, float]] = {"forearm": (1.5, 16.5), "elbow": (3.0, 75.0), "hand": (5.0, 80.0)}
"""Years, drawn evenly. The forearms are children's, as in PediURF."""


def build(kind: str, finding: str, random: np.random.Generator, seed: int) -> Scene:
    """One patient's arm, aimed at its forearm, elbow or hand."""
    patient = draw_patient(random, *AGES[kind])
    fingers, chains = digits(patient, random)
    bones = (
        *humerus(patient, random),
        *radius(patient, random),
        *ulna(patient, random),
        *carpals(patient, random),
        *fingers,
    )
    lesions: tuple[Lesion, ...] = ()
    soft = limb(patient, chains)
    whole = bones
    if finding != "normal":
        if kind == "forearm":
            bones, lesions, carried = injuries.forearm(bones, finding, patient.age, random)
        elif kind == "elbow":
            bones, lesions, carried = injuries.elbow(bones, finding, random)
        else:
            bones, lesions, carried = injuries.hand(bones, random)
        for moved in carried:
            soft = tuple(moved.flesh(capsule) for capsule in soft)
    things = _things(kind, whole, lesions, patient, random)
    k = patient.size
    shift = np.array([*random.uniform(-6, 6, 2), 0.0]) * k
    centre, extent, width, part = _aim(kind, patient)
    scene = Scene(
        kind, finding, part, patient, bones, soft, things, lesions, (centre + shift) * 1.0, extent, width, seed % 9973
    )
    return replace(scene, lateral=_bent(scene, random)) if kind == "elbow" else scene


def _aim(kind: str, patient: Patient) -> tuple[Vector, float, float, BodyPart]:
    """Centre and height of the field in mm, its width over its height, and the body part."""
    k = patient.size
    if kind == "forearm":
        return np.array([-1.0, 122.0, 0.0]) * k, 325.0 * k, 0.60, BodyPart.FOREARM
    if kind == "elbow":
        return np.array([0.0, 0.0, 0.0]), 195.0 * k, 0.80, BodyPart.ELBOW
    return wrist_centre(patient) + np.array([0.0, 62.0, 0.0]) * k, 270.0 * k, 0.82, BodyPart.HAND


def _bent(scene: Scene, random: np.random.Generator) -> Scene:
    """The elbow as a lateral view is taken: flexed about the axis of the trochlea."""
    k = scene.patient.size
    pivot = ELBOW_AXIS * k
    bend = Motion(rotation("x", -float(random.uniform(55, 95))), pivot, np.zeros(3))

    def pose(bones: tuple[Bone, ...]) -> tuple[Bone, ...]:
        return tuple(bone.moved(bend) if bone.segment >= FOREARM else bone for bone in bones)

    lesions = tuple(
        replace(lesion, zone=pose(lesion.zone), fragments=pose(lesion.fragments), intact=pose(lesion.intact))
        for lesion in scene.lesions
    )
    joint = max(i for i, capsule in enumerate(scene.soft) if capsule.segment < FOREARM)
    tight = list(scene.soft)
    tight[joint] = replace(tight[joint], radii=(tight[joint].radii[0], 24.0 * k))
    tight[joint + 1] = replace(tight[joint + 1], radii=(25.0 * k, tight[joint + 1].radii[1]), melt=14.0 * k)
    soft = tuple(capsule.moved(bend) if capsule.segment >= FOREARM else capsule for capsule in tight)
    centre = scene.centre + np.array([0.0, -8.0, -28.0]) * k
    return replace(
        scene, bones=pose(scene.bones), things=pose(scene.things), soft=soft, lesions=lesions, centre=centre, width=1.0
    )


def _things(
    kind: str, bones: tuple[Bone, ...], lesions: tuple[Lesion, ...], patient: Patient, random: np.random.Generator
) -> tuple[Bone, ...]:
    """Cast or metal, more often where something is broken; both only where the bones have been set."""
    draw, metal = float(random.random()), "steel" if random.random() < 0.5 else "titanium"
    broken = bool(lesions) and str(lesions[0].truth["pattern"]) not in ("torus", "hairline")
    straight = all(
        float(one.truth["angulation_deg"]) < 6.0 and float(one.truth["displacement_mm"]) < 3.0 for one in lesions
    )
    if kind != "elbow" and straight and draw < (0.16 if lesions else 0.03):
        return (cast(patient, random),)
    if not straight or draw < (0.85 if broken else 0.985):
        return ()
    name = str(lesions[0].truth["bone"]) if lesions else str(random.choice(["radius", "ulna"]))
    bone = max((bone for bone in bones if bone.name == name), key=lambda bone: bone.parts[0].length)
    length = bone.parts[0].length
    at = float(lesions[0].truth["s_mm"]) if lesions else 0.5 * length
    if kind == "forearm" and random.random() < 0.6:
        fixed = (nail(bone, metal),) if random.random() < 0.5 else wires(bone, at, random, metal)
    else:
        long = min(float(random.uniform(60, 95)) * patient.size, 0.7 * length)
        fixed = plate(bone, at, long, float(random.choice([0.0, 90.0, 180.0])), metal)
    return tuple(replace(piece, segment=bone.segment) for piece in fixed)
