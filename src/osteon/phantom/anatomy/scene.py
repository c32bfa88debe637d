"""A scene: one patient's limb or trunk in three dimensions, before any ray passes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.labels import BodyPart, View
from osteon.phantom.anatomy.patient import Patient
from osteon.phantom.anatomy.soft import GRAIN, Capsule, thickness
from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.shapes import Bone
from osteon.phantom.geometry.space import Vector
from osteon.phantom.tracing.rays import Trace, trace
from osteon.phantom.tracing.sticks import Bundle, is_stick, trace_sticks
from osteon.phantom.tracing.texture import look_up

Image = NDArray[np.float32]
Array = NDArray[np.floating] | np.floating
Index = NDArray[np.integer] | np.integer


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
    sticks = [number for number, bone in enumerate(bones) if is_stick(bone)]
    few = sticks if len(sticks) >= MANY else []
    for number, bone in enumerate(bones):
        seen = trace(bone, camera) if number not in few else None
        if seen is not None:
            where = (seen.rows, seen.columns)
            mineral[where] += _mineral(seen, np.float32(bone.texture), np.intp(seed + number))
            room[where] += seen.compact + seen.inner
    bundle = trace_sticks([bones[number] for number in few], camera)
    if bundle is not None:
        texture = np.array([bones[number].texture for number in few], np.float32)[bundle.number]
        amount = _mineral(bundle, texture, seed + np.array(few)[bundle.number])
        for plane, values in ((mineral, amount), (room, bundle.compact + bundle.inner)):
            total = np.bincount(bundle.pixels, weights=values, minlength=plane.size)
            plane += total.reshape(plane.shape).astype(np.float32)
    return mineral, room


def _mineral(seen: Trace | Bundle, texture: Array, seed: Index) -> Array:
    """Millimetres of mineral on each ray, with the trabecular pattern of a strength and a seed."""
    grain = look_up(seen.along, seen.across, seed) * texture
    spongy = np.maximum(seen.inner + np.float32(0.40) * np.sqrt(seen.inner * 2.0) * grain, 0.2 * seen.inner)
    return seen.compact * (1.0 + np.float32(0.035) * grain) + seen.spongy * spongy


MANY: int = 4
"""Sticks from which on they are integrated together."""


SMOOTH: dict[str, float] = {"lean": 3.0, "lung": 2.5, "gas": 1.2}
"""Materials without fine edges, and the cells in mm of a raster that does for them."""


def thing_maps(things: tuple[Bone, ...], camera: Camera, seed: int) -> dict[str, Image]:
    """Millimetres of each foreign material on each ray."""
    maps: dict[str, Image] = {}
    views: dict[str, Camera] = {}
    for number, thing in enumerate(things):
        material = thing.material
        view = views.setdefault(material, camera.coarser(_coarse(material, camera)))
        plane = maps.setdefault(material, np.zeros((view.height, view.width), np.float32))
        seen = trace(thing, view)
        if seen is None:
            continue
        length = seen.compact
        if thing.texture:
            grain = look_up(seen.along * np.float32(0.5), seen.across * np.float32(0.5), seed + 7 * number)
            length = length * np.maximum(1.0 + 0.11 * thing.texture * grain, 0.4)
        plane[seen.rows, seen.columns] += length
    return {material: _enlarge(plane, camera, _coarse(material, camera)) for material, plane in maps.items()}


def _coarse(material: str, camera: Camera) -> int:
    return max(round(SMOOTH.get(material, 0.0) / camera.spacing), 1)


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
    whole, fat = thickness(scene.soft, camera, grain=5.0 if scene.kind == "spine" else GRAIN)
    lean = np.maximum(whole - fat - room, 0.0)
    marrow = np.maximum(room - mineral, 0.0)
    maps = {"muscle": lean, "fat": fat, "bone": mineral, "marrow": marrow}
    for material, plane in thing_maps(scene.things, camera, scene.seed).items():
        maps[material] = maps.get(material, 0.0) + plane
    return maps
