"""Corruptions: pixels stay pixels, and each does what its words say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from osteon.core.records import Pixels
from osteon.evaluation.robustness.corruptions import (
    ATTENUATION,
    CORRUPTIONS,
    Corruption,
    expose,
    jpeg,
    mask_border,
    mirror,
    quantum_noise,
    rotate,
    shrink,
    squeeze,
)
from osteon.evaluation.robustness.markers import markers, painted, without_markers

CONDITIONS = [(one, level) for one in CORRUPTIONS for level in one.levels]


@pytest.fixture
def film() -> Pixels:
    """A bone on a dark ground, 240 x 180."""
    y, x = np.mgrid[0:240, 0:180].astype(np.float32)
    bone = 0.6 * np.exp(-(((x - 90) / 25) ** 2)) * (0.9 + 0.1 * np.cos(y / 20))
    return (0.08 + bone).astype(np.float32)


@pytest.mark.parametrize(("one", "level"), CONDITIONS, ids=[f"{one.name}-{level:g}" for one, level in CONDITIONS])
def test_pixels_stay_pixels(one: Corruption, level: float, film: Pixels) -> None:
    before = film.copy()
    first, second = (one.change(film, level, np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(film, before)
    np.testing.assert_array_equal(first, second)
    assert first.dtype == np.float32
    assert first.ndim == 2
    assert first.min() >= 0
    assert first.max() <= 1
    assert one.words
    assert len({each.name for each in CORRUPTIONS}) == len(CORRUPTIONS)


@pytest.mark.parametrize("name", ["blur", "noise", "jpeg", "border"])
def test_severity_rises_with_the_level(name: str, film: Pixels) -> None:
    one = next(each for each in CORRUPTIONS if each.name == name)
    changes = [float(np.abs(one.change(film, level, np.random.default_rng(0)) - film).mean()) for level in one.levels]
    assert changes == sorted(changes)
    assert changes[0] > 0


def test_squeezing_changes_the_width_alone_and_mirroring_is_undone_by_itself(film: Pixels) -> None:
    random = np.random.default_rng(0)
    for level, width in ((0.8, 144), (1.25, 225)):
        narrow = squeeze(film, level, random)
        assert narrow.shape == (240, width)
        assert narrow.mean() == pytest.approx(film.mean(), abs=2e-3)
    np.testing.assert_array_equal(mirror(mirror(film, 1, random), 1, random), film)
    assert (mirror(film, 1, random)[:, 0] == film[:, -1]).all()


def test_turning_keeps_everything(film: Pixels) -> None:
    quarter = rotate(film, 90, np.random.default_rng(0))
    assert quarter.shape == (180, 240)
    np.testing.assert_array_equal(np.sort(quarter.ravel()), np.sort(film.ravel()))
    np.testing.assert_array_equal(rotate(film, 180, np.random.default_rng(0)), film[::-1, ::-1])
    turned = rotate(film, 20, np.random.default_rng(0))
    assert turned.sum() == pytest.approx(film.sum(), rel=0.01)


def test_noise_is_that_of_photons() -> None:
    """Standard deviation of the logarithm of a Poisson count is one over the root of the count."""
    for grey in (0.1, 0.6):
        noisy = quantum_noise(np.full((500, 400), grey, np.float32), 10_000, np.random.default_rng(0))
        expected = 1 / (ATTENUATION * np.sqrt(10_000 * np.exp(-ATTENUATION * grey)))
        assert noisy.std() == pytest.approx(expected, rel=0.05)
        assert noisy.mean() == pytest.approx(grey, abs=0.002)
    # Half the size of a pixel: a quarter of the photons.
    fine = quantum_noise(np.full((1000, 800), 0.1, np.float32), 10_000, np.random.default_rng(0))
    assert fine.std() == pytest.approx(2 / (ATTENUATION * np.sqrt(10_000 * np.exp(-0.4))), rel=0.05)


def test_exposure_shifts_the_logarithm(film: Pixels) -> None:
    darker = expose(film, 0.2, np.random.default_rng(0))
    np.testing.assert_allclose(film - darker, 0.2 * np.log(2) / ATTENUATION, atol=1e-6)
    np.testing.assert_array_equal(expose(film, 0, np.random.default_rng(0)), film)


def test_jpeg_is_decoded_again(film: Pixels) -> None:
    good, bad = (jpeg(film, quality, np.random.default_rng(0)) for quality in (98, 5))
    assert good.shape == film.shape
    assert np.abs(good - film).max() < 0.02
    assert np.abs(bad - film).max() > 0.03


def test_small_films_are_not_shrunk(film: Pixels) -> None:
    assert shrink(film, 300, np.random.default_rng(0)) is film
    assert shrink(film, 120, np.random.default_rng(0)).shape == (120, 90)


def test_borders_are_masked(film: Pixels) -> None:
    masked = mask_border(film, 10, np.random.default_rng(0))
    assert not masked[:24].any()
    assert not masked[:, -18:].any()
    np.testing.assert_array_equal(masked[24:-24, 18:-18], film[24:-24, 18:-18])


@pytest.mark.parametrize("letter", ["L", "R"])
def test_a_painted_letter_is_found_and_removed(letter: str, film: Pixels) -> None:
    with_letter = painted(film, letter, 0.06)
    drawn = np.abs(with_letter - film) > 0.1
    rows = np.flatnonzero(drawn.any(axis=1))
    assert 12 <= rows[-1] - rows[0] <= 17
    assert rows[-1] < 80 or rows[0] > 160
    mask = markers(with_letter)
    assert mask[drawn].mean() > 0.95
    cleaned = without_markers(with_letter)
    assert np.abs(cleaned - film)[drawn].max() < 0.15
    np.testing.assert_array_equal(cleaned[~mask], with_letter[~mask])


def test_a_bone_is_no_marker(film: Pixels) -> None:
    assert not markers(film).any()
    assert without_markers(film) is film


@pytest.mark.parametrize("shape", [(8, 300), (300, 8), (1, 1), (16, 16)])
@pytest.mark.parametrize(
    "change", [one.change for one in CORRUPTIONS if one.name in ("blur", "marker_l", "no_marker", "border", "rotation")]
)
def test_odd_shapes_do_not_break(shape: tuple[int, int], change: Callable[..., Pixels]) -> None:
    changed = change(np.full(shape, 0.3, np.float32), 5, np.random.default_rng(0))
    assert 0 not in changed.shape
