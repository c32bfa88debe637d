"""Skeletons ripen with age, and are the same from every side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from osteon.core.labels import Sex, View
from osteon.phantom.anatomy.arm import radius
from osteon.phantom.anatomy.hand import carpals, digits
from osteon.phantom.anatomy.patient import Patient, skeletal_maturity, stature
from osteon.phantom.anatomy.scene import bone_maps
from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.space import rotation
from osteon.phantom.simulate import build, simulate


def test_carpals_appear_one_after_another(child: Callable[[float], Patient]) -> None:
    counts = [len(carpals(child(age), np.random.default_rng(0))) for age in (0.2, 1.0, 4.5, 6.5, 12.0)]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] == 8


def test_growth_plates_close(child: Callable[[float], Patient], random: np.random.Generator) -> None:
    assert len(radius(child(10.0), random)) == 3
    assert len(radius(child(30.0), random)) == 1


def test_a_grown_hand_has_nineteen_long_bones(child: Callable[[float], Patient], random: np.random.Generator) -> None:
    bones, chains = digits(child(30.0), random)
    assert len(bones) == 19
    assert [len(chain) for chain in chains] == [4, 5, 5, 5, 5]


def test_children_grow() -> None:
    heights = [stature(age, Sex.FEMALE) for age in range(20)]
    assert heights == sorted(heights)
    assert heights[-1] == 1.0


def test_girls_ripen_before_boys(child: Callable[[float], Patient]) -> None:
    boy = child(9.0)
    girl = Patient(boy.age, Sex.FEMALE, boy.side, 1.0, 1.0, boy.size)
    assert skeletal_maturity(girl, 1.0, 17.0) > skeletal_maturity(boy, 1.0, 17.0)


@pytest.mark.parametrize("kind", ["forearm", "hand", "spine"])
def test_the_two_views_agree_on_height(kind: str) -> None:
    """Bone mineral in a row of the detector is what lies at that height: it cannot hang on the direction of view."""
    scene = build(kind, 3, None)
    extent = 1.6 * scene.extent
    rows: list[np.ndarray] = []
    for yaw in (0.0, 90.0):
        turn = rotation("y", yaw)
        centre = turn @ scene.centre
        camera = Camera(turn, centre[0] - extent / 2, centre[1] - scene.extent / 2, extent / 800, 500, 800)
        mineral, _ = bone_maps(tuple(bone for bone in scene.bones if bone.name != "ilium"), camera, 0)
        rows.append(mineral.sum(axis=1) * camera.spacing)
    difference = np.abs(rows[0] - rows[1])[5:-5]
    assert np.median(difference / np.maximum(rows[0], 1.0)[5:-5]) < 0.05
    assert rows[0].sum() == pytest.approx(rows[1].sum(), rel=0.05)


def test_the_bent_elbow_has_the_bones_of_the_straight_one() -> None:
    """The side view is posed anew (flexed, as it is taken), but it is one patient with one fracture."""
    for finding in ("hairline", "displaced"):
        scene = build("elbow", 6, finding)
        bent = scene.lateral
        assert bent is not None
        assert [bone.name for bone in bent.bones] == [bone.name for bone in scene.bones]
        for one, other in zip(scene.bones, bent.bones, strict=True):
            for part, moved in zip(one.parts, other.parts, strict=True):
                assert part.length == moved.length
                np.testing.assert_array_equal(part.radii, moved.radii)
                assert part.cuts == moved.cuts
        assert [lesion.truth for lesion in bent.lesions] == [lesion.truth for lesion in scene.lesions]


@pytest.mark.parametrize("kind", ["forearm", "hand"])
def test_both_views_put_a_fracture_at_one_height(kind: str) -> None:
    finding = "midshaft" if kind == "forearm" else "fracture"
    for seed in (1, 2, 3):
        views = [simulate(kind, seed, view=view, size=256, finding=finding) for view in (View.FRONTAL, View.LATERAL)]
        for a, b in zip(views[0].findings, views[1].findings, strict=True):
            assert a.box.y0 == pytest.approx(b.box.y0, abs=2.5)
            assert a.box.y1 == pytest.approx(b.box.y1, abs=2.5)


def test_a_vertebral_body_has_a_waist_and_rounded_rims() -> None:
    """From the side the rims are widest, the waist is a smooth hollow, and no corner is left."""
    scene = build("spine", 3, "normal")
    body = next(bone for bone in scene.bones if bone.name == "L3")
    part = body.parts[0]
    front = part.radii[:, 3]
    rims, middle = max(front[: len(front) // 4].max(), front[-len(front) // 4 :].max()), front[len(front) // 2]
    assert 0.80 < middle / rims < 0.92
    assert np.abs(np.diff(front, 2)).max() < 0.02 * rims  # no kink from one station to the next
    turn = np.array([-part.frame[1], part.frame[2], -part.frame[0]])
    centre = turn @ part.point(0.0, 0.0, 0.5 * part.length)
    camera = Camera(turn, centre[0] - 25, centre[1] - 25, 0.1, 500, 500)
    seen = bone_maps((body,), camera, 0)[1] > 0.05
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    corner = seen[rows[0] : rows[0] + 8, columns[0] : columns[0] + 8]
    assert not corner.any()


def test_the_olecranon_is_a_dome_above_a_notch() -> None:
    """Its width grows from the tip without a step, and its depth falls to the notch and rises to the coronoid process."""
    bones = build("elbow", 2, "normal").bones
    part = max((bone for bone in bones if bone.name == "ulna"), key=lambda bone: bone.parts[0].length).parts[0]
    k = part.length / 264.0
    width, depth = part.radii[:, 0] + part.radii[:, 1], part.radii[:, 3]
    at = {mm: part.station(mm * k) for mm in (1, 4, 8, 12, 24, 37)}
    assert width[at[1]] < width[at[4]] < width[at[8]] < width[at[12]]
    assert depth[at[24]] < 0.25 * depth[at[8]]
    assert depth[at[37]] > depth[at[8]]
    assert np.abs(np.diff(depth, 2)).max() < 0.12
