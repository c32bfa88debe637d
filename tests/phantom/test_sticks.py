"""Many sticks at once are what they are one by one."""

from __future__ import annotations

import numpy as np
import pytest

from osteon.core.labels import View
from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.shapes import Bone, End
from osteon.phantom.geometry.silhouettes import ring, tube
from osteon.phantom.geometry.space import frame, rotation
from osteon.phantom.simulate import aim, build
from osteon.phantom.tracing.rays import trace
from osteon.phantom.tracing.sticks import is_stick, trace_sticks


@pytest.mark.parametrize("view", [View.FRONTAL, View.LATERAL])
def test_the_arches_of_a_spine_weigh_the_same(view: View) -> None:
    scene = build("spine", 3, "normal")
    camera = aim(scene, 3, view, 320)
    sticks = [bone for bone in scene.bones if is_stick(bone)]
    assert len(sticks) > 50
    bundle = trace_sticks(sticks, camera)
    assert bundle is not None
    together = np.bincount(
        bundle.pixels, weights=bundle.cortical + bundle.inner, minlength=camera.height * camera.width
    )
    apart = np.zeros((camera.height, camera.width))
    for bone in sticks:
        seen = trace(bone, camera)
        if seen is not None:
            apart[seen.rows, seen.columns] += seen.cortical + seen.inner
    assert together.sum() == pytest.approx(apart.sum(), rel=0.03)
    assert np.corrcoef(together, apart.ravel())[0, 1] > 0.995


@pytest.mark.parametrize("yaw", [0.0, 40.0, 90.0])
def test_a_stick_has_the_volume_of_a_cylinder(yaw: float) -> None:
    flat = End(rounding=0.0, plate=0.0)
    part = tube(
        np.array([-10.0, 0.0, 0.0]), frame(np.array([1.0, 0.2, 0.0])), 20.0, [ring(0.0, 5.0), ring(1.0, 5.0)],
        start=flat, stop=flat,
    )  # fmt: skip
    bundle = trace_sticks([Bone("rod", (part,))], Camera(rotation("y", yaw), -25.0, -25.0, 0.25, 200, 200))
    assert bundle is not None
    volume = float((bundle.cortical + bundle.inner).sum()) * 0.25**2
    assert volume == pytest.approx(np.pi * 25 * 20, rel=0.04)


def test_sticks_outside_the_field_are_not_traced() -> None:
    part = tube(np.array([500.0, 0.0, 0.0]), np.eye(3), 20.0, [ring(0.0, 5.0), ring(1.0, 5.0)])
    assert trace_sticks([Bone("rod", (part,))], Camera(np.eye(3), -25.0, -25.0, 0.5, 100, 100)) is None
