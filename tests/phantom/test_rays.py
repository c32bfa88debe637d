"""Line integrals against bodies whose chords are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.shapes import Bone, Cut, End, Part
from osteon.phantom.geometry.silhouettes import ring, tube
from osteon.phantom.geometry.space import frame, rotation
from osteon.phantom.geometry.surfaces import surfaces
from osteon.phantom.simulate import build
from osteon.phantom.tracing.rays import Trace, trace

DOWN = np.array([0.0, 1.0, 0.0])
FLAT = End(rounding=0.0, plate=0.0)


def rod(radius: float = 10.0, length: float = 60.0, cortex: float = 3.0) -> Part:
    """A round hollow rod along y, centred on the origin."""
    return tube(
        np.array([0.0, -length / 2, 0.0]),
        frame(DOWN),
        length,
        [ring(0.0, radius), ring(1.0, radius)],
        cortex=[(0.0, cortex), (1.0, cortex)],
        start=FLAT,
        stop=FLAT,
    )


def image(seen: Trace | None, values: np.ndarray) -> np.ndarray:
    assert seen is not None
    plane = np.zeros((200, 200))
    plane[seen.rows, seen.columns] = values
    return plane


def whole(bone: Bone, camera: Camera) -> np.ndarray:
    seen = trace(bone, camera)
    assert seen is not None
    return image(seen, seen.cortical + seen.inner)


@pytest.mark.parametrize("yaw", [0.0, 33.0, 90.0])
def test_a_hollow_rod_has_the_chords_of_two_circles(camera: Callable[[float], Camera], yaw: float) -> None:
    seen = trace(Bone("rod", (rod(),)), camera(yaw))
    assert seen is not None
    x = np.abs(-50.0 + (np.arange(200) + 0.5) * 0.5)
    outer = 2 * np.sqrt(np.maximum(10.0**2 - x**2, 0.0))
    inner = 2 * np.sqrt(np.maximum(7.0**2 - x**2, 0.0))
    row = image(seen, seen.cortical + seen.inner)[100]
    within = image(seen, seen.inner)[100]
    assert np.abs(row - outer)[x < 9.5].max() < 0.25
    assert np.abs(within - inner)[x < 6.5].max() < 0.25


def test_volume_does_not_hang_on_the_direction_of_view(camera: Callable[[float], Camera]) -> None:
    oblique = replace(rod(), frame=frame(np.array([0.5, 1.0, 0.4])))
    volumes = [float(whole(Bone("rod", (oblique,)), camera(yaw)).sum()) * 0.25 for yaw in (0.0, 45.0, 90.0)]
    true = np.pi * 10.0**2 * 60.0
    assert volumes == pytest.approx([true] * 3, rel=0.02)


def test_a_rod_seen_end_on_is_as_long_as_it_is(camera: Callable[[float], Camera]) -> None:
    part = replace(rod(length=30.0), origin=np.array([0.0, 0.0, -15.0]), frame=frame(np.array([0.0, 0.0, 1.0])))
    assert whole(Bone("rod", (part,)), camera(0.0))[100, 100] == pytest.approx(30.0, rel=0.02)


def test_two_parts_in_one_place_count_once(camera: Callable[[float], Camera]) -> None:
    one, two = Bone("rod", (rod(),)), Bone("rod", (rod(), rod()))
    np.testing.assert_allclose(whole(one, camera(0.0)), whole(two, camera(0.0)), atol=0.03)


def test_the_two_sides_of_a_cut_make_up_the_whole(camera: Callable[[float], Camera]) -> None:
    part, waves = rod(), ((0.7, 0.3, 1.0, 0.6),)
    cut = Cut((0.0, 0.0, 30.0), (0.0, 0.6, 0.8), 0.0, waves)
    other = replace(cut, normal=(0.0, -0.6, -0.8), waves=((0.7, 0.3, 1.0, -0.6),))
    halves = sum(whole(Bone("half", (replace(part, cuts=(one,)),), samples=60), camera(0.0)) for one in (cut, other))
    wrong = np.abs(halves - whole(Bone("rod", (part,), samples=60), camera(0.0)))
    assert wrong.max() < 0.5
    assert wrong.mean() < 0.01


def test_a_crack_seen_along_its_plane_removes_its_gap(camera: Callable[[float], Camera]) -> None:
    part = replace(rod(), cuts=(Cut((0.0, 0.0, 30.0), (0.0, 0.0, 1.0), 2.0, crack=True),))
    lost = (whole(Bone("rod", (rod(),)), camera(0.0)) - whole(Bone("rod", (part,), samples=60), camera(0.0)))[:, 100]
    assert lost.sum() * 0.5 == pytest.approx(2.0 * 20.0, rel=0.05)


def test_what_lies_outside_the_field_is_not_traced(camera: Callable[[float], Camera]) -> None:
    assert trace(Bone("rod", (replace(rod(), origin=np.array([500.0, 0.0, 0.0])),)), camera(0.0)) is None


@pytest.mark.parametrize("yaw", [0.0, 40.0, 90.0])
@pytest.mark.parametrize("lean", [0.0, 0.15])
def test_parts_far_apart_do_not_hide_one_another(camera: Callable[[float], Camera], yaw: float, lean: float) -> None:
    """A ray that misses one part of a bone must still be sampled finely within the other."""
    axes = frame(np.array([lean, 1.0, lean]))
    upper = replace(rod(6.0, 25.0), origin=np.array([0.0, -40.0, -10.0]), frame=axes)
    lower = replace(rod(4.0, 20.0), origin=np.array([5.0, 10.0, 15.0]), frame=frame(np.array([1.0, lean, 0.0]), DOWN))
    alone = np.add.reduce([whole(Bone("one", (part,)), camera(yaw)) for part in (upper, lower)])
    both = whole(Bone("both", (upper, lower)), camera(yaw))
    assert both.sum() == pytest.approx(alone.sum(), rel=0.03)
    assert (both[alone > 3.0] > 0.5).all()


@pytest.mark.parametrize("spacing", [0.1, 0.25, 0.8])
def test_a_thin_wire_has_no_gaps(spacing: float) -> None:
    wire = tube(np.array([-15.0, -15.0, 0.0]), frame(np.array([1.0, 1.0, 0.3])), 40.0, [ring(0.0, 0.8), ring(1.0, 0.8)])
    detector = Camera(np.eye(3), -20.0, -20.0, spacing, round(40 / spacing), round(40 / spacing))
    seen = trace(Bone("wire", (wire,)), detector)
    assert seen is not None
    plane = np.zeros((detector.height, detector.width))
    plane[seen.rows, seen.columns] = seen.cortical + seen.inner
    volume = plane.sum() * spacing**2
    assert volume == pytest.approx(np.pi * 0.8**2 * 40.0, rel=0.12)


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("yaw", [0.0, 90.0])
def test_real_bones_hold_what_their_surfaces_enclose(seed: int, yaw: float) -> None:
    """Every bone of an elbow against the same surfaces counted on a grid of points (an independent integration)."""
    scene = build("elbow", seed, "normal")
    turn = rotation("y", yaw) @ rotation("z", 3.0)
    detector = Camera(turn, -150.0, -300.0, 0.6, 1100, 500)
    for bone in scene.bones:
        if bone.name not in ("humerus", "capitellum", "trochlea"):
            continue
        seen = trace(bone, detector)
        assert seen is not None
        corners = np.array([part.point(u, v, s) for part in bone.parts for u in (-42, 42) for v in (-24, 24)
                            for s in (-8.0, part.length + 8.0)]) @ turn.T  # fmt: skip
        low, high = corners.min(axis=0), corners.max(axis=0)
        step = 1.0
        grid = np.stack(
            np.meshgrid(*(np.arange(a, b, step) for a, b in zip(low, high, strict=True)), indexing="ij"), -1
        )
        points = grid.reshape(-1, 3) @ turn
        inside = np.zeros(len(points), np.bool_)
        for part in bone.parts:
            u, v, s = ((points - part.origin) @ part.frame.T).astype(np.float32).T
            inside |= surfaces(part, u, v, s)[0] < 0
        volume = float((seen.cortical + seen.inner).sum()) * detector.spacing**2
        assert volume == pytest.approx(float(inside.sum()) * step**3, rel=0.03), bone.name
