"""Scenes of the lumbar spine: a column of vertebrae on its curve, with or without lesions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteon.core.labels import BodyPart
from osteon.phantom.anatomy import spinelesions
from osteon.phantom.anatomy.patient import Patient, draw_patient
from osteon.phantom.anatomy.scene import Scene
from osteon.phantom.anatomy.torso import organs, pelvis, ribs, soft_tissue
from osteon.phantom.anatomy.vertebra import Level, vertebra
from osteon.phantom.geometry.space import Vector, frame

LESIONS: tuple[str, ...] = spinelesions.LESIONS

COLUMN: tuple[tuple[str, float, float, float, float, float], ...] = (
    ("T10", 9.0, 22.5, 15.5, 14.0, 4.6),
    ("T11", 11.0, 23.5, 17.0, 14.8, 5.2),
    ("T12", 12.0, 25.0, 19.0, 15.4, 6.2),
    ("L1", 12.0, 26.5, 20.5, 16.0, 8.0),
    ("L2", 7.0, 27.5, 21.5, 16.6, 9.5),
    ("L3", 0.0, 28.0, 22.6, 17.2, 10.8),
    ("L4", -9.0, 28.0, 24.0, 17.6, 12.0),
    ("L5", -20.0, 27.5, 25.5, 17.8, 11.5),
)
"""Name, forward lean in degrees, height, half width, half depth, height of the disc below (mm of an adult man)."""


def build(finding: str, random: np.random.Generator, seed: int) -> Scene:
    """One patient's lumbar spine.

    Args:
        finding: ``normal`` or the lesion that it certainly has (others may accompany it).
        random: source of randomness.
        seed: of the texture.
    """
    patient = draw_patient(random, 18.0, 88.0)
    state = spinelesions.draw(finding, patient, random)
    levels, gaps = stack(patient, state, random)
    bones = tuple(bone for level in levels for bone in vertebra(level, random))
    added = spinelesions.make(state, levels, gaps, random)
    lean = 36.0 + float(random.normal(0, 4))
    bones = (*bones, *ribs(levels, random), *pelvis(levels[-1], gaps[-1], lean, patient), *added.bones)
    top, bottom = float(levels[0].origin[1]), float(levels[-1].origin[1])
    inclusions = (*organs(levels, patient, random), *added.inclusions)
    k = patient.size
    middle = levels[5].point(0.0, 0.0, 0.0) + np.array([0.0, float(random.uniform(-12, 14)), 4.0]) * k
    scene = Scene(
        "spine", finding, BodyPart.SPINE, patient, bones, soft_tissue(patient, top, bottom), inclusions, added.lesions,
        middle, 318.0 * k, 0.64, seed % 9973, slack=0.45, scatter=1.7, exposure=30.0,
    )  # fmt: skip
    return replace(scene, lateral=replace(scene, centre=middle + np.array([0.0, 0.0, -2.0 * k]), width=0.60))


def stack(
    patient: Patient, state: spinelesions.State, random: np.random.Generator
) -> tuple[tuple[Level, ...], tuple[float, ...]]:
    """Stack the vertebrae.

    Returns:
        the levels from top to bottom, and the height of the disc below each, mm.
    """
    k = patient.size
    lordosis = float(np.clip(random.normal(1.0, 0.22), 0.5, 1.5))
    scoliosis = float(random.normal(0, 3.0)) * (1.0 + 1.2 * (random.random() < 0.15))
    point: Vector = np.zeros(3)
    levels: list[Level] = []
    gaps: list[float] = []
    turns = [(lean * lordosis, scoliosis * np.sin(0.7 * i - 1.2)) for i, (_, lean, *_) in enumerate(COLUMN)]
    for i, (name, _, height, width, depth, disc) in enumerate(COLUMN):
        axes = frame(_down(*turns[i]))
        level = Level(
            name, point + axes[1] * state.slip.get(name, 0.0) * depth * k * 2, axes, height * k, width * k, depth * k,
            patient.density,
            wedge=state.wedge.get(name, 0.0), crush=state.crush.get(name, 0.0),
            sclerosis=1.4 if state.narrow.get(name, 1.0) < 0.8 else 0.0, facet=state.facet.get(name, 0.0),
        )  # fmt: skip
        gap = disc * k * state.narrow.get(name, 1.0) * (1.0 - 0.12 * max(patient.age - 45, 0) / 40)
        below = turns[min(i + 1, len(turns) - 1)]
        half = _down(0.5 * (turns[i][0] + below[0]), 0.5 * (turns[i][1] + below[1]))
        point = point + axes[2] * height * k + half * gap
        levels.append(level)
        gaps.append(gap)
    return tuple(levels), tuple(gaps)


def _down(lean: float, side: float) -> Vector:
    """Direction of a vertebra's axis: degrees forwards and degrees to the viewer's right."""
    a, b = np.deg2rad(lean), np.deg2rad(side)
    direction = np.array([np.sin(b), np.cos(a) * np.cos(b), -np.sin(a) * np.cos(b)])
    return direction / np.linalg.norm(direction)
