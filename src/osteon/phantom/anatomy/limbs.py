"""Scenes of the arm: forearm, elbow and hand of one patient, intact or fractured, with or without cast or metal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteon.core.labels import BodyPart
from osteon.phantom.anatomy import injuries
from osteon.phantom.anatomy.arm import ELBOW_AXIS, FOREARM, humerus, radius, ulna
from osteon.phantom.anatomy.arm_soft_tissue import limb
from osteon.phantom.anatomy.hand import carpals, digits, wrist_centre
from osteon.phantom.anatomy.patient import Patient, draw_patient
from osteon.phantom.anatomy.scene import Lesion, Scene
from osteon.phantom.geometry.shapes import Bone
from osteon.phantom.geometry.space import Motion, Vector, rotation
from osteon.phantom.treatment.hardware import cast
from osteon.phantom.treatment.treatment import draw_treatment, fixation

FINDINGS: dict[str, tuple[str, ...]] = {
    "forearm": ("proximal", "midshaft", "distal"),
    "elbow": ("hairline", "displaced"),
    "hand": ("fracture",),
}

AGES: dict[str, tuple[float, float]] = {"forearm": (1.5, 16.5), "elbow": (3.0, 75.0), "hand": (5.0, 80.0)}
"""Years, drawn uniformly. The forearms are children's, as in PediURF."""


def build(kind: str, finding: str, random: np.random.Generator, seed: int, *, coupled: bool = False) -> Scene:
    """One patient's arm, aimed at its forearm, elbow or hand.

    Args:
        kind: ``forearm``, ``elbow`` or ``hand``.
        finding: ``normal`` or one of ``FINDINGS[kind]``.
        random: source of randomness.
        seed: of the texture.
        coupled: casts and metal are more frequent with a fracture (see `osteon.phantom.treatment.treatment`).
    """
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
            soft = tuple(moved.move(capsule) for capsule in soft)
    treatment = draw_treatment(kind, lesions, random, coupled=coupled)
    inclusions: tuple[Bone, ...] = ()
    if treatment == "cast":
        inclusions = (cast(patient, random),)
    elif treatment == "metal":
        inclusions = fixation(kind, whole, lesions, patient, random)
    centre, extent, width, part = _aim(kind, patient, random)
    scene = Scene(kind, finding, part, patient, bones, soft, inclusions, lesions, centre, extent, width, seed % 9973)
    return replace(scene, lateral=_bent(scene, random)) if kind == "elbow" else scene


ZOOM: dict[str, tuple[float, float]] = {"forearm": (0.98, 1.38), "elbow": (0.9, 1.5), "hand": (0.98, 1.55)}
"""Size of the field relative to the region itself, from the tightest to the widest."""


def _aim(kind: str, patient: Patient, random: np.random.Generator) -> tuple[Vector, float, float, BodyPart]:
    """Centre and height of the field in mm, its width over its height, and the body part."""
    k = patient.size
    shift = np.array([*random.uniform(-6, 6, 2), 0.0]) * k
    zoom, offset = float(random.uniform(*ZOOM[kind])), random.uniform(-0.42, 0.42, 2)
    if kind == "forearm":
        centre, extent, width, part = np.array([-1.0, 122.0, 0.0]) * k, 325.0 * k, 0.60, BodyPart.FOREARM
    elif kind == "elbow":
        centre, extent, width, part = np.zeros(3), 195.0 * k, 0.80, BodyPart.ELBOW
    else:
        centre = wrist_centre(patient) + np.array([0.0, 62.0, 0.0]) * k
        extent, width, part = 270.0 * k, 0.82, BodyPart.HAND
    room = max(zoom - 1.0, 0.0) * extent
    shift = shift + np.array([offset[0] * room * width, offset[1] * room, 0.0])
    return centre + shift, zoom * extent, width, part


def _bent(scene: Scene, random: np.random.Generator) -> Scene:
    """The elbow as a lateral view is taken: flexed about the axis of the trochlea."""
    k = scene.patient.size
    pivot = ELBOW_AXIS * k
    bend = Motion(rotation("x", -float(random.uniform(42, 100))), pivot, np.zeros(3))

    def pose(bones: tuple[Bone, ...]) -> tuple[Bone, ...]:
        return tuple(bone.moved(bend) if bone.segment >= FOREARM else bone for bone in bones)

    lesions = tuple(
        replace(lesion, zone=pose(lesion.zone), fragments=pose(lesion.fragments), intact=pose(lesion.intact))
        for lesion in scene.lesions
    )
    joint = max(i for i, capsule in enumerate(scene.soft) if capsule.segment < FOREARM)
    tight = list(scene.soft)
    tight[joint] = replace(tight[joint], radii=(tight[joint].radii[0], 24.0 * k))
    tight[joint + 1] = replace(tight[joint + 1], radii=(25.0 * k, tight[joint + 1].radii[1]), blend=14.0 * k)
    soft = tuple(capsule.moved(bend) if capsule.segment >= FOREARM else capsule for capsule in tight)
    centre = scene.centre + np.array([0.0, -8.0, -28.0]) * k
    return replace(
        scene,
        bones=pose(scene.bones),
        inclusions=pose(scene.inclusions),
        soft=soft,
        lesions=lesions,
        centre=centre,
        width=1.0,
    )
