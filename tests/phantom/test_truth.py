"""Boxes, masks and the flag that says whether a view shows a finding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from osteon.core.labels import View
from osteon.phantom.anatomy.crack import FURTHEST, course
from osteon.phantom.anatomy.fracture import PATTERNS, Plan, break_bone
from osteon.phantom.anatomy.injuries import draw_plan
from osteon.phantom.anatomy.scene import Scene, bone_maps, materials
from osteon.phantom.anatomy.spinelesions import LESIONS
from osteon.phantom.phantom import Phantom
from osteon.phantom.simulate import FINDINGS, aim, build, shoot, shows, simulate
from osteon.phantom.truth import project


def broken(plan: Plan, seed: int = 4) -> Scene:
    """A normal forearm with one fracture, laid straight."""
    scene = replace(build("forearm", seed, "normal"), inclusions=())
    bones, lesion, _ = break_bone(scene.bones, plan, np.random.default_rng(1), frozenset())
    return replace(scene, bones=bones, lesions=(lesion,), slack=0.0)


def alone(scene: Scene, bone: str) -> Scene:
    """The scene without the other bones, which may lie over a fracture."""
    return replace(scene, bones=tuple(each for each in scene.bones if each.name == bone))


def test_a_hairline_is_no_straight_line() -> None:
    """Along a crack the depth of bone is least on an irregular path, within a millimetre of the plane and in the box."""
    deviations: list[float] = []
    for number in range(4):
        plan = Plan("radius", 80.0, "hairline", slope=20.0, bearing=0.0, gap=0.9, roughness=0.0)
        scene = alone(replace(build("forearm", 4, "normal"), inclusions=(), slack=0.0), "radius")
        bones, lesion, _ = break_bone(scene.bones, plan, np.random.default_rng(number), frozenset())
        camera = aim(replace(scene, bones=bones), 4, View.FRONTAL, 1024)
        camera = replace(camera, rotation=np.eye(3))
        truth = project(lesion, camera, materials(replace(scene, bones=bones), camera), View.FRONTAL)
        assert truth is not None
        lost = bone_maps(lesion.intact, camera, 0)[1] - bone_maps(lesion.fragments, camera, 0)[1]
        rows, columns = np.nonzero(lost > 0.4)
        assert truth.box.x0 <= columns.min()
        assert columns.max() < truth.box.x1
        assert truth.box.y0 <= rows.min()
        assert rows.max() < truth.box.y1
        path = [(x, np.average(rows[columns == x], weights=lost[rows[columns == x], x])) for x in np.unique(columns)]
        x, y = np.array(path, np.float64).T
        apart = (y - np.polyval(np.polyfit(x, y, 1), x)) * camera.spacing * np.cos(np.deg2rad(plan.slope))
        deviations.append(float(apart.std()))
        assert np.abs(apart).max() < 1.9  # twice the furthest point: the line is fitted to the path itself
    assert 0.1 < np.median(deviations) < 0.8
    assert len(set(deviations)) == 4


def test_the_same_seed_draws_the_same_crack() -> None:
    first, again, other = (course(np.random.default_rng(seed), 10.0, 0.8, 6.0) for seed in (1, 1, 2))
    assert np.array_equal(first.heights, again.heights)
    assert not np.array_equal(first.heights, other.heights)
    assert np.abs(first.heights).max() <= FURTHEST
    assert 0.3 < first.widths.min() < first.widths.max() < 1.3


def test_bones_over_a_fracture_hide_it() -> None:
    """A finger's fracture is seen from the front and seldom from the side, where the bones overlap; alone it is seen."""
    counts = {"front": 0, "side": 0, "alone": 0, "all": 0}
    for seed in range(24):
        scene = build("hand", seed, "fracture")
        (lesion,) = scene.lesions
        if lesion.truth["bone"] == "radius" or lesion.truth["pattern"] == "hairline":
            continue
        counts["all"] += 1
        counts["front"] += shows(scene, seed, View.FRONTAL, 384)
        counts["side"] += shows(scene, seed, View.LATERAL, 384)
        counts["alone"] += shows(replace(scene, bones=lesion.fragments), seed, View.LATERAL, 384)
    assert counts["front"] > 0.8 * counts["all"]
    assert counts["alone"] > 0.8 * counts["all"]
    assert counts["side"] < 0.4 * counts["all"]


def test_a_box_contains_its_fracture(pairs: dict[str, tuple[Phantom, Phantom]]) -> None:
    for pair in pairs.values():
        for phantom in pair:
            assert phantom.findings
            for finding in phantom.findings:
                rows, columns = np.nonzero(finding.mask)
                assert finding.mask.shape == phantom.pixels.shape
                assert finding.box.x0 <= columns.min()
                assert finding.box.y0 <= rows.min()
                assert finding.box.x1 >= columns.max() + 1
                assert finding.box.y1 >= rows.max() + 1


def test_a_box_lies_where_the_picture_changed() -> None:
    """The same forearm, whole and displaced: the difference is greatest within the box (nothing else moves)."""
    plan = Plan("ulna", 110.0, "transverse", displacement=6.0, gap=1.0)
    scene = broken(plan)
    sound = replace(scene, bones=build("forearm", 4, "normal").bones, lesions=())
    after, before = (shoot(one, 4, View.FRONTAL, 320) for one in (scene, sound))
    change = np.abs(after.pixels - before.pixels)
    box = after.findings[0].box
    rows = slice(int(box.y0), int(box.y1))
    assert change[rows, int(box.x0) : int(box.x1)].mean() > 3 * change[: int(box.y0) - 10].mean()


@pytest.mark.parametrize(("seen", "hidden"), [(View.FRONTAL, View.LATERAL), (View.LATERAL, View.FRONTAL)])
def test_a_crack_shows_in_the_view_along_its_plane_only(seen: View, hidden: View) -> None:
    bearing = 0.0 if seen is View.FRONTAL else 90.0
    plan = Plan("radius", 80.0, "hairline", slope=62.0, bearing=bearing, gap=0.8, roughness=0.05)
    scene = alone(broken(plan), "radius")
    contrast = {view: shoot(scene, 4, view, 512).findings[0].contrast for view in (seen, hidden)}
    assert contrast[seen] > 2 * contrast[hidden]
    assert shoot(scene, 4, seen, 512).findings[0].visible


def test_a_displaced_fracture_is_visible_and_a_vanishing_one_is_not() -> None:
    wide = broken(Plan("radius", 80.0, "transverse", gap=1.5, displacement=5.0))
    none = broken(Plan("radius", 80.0, "hairline", slope=20.0, gap=0.02, roughness=0.0))
    assert shoot(wide, 4, View.FRONTAL, 320).findings[0].visible
    assert not shoot(none, 4, View.FRONTAL, 320).findings[0].visible


def test_some_fractures_show_in_one_view_only() -> None:
    """Among hairlines of the simulator itself there are some that one of the two views does not show."""
    flags = [
        tuple(simulate("forearm", seed, view=view, size=256, finding="distal").findings[0].visible for view in views)
        for seed in range(24)
        for views in [(View.FRONTAL, View.LATERAL)]
    ]
    assert any(a != b for a, b in flags)
    assert sum(a or b for a, b in flags) > 18


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_can_be_made(pattern: str, random: np.random.Generator) -> None:
    plan = draw_plan("radius", 90.0, pattern, 8.0, loose=True, random=random)
    found = shoot(broken(plan), 4, View.FRONTAL, 256).findings
    assert found[0].numbers["pattern"] == pattern
    assert found[0].mask.any()


@pytest.mark.parametrize("lesion", LESIONS)
def test_a_spine_has_the_lesion_that_was_asked_for(lesion: str) -> None:
    views = [simulate("spine", 2, view=view, size=200, finding=lesion) for view in (View.FRONTAL, View.LATERAL)]
    assert any(finding.label == lesion and finding.visible for view in views for finding in view.findings)


@pytest.mark.parametrize("kind", sorted(FINDINGS))
def test_a_normal_case_has_nothing_to_be_found(kind: str) -> None:
    phantom = simulate(kind, 8, size=200, finding="normal")
    assert phantom.findings == ()
    assert phantom.finding == "normal"


def test_an_unknown_bone_is_a_mistake(random: np.random.Generator) -> None:
    bones = build("forearm", 1, "normal").bones
    with pytest.raises(ValueError, match="femur"):
        break_bone(bones, Plan("femur", 10.0, "transverse"), random, frozenset())
