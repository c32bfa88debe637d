"""Films reach the network's canvas where ``place`` says, with the areas that they had, whatever their size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from osteon.core.geometry import Box
from osteon.imaging.preprocess import Preprocessing, place_on_canvas, prepare, to_canvas, to_input

LETTERBOX = Preprocessing(height=128, width=96, fit="letterbox", channels=1, mean=0.5, std=0.5)
STRETCH = Preprocessing(height=128, width=96, fit="stretch", channels=3, mean=0.0, std=1.0)


@pytest.mark.parametrize("how", [LETTERBOX, STRETCH])
@pytest.mark.parametrize("shape", [(64, 48), (373, 454), (511, 1023), (2500, 2000), (1, 999), (999, 3)])
def test_a_box_is_where_place_says(how: Preprocessing, shape: tuple[int, int]) -> None:
    rows, columns = shape
    placement = place_on_canvas(shape, how)
    canvas = to_canvas(np.ones(shape, np.float32), how)
    assert canvas.shape == (128, 96)
    whole = placement.to_canvas(Box(0, 0, columns, rows))
    lit = np.argwhere(canvas > 0.5)
    assert lit.min(0).tolist() == [round(whole.y0), round(whole.x0)]
    assert (lit.max(0) + 1).tolist() == [round(whole.y1), round(whole.x1)]
    back = placement.to_source(whole)
    assert np.allclose(back, (0, 0, columns, rows), atol=1e-9)


@pytest.mark.parametrize("shape", [(600, 500), (2048, 1536), (2501, 1999)])
def test_shrinking_keeps_areas(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    film = cv2.GaussianBlur(random.random(shape, np.float32), (0, 0), 6)
    canvas = to_canvas(film, LETTERBOX)
    placement = place_on_canvas(shape, LETTERBOX)
    size = round(shape[1] * placement.scale_x), round(shape[0] * placement.scale_y)
    once = cv2.resize(film, size, interpolation=cv2.INTER_AREA)
    part = canvas[int(placement.top) :, int(placement.left) :][: size[1], : size[0]]
    # A grey level of 255 is 0.004.
    assert np.abs(part - once).max() < 0.004
    assert abs(part.mean() - film.mean()) < 1e-3


def test_uint8_and_float_agree_to_a_grey_level() -> None:
    # Two roundings, of the halved film and of the canvas, of half a level each.
    random = np.random.default_rng(1)
    film = random.integers(0, 256, (900, 700), np.uint8)
    grey = to_canvas(film, LETTERBOX).astype(np.float32) / 255
    assert np.abs(grey - to_canvas(film.astype(np.float32) / 255, LETTERBOX)).max() <= 1.01 / 255


def test_input_is_scaled_and_repeated() -> None:
    canvas = np.full((128, 96), 0.25, np.float32)
    assert to_input(canvas, LETTERBOX).shape == (1, 128, 96)
    assert np.allclose(to_input(canvas, LETTERBOX), -0.5)
    assert to_input(canvas, STRETCH).shape == (3, 128, 96)
    assert prepare(np.ones((10, 10), np.float32), STRETCH).dtype == np.float32


def test_refuses_what_no_network_takes() -> None:
    with pytest.raises(ValueError, match="at least 16 x 16"):
        Preprocessing(height=8, width=64, fit="stretch", channels=1, mean=0, std=1)
    with pytest.raises(ValueError, match="positive std"):
        Preprocessing(height=64, width=64, fit="stretch", channels=1, mean=0, std=0)
