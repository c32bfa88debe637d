"""Augmentation moves boxes with the image, draws the same for the same seed, and never leaves [0, 1]."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.learning.inputs.augment import augment, draw_affine, draw_table, places
from osteon.learning.recipes import find

RECIPE = find("fracatlas")


def spot(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A black canvas with one bright box, and the box."""
    random = np.random.default_rng(seed)
    canvas = np.zeros((512, 512), np.uint8)
    x, y = random.integers(160, 320, 2)
    canvas[y : y + 24, x : x + 40] = 255
    return canvas, np.array([[x, y, x + 40, y + 24]], np.float32)


@pytest.mark.parametrize("seed", range(20))
def test_the_box_goes_where_the_finding_goes(seed: int) -> None:
    canvas, boxes = spot(seed)
    pixels, moved = augment(canvas, boxes, RECIPE.preprocessing, RECIPE.augmentation, np.random.default_rng(seed))
    assert pixels.shape == (448, 448)
    assert pixels.min() >= 0
    assert pixels.max() <= 1
    rows, columns = np.nonzero(pixels > (pixels.max() + np.median(pixels)) / 2)
    centre = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
    assert np.abs((moved[0, :2] + moved[0, 2:]) / 2 - centre).max() < 3


def test_same_seed_same_picture() -> None:
    canvas, boxes = spot(0)
    once, again = (
        augment(canvas, boxes, RECIPE.preprocessing, RECIPE.augmentation, np.random.default_rng((1, 2)))
        for _ in range(2)
    )
    np.testing.assert_array_equal(once[0], again[0])
    np.testing.assert_array_equal(once[1], again[1])


def test_places_hold_the_centres_in_the_box_and_at_least_one() -> None:
    how = RECIPE.preprocessing
    wide = places(np.array([[16, 32, 64, 48]], np.float32), how, 16)
    assert wide.sum() == 3
    assert wide[2, 1:4].all()
    tiny = places(np.array([[100.0, 100.0, 102.0, 102.0]], np.float32), how, 16)
    assert tiny.sum() == 1
    assert tiny[6, 6] == 1
    outside = places(np.array([[-50.0, -50.0, -10.0, -10.0]], np.float32), how, 16)
    assert outside.sum() == 0


def test_worn_films_keep_the_finding_and_lose_detail() -> None:
    canvas, boxes = spot(3)
    worn = RECIPE.phases[2].augmentation
    assert worn is not None
    still = {"rotation": 0.0, "zoom": 0.0, "shift": 0.0, "shear": 0.0, "flip_horizontal": 0.0, "flip_vertical": 0.0}
    still |= {"tone_share": 0.0}
    always = replace(worn, **still, blur_share=1.0, noise_share=1.0, shrink_share=1.0, jpeg_share=1.0, jpeg=10)
    clean = replace(always, blur_share=0.0, noise_share=0.0, shrink_share=0.0, jpeg_share=0.0)
    for seed in range(10):
        pixels, moved = augment(canvas, boxes, RECIPE.preprocessing, always, np.random.default_rng(seed))
        before, same = augment(canvas, boxes, RECIPE.preprocessing, clean, np.random.default_rng(seed))
        assert pixels.shape == before.shape
        assert pixels.dtype == np.float32
        assert pixels.min() >= 0
        assert pixels.max() <= 1
        np.testing.assert_array_equal(moved, same)
        difference = np.abs(pixels - before)
        assert difference.max() > 0.2  # its edges are soft
        assert difference.mean() < 0.1
        x0, y0, x1, y1 = moved[0].round().astype(int)
        assert pixels[y0 + 8 : y1 - 8, x0 + 8 : x1 - 8].mean() > 0.6


def test_a_change_that_is_off_moves_no_draw() -> None:
    canvas, boxes = spot(4)
    base = RECIPE.augmentation
    assert base.jpeg_share == base.shrink_share == 0
    random, other = np.random.default_rng(5), np.random.default_rng(5)
    augment(canvas, boxes, RECIPE.preprocessing, base, random)
    augment(canvas, boxes, RECIPE.preprocessing, replace(base, jpeg=20, shrink=3.0), other)
    assert random.random() == other.random()


def test_even_factors_are_those_of_keras() -> None:
    recipe = find("mobilenet_elbow/keras")
    still = replace(recipe.augmentation, rotation=0.0, shift=0.0, flip_horizontal=0.0, flip_vertical=0.0)
    random = np.random.default_rng(0)
    maps = np.array([draw_affine(224, recipe.preprocessing, still, random).matrix for _ in range(4000)])
    zooms = 1 / np.stack([maps[:, 0, 0], maps[:, 1, 1]])
    assert zooms.min() >= 0.8
    assert zooms.max() <= 1.2
    assert zooms.mean(1) == pytest.approx([1.0, 1.0], abs=0.01)  # uniform from 0.8 to 1.2
    assert zooms.std(1) == pytest.approx([0.4 / 12**0.5] * 2, abs=0.005)
    assert abs(np.corrcoef(zooms)[0, 1]) < 0.05  # each axis by itself
    gains = np.array([draw_table(still, random)[100] / (100 / 255) for _ in range(4000)])
    assert gains.min() >= 0.8 - 1e-6
    assert gains.max() <= 1.2 + 1e-6
    assert gains.mean() == pytest.approx(1.0, abs=0.01)


def test_other_factors_are_uniform_in_their_logarithm_and_alike_for_both_axes() -> None:
    recipe = find("mobilenet_elbow")
    still = replace(recipe.augmentation, rotation=0.0, shift=0.0, flip_horizontal=0.0, flip_vertical=0.0)
    random = np.random.default_rng(0)
    maps = np.array([draw_affine(224, recipe.preprocessing, still, random).matrix for _ in range(2000)])
    assert np.array_equal(maps[:, 0, 0], maps[:, 1, 1])
    assert np.log(maps[:, 0, 0]).mean() == pytest.approx(0.0, abs=0.01)
    tables = np.array([draw_table(still, random)[[100, 150]] for _ in range(200)])
    assert np.allclose(tables[:, 1] - tables[:, 0], 50 / 255, atol=1e-6)  # brightness is added


@pytest.mark.parametrize("seed", range(8))
def test_a_squeezed_and_turned_box_goes_with_its_finding(seed: int) -> None:
    canvas, boxes = spot(seed)
    settings = {"aspect": 0.4, "turn_share": 1.0}
    still = replace(
        RECIPE.augmentation, rotation=0.0, shear=0.0, zoom=0.0, flip_horizontal=0.0, flip_vertical=0.0, noise_share=0.0
    )
    pixels, moved = augment(
        canvas, boxes, RECIPE.preprocessing, replace(still, **settings), np.random.default_rng(seed)
    )
    rows, columns = np.nonzero(pixels > (pixels.max() + np.median(pixels)) / 2)
    seen = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    assert np.abs(moved[0] - seen).max() < 4
    width, height = moved[0, 2:] - moved[0, :2]
    assert width / height != pytest.approx(40 / 24, rel=0.01)


def test_squeezes_and_turns_that_are_off_change_no_picture() -> None:
    canvas, boxes = spot(0)
    first = augment(canvas, boxes, RECIPE.preprocessing, RECIPE.augmentation, np.random.default_rng(3))
    assert (RECIPE.augmentation.aspect, RECIPE.augmentation.turn_share) == (0.0, 0.0)
    other = replace(RECIPE.augmentation, aspect=0.3)
    second = augment(canvas, boxes, RECIPE.preprocessing, other, np.random.default_rng(3))
    assert not np.array_equal(first[0], second[0])
