"""Counterexamples and copies are images, the same for the same seed, and each kind belongs to a family."""

from __future__ import annotations

import numpy as np
import pytest

from osteon.core.records import Pixels
from osteon.learning.gate.copies import COPIES
from osteon.learning.gate.counterexamples import DESTROYED, SYNTHETIC
from osteon.learning.gate.counterexamples.packages import shipped_images, windowed
from osteon.learning.gate.families import FAMILIES, RADIOGRAPHIC, UNSEEN, family_of
from osteon.phantom.simulate import simulate


def check(image: Pixels) -> None:
    assert image.dtype == np.float32
    assert image.ndim == 2
    assert min(image.shape) >= 64
    assert 0 <= image.min() < image.max() <= 1


@pytest.mark.parametrize("kind", SYNTHETIC)
def test_a_drawn_image_is_that_of_its_seed(kind: str) -> None:
    first, again, other = (SYNTHETIC[kind](np.random.default_rng(seed)) for seed in (1, 1, 2))
    check(first)
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)


@pytest.fixture(scope="module")
def radiograph() -> Pixels:
    return simulate("hand", 3, size=256).pixels


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_shows_the_same_and_is_not_the_same(name: str, radiograph: Pixels) -> None:
    copy, again = (COPIES[name](np.random.default_rng(4), radiograph) for _ in range(2))
    check(copy)
    assert np.array_equal(copy, again)
    assert copy.shape != radiograph.shape or not np.array_equal(copy, radiograph)


def test_inverted_and_mirrored_copies_are_that(radiograph: Pixels) -> None:
    rng = np.random.default_rng(0)
    assert np.allclose(COPIES["inverted"](rng, radiograph), 1 - radiograph)
    assert np.array_equal(COPIES["mirrored"](rng, radiograph)[:, ::-1], radiograph)


@pytest.mark.parametrize("name", DESTROYED)
def test_a_destroyed_radiograph_keeps_its_greys_and_loses_its_bones(name: str, radiograph: Pixels) -> None:
    image = DESTROYED[name](np.random.default_rng(5), radiograph)
    check(image)
    assert image.mean() == pytest.approx(radiograph.mean(), abs=0.12)
    if image.shape == radiograph.shape:
        assert abs(float(np.corrcoef(image.ravel(), radiograph.ravel())[0, 1])) < 0.9


def test_every_kind_has_one_family() -> None:
    kinds = [kind for family in FAMILIES.values() for kind in family]
    assert len(kinds) == len(set(kinds))
    assert {*SYNTHETIC, *DESTROYED, *RADIOGRAPHIC, *UNSEEN} <= {*kinds}
    assert family_of(np.array(["chest", "spine", "radiograph"])).tolist() == ["trunk and head", "trunk and head", ""]


@pytest.mark.filterwarnings("ignore::UserWarning")  # of defects that test files of packages have on purpose
def test_packages_ship_images_of_known_kinds() -> None:
    shipped = list(shipped_images(np.random.default_rng(0)))
    known = {kind for family in FAMILIES.values() for kind in family}
    assert "magnetic resonance (package)" in {image.kind for image in shipped}
    assert {image.kind for image in shipped} <= known
    for image in shipped:
        check(image.pixels)


def test_a_window_spans_the_values() -> None:
    assert windowed(np.linspace(-1000, 3000, 10_000).reshape(100, 100)).max() == 1
    assert windowed(np.zeros((8, 8), np.int16)).max() == 0
