"""Augmentation moves boxes with the image, draws the same for the same seed, and never leaves [0, 1]."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.learning.augment import augment, places
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
