"""A scene: one patient's limb or torso in three dimensions, before projection."""

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
    """A finding, and the piece of the volume that it occupies.

    Attributes:
        label: class of the finding, e.g. ``fracture``.
        zone: bodies whose projection is the finding's mask.
        fragments: the bones with the lesion.
        intact: the bones without it; the difference decides whether a view shows it (empty: every view does).
        truth: measurements of the finding, in mm and degrees.
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
    """The volume in the beam.

    Attributes:
        kind: ``forearm``, ``hand``, ``elbow`` or ``spine``.
        finding: class of the case.
        body_part: region.
        patient: age, sex, side and size.
        bones: bones and their fragments.
        soft: the soft tissue as capsules.
        inclusions: bodies other than bones: hardware and casts; in the torso also muscles, lungs and bowel gas.
        lesions: the findings.
        centre: world point that the beam is centred on, mm.
        extent: height of the field, mm.
        width: width of the field over its height.
        seed: of the texture.
        slack: variation of the positioning (1: as for a limb).
        scatter: amount of scatter relative to a limb.
        exposure: dose relative to a limb's.
        lateral: the scene in the pose of the lateral view, where that differs.
    """

    kind: str
    finding: str
    body_part: BodyPart
    patient: Patient
    bones: tuple[Bone, ...]
    soft: tuple[Capsule, ...]
    inclusions: tuple[Bone, ...]
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
    """Millimetres of bone mineral on each ray, and of the space inside the bones, both float32 (H, W).

    Trabecular bone counts by its share of mineral, modulated by the trabecular pattern.
    """
    mineral = np.zeros((camera.height, camera.width), np.float32)
    room = np.zeros((camera.height, camera.width), np.float32)
    sticks = [number for number, bone in enumerate(bones) if is_stick(bone)]
    bundled = sticks if len(sticks) >= MANY else []
    for number, bone in enumerate(bones):
        traced = trace(bone, camera) if number not in bundled else None
        if traced is not None:
            pixels = (traced.rows, traced.columns)
            mineral[pixels] += _mineral(traced, np.float32(bone.texture), np.intp(seed + number))
            room[pixels] += traced.cortical + traced.inner
    bundle = trace_sticks([bones[number] for number in bundled], camera)
    if bundle is not None:
        texture = np.array([bones[number].texture for number in bundled], np.float32)[bundle.number]
        amount = _mineral(bundle, texture, seed + np.array(bundled)[bundle.number])
        for plane, values in ((mineral, amount), (room, bundle.cortical + bundle.inner)):
            total = np.bincount(bundle.pixels, weights=values, minlength=plane.size)
            plane += total.reshape(plane.shape).astype(np.float32)
    return mineral, room


def _mineral(traced: Trace | Bundle, texture: Array, seed: Index) -> Array:
    """Millimetres of mineral on each ray, with the trabecular pattern of a strength and a seed."""
    grain = look_up(traced.along, traced.across, seed) * texture
    trabecular = np.maximum(traced.inner + np.float32(0.40) * np.sqrt(traced.inner * 2.0) * grain, 0.2 * traced.inner)
    return traced.cortical * (1.0 + np.float32(0.035) * grain) + traced.trabecular * trabecular


MANY: int = 4
"""Minimum number of sticks that are integrated together."""


SMOOTH: dict[str, float] = {"lean": 3.0, "lung": 2.5, "gas": 1.2}
"""Materials without fine edges, and the cell size in mm of a raster that suffices for them."""


def inclusion_maps(inclusions: tuple[Bone, ...], camera: Camera, seed: int) -> dict[str, Image]:
    """Millimetres of each material of the inclusions on each ray, float32 (H, W)."""
    maps: dict[str, Image] = {}
    views: dict[str, Camera] = {}
    for number, inclusion in enumerate(inclusions):
        material = inclusion.material
        view = views.setdefault(material, camera.coarser(_coarse(material, camera)))
        plane = maps.setdefault(material, np.zeros((view.height, view.width), np.float32))
        traced = trace(inclusion, view)
        if traced is None:
            continue
        length = traced.cortical
        if inclusion.texture:
            grain = look_up(traced.along * np.float32(0.5), traced.across * np.float32(0.5), seed + 7 * number)
            length = length * np.maximum(1.0 + 0.11 * inclusion.texture * grain, 0.4)
        plane[traced.rows, traced.columns] += length
    return {material: _enlarge(plane, camera, _coarse(material, camera)) for material, plane in maps.items()}


def _coarse(material: str, camera: Camera) -> int:
    return max(round(SMOOTH.get(material, 0.0) / camera.spacing), 1)


def _enlarge(plane: Image, camera: Camera, factor: int) -> Image:
    """Resample a coarse raster to the camera's."""
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
    for material, plane in inclusion_maps(scene.inclusions, camera, scene.seed).items():
        maps[material] = maps.get(material, 0.0) + plane
    return maps
