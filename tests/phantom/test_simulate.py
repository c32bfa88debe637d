"""Pictures: determinism, range, and what a radiograph must look like."""

from __future__ import annotations

import numpy as np
import pytest

from osteon.core.labels import Laterality, View
from osteon.phantom.phantom import Phantom
from osteon.phantom.simulate import KINDS, build, simulate, simulate_pair


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_makes_one_picture(kind: str) -> None:
    first, second = simulate(kind, 11, size=160), simulate(kind, 11, size=160)
    np.testing.assert_array_equal(first.pixels, second.pixels)
    assert [finding.box for finding in first.findings] == [finding.box for finding in second.findings]
    assert not np.array_equal(first.pixels, simulate(kind, 12, size=160).pixels)


def test_the_order_of_views_does_not_matter() -> None:
    frontal, lateral = simulate_pair("forearm", 9, size=160)
    np.testing.assert_array_equal(lateral.pixels, simulate("forearm", 9, view=View.LATERAL, size=160).pixels)
    assert (frontal.age, frontal.sex, frontal.laterality) == (lateral.age, lateral.sex, lateral.laterality)


@pytest.mark.parametrize("size", [128, 224, 1024])
def test_every_size_shows_the_same_patient(size: int) -> None:
    small, large = (
        simulate("elbow", 21, size=256, finding="displaced"),
        simulate("elbow", 21, size=size, finding="displaced"),
    )
    assert max(large.pixels.shape) == size
    assert large.spacing * size == pytest.approx(small.spacing * 256, rel=0.01)
    scale = size / 256
    for one, other in zip(small.findings, large.findings, strict=True):
        np.testing.assert_allclose(np.array(other.box) / scale, np.array(one.box), atol=4.0)
        assert one.numbers == other.numbers


def test_pictures_are_radiographs(pairs: dict[str, tuple[Phantom, Phantom]]) -> None:
    for pair in pairs.values():
        for phantom in pair:
            picture = phantom.radiograph()
            assert picture.pixels.dtype == np.float32
            assert max(picture.pixels.shape) == 256
            assert picture.pixels.min() >= 0.0
            assert picture.pixels.max() <= 1.0
            assert picture.view is phantom.view
            assert np.percentile(phantom.pixels, 99) - np.percentile(phantom.pixels, 2) > 0.35


def test_bone_is_brighter_than_flesh_and_flesh_than_air() -> None:
    scene = build("forearm", 7, "normal")
    phantom = simulate("forearm", 7, size=320, finding="normal")
    from osteon.phantom.anatomy.scene import materials
    from osteon.phantom.simulate import aim

    camera = aim(scene, 7, View.FRONTAL, 320)
    maps = materials(scene, camera)
    pixels = phantom.pixels if scene.patient.side is Laterality.RIGHT else phantom.pixels[:, ::-1]
    inner = (slice(40, -40), slice(20, -20))
    bone, flesh = maps["bone"][inner] > 4.0, (maps["muscle"][inner] > 15.0) & (maps["bone"][inner] < 0.01)
    air = (maps["muscle"][inner] + maps["fat"][inner]) < 0.01
    levels = [float(np.median(pixels[inner][where])) for where in (bone, flesh, air)]
    assert levels[0] > levels[1] + 0.1
    assert levels[1] > levels[2] + 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "skull"}, "skull"),
        ({"kind": "hand", "finding": "distal"}, "distal"),
        ({"kind": "hand", "size": 10}, "64"),
        ({"kind": "hand", "view": View.OBLIQUE}, "oblique"),
    ],
)
def test_mistakes_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(**{"seed": 1, **arguments})  # pyright: ignore[reportArgumentType]
