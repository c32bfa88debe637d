"""A scene: one patient's limb or trunk in three dimensions, before any ray passes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.labels import BodyPart, View
from osteon.data.phantom.camera import Camera
from osteon.data.phantom.patient import Patient
from osteon.data.phantom.rays import trace
from osteon.data.phantom.shapes import Bone, Vector
from osteon.data.phantom.soft import Capsule, thickness
from osteon.data.phantom.texture import look_up

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Lesion:
    """Something to be found, and the piece of the volume that it is.

    Attributes:
        label: class of the finding, e.g. ``fracture``.
        zone: bodies whose projection is the finding's mask.
        fragments: bones as they are, and
        intact: as they were before; their difference decides whether a view shows it (empty: every view does).
        truth: numbers of the finding, in mm and degrees.
        views: views that can show it.
    """

    label: str
    zone: tuple[Bone, ...]
    fragments: tuple[Bone, ...] = ()
    intact: tuple[Bone, ...] = ()
    truth: Mapping[str, float | str] = field(default_factory=dict[str, "float | str"])
    views: tuple[View, ...] = (View.FRONTAL, View.LATERAL)


@dataclass(frozen=True)
class Scene:
    """What the beam meets.

    Attributes:
        kind: ``forearm``, ``hand``, ``elbow`` or ``spine``.
        finding: class of the case.
        body_part: region.
        patient: whose it is.
        bones: bones and their fragments.
        soft: the soft tissue as capsules.
        things: hardware and casts.
        lesions: what is to be found.
        centre: world point that the beam is centred on, mm.
        extent: height of the field, mm.
        width: width of the field over its height.
        seed: number of the texture.
        slack: how freely the patient is laid (1: as a limb).
        scatter: how much more than a limb it scatters.
        exposure: how many times a limb's dose it gets.
        lateral: the scene as it is posed for the lateral view, where that differs.
    """

    kind: str
    finding: str
    body_part: BodyPart
    patient: Patient
    bones: tuple[Bone, ...]
    soft: tuple[Capsule, ...]
    things: tuple[Bone, ...]
    lesions: tuple[Lesion, ...]
    centre: Vector
    extent: float
    width: float
    seed: int
    slack: float = 1.0
    scatter: float = 1.0
    exposure: float = 1.0
    lateral: Scene | None = None


def bone_maps(bones: tuple[Bone, ...], camera: Camera, seed: int) -> tuple[Image, Image]:
    """Millimetres of bone mineral on each ray, and of the room that the bones take.

    Spongy bone counts by its share of mineral, modulated by the trabecular pattern.
    """
    mineral = np.zeros((camera.height, camera.width), np.float32)
    room = np.zeros((camera.height, camera.width), np.float32)
    for number, bone in enumerate(bones):
        seen = trace(bone, camera)
        if seen is None:
            continue
        grain = look_up(seen.along, seen.across, seed + number)
        depth = np.sqrt(seen.inner * 2.0)
        spongy = seen.spongy * np.maximum(seen.inner + 0.55 * bone.texture * depth * grain, 0.2 * seen.inner)
        compact = seen.compact * (1.0 + 0.035 * bone.texture * grain)
        where = (seen.rows, seen.columns)
        mineral[where] += compact + spongy
        room[where] += seen.compact + seen.inner
    return mineral, room


SMOOTH: dict[str, int] = {"lean": 4, "lung": 3}
"""Materials without fine edges, and how many times coarser a raster does for them."""


def thing_maps(things: tuple[Bone, ...], camera: Camera, seed: int) -> dict[str, Image]:
    """Millimetres of each foreign material on each ray."""
    maps: dict[str, Image] = {}
    views: dict[str, Camera] = {}
    for number, thing in enumerate(things):
        material = thing.material
        view = views.setdefault(material, camera.coarser(SMOOTH.get(material, 1)))
        plane = maps.setdefault(material, np.zeros((view.height, view.width), np.float32))
        seen = trace(thing, view)
        if seen is None:
            continue
        length = seen.compact
        if thing.texture:
            grain = look_up(seen.along * np.float32(0.5), seen.across * np.float32(0.5), seed + 7 * number)
            length = length * np.maximum(1.0 + 0.11 * thing.texture * grain, 0.4)
        plane[seen.rows, seen.columns] += length
    return {material: _enlarge(plane, camera, SMOOTH.get(material, 1)) for material, plane in maps.items()}


def _enlarge(plane: Image, camera: Camera, factor: int) -> Image:
    """Bring a coarse raster to the camera's."""
    if factor == 1:
        return plane
    size = (plane.shape[1] * factor, plane.shape[0] * factor)
    large = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(large[: camera.height, : camera.width], dtype=np.float32)


def materials(scene: Scene, camera: Camera) -> dict[str, Image]:
    """Millimetres of each material on each ray of a scene."""
    mineral, room = bone_maps(scene.bones, camera, scene.seed)
    whole, fat = thickness(scene.soft, camera, coarse=8 if scene.kind == "spine" else 2)
    lean = np.maximum(whole - fat - room, 0.0)
    marrow = np.maximum(room - mineral, 0.0)
    maps = {"muscle": lean, "fat": fat, "bone": mineral, "marrow": marrow}
    for material, plane in thing_maps(scene.things, camera, scene.seed).items():
        maps[material] = maps.get(material, 0.0) + plane
    return maps
