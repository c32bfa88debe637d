"""The crop keeps the limb and all marked fractures, drops the black round it, and boxes find back to the image."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import numpy as np
import pytest

from osteon.core.geometry import Box
from osteon.core.records import Pixels
from osteon.imaging.crop.limb import find_limb
from osteon.imaging.load import load
from osteon.imaging.preprocess import Preprocessing, fit, place_region, to_canvas

CROPPED = Preprocessing(height=128, width=128, fit="letterbox", channels=1, mean=0.5, std=0.5, crop="limb")
WHOLE = Preprocessing(height=128, width=128, fit="letterbox", channels=1, mean=0.5, std=0.5)


def limb(
    *, shape: tuple[int, int] = (450, 370), x: int = 220, width: int = 80, top: int = 0, bottom: int = 330
) -> Pixels:
    """A limb on an uneven dark ground."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    pixels = 0.06 + 0.05 * columns / shape[1] + np.random.default_rng(0).normal(0, 0.004, shape)
    inside = (np.abs(columns - x) < width / 2) & (rows >= top) & (rows < bottom)
    pixels[inside] += 0.35 + 0.1 * np.cos((columns[inside] - x) / width * 3)
    return np.clip(pixels, 0, 1).astype(np.float32)


def holds(region: tuple[int, int, int, int], *, top: int, bottom: int, left: int, right: int, spare: int = 40) -> None:
    """The region holds a rectangle, and not much more."""
    assert top - spare <= region[0] <= top
    assert bottom <= region[1] <= bottom + spare
    assert left - spare <= region[2] <= left
    assert right <= region[3] <= right + spare


def test_what_is_left_is_the_limb() -> None:
    found = find_limb(limb())
    holds(found.region, top=0, bottom=330, left=180, right=260)
    assert found.views == (found.region,)


def test_letters_strips_and_frames_are_not_tissue() -> None:
    pixels = limb()
    pixels[40:58, 60:72] = 1.0  # a letter
    pixels[425:] = 0.95  # the edge of a cassette
    pixels[:, 360:] = 0.9
    pixels[:6] = 0.02
    holds(find_limb(pixels).region, top=0, bottom=330, left=180, right=260)


def test_two_views_are_told_apart() -> None:
    pixels = np.maximum(limb(x=80), limb(x=290))
    found = find_limb(pixels)
    assert len(found.views) == 2
    left, right = found.views
    assert 120 < left.right == right.left < 250
    pixels[:, 180:190] = 1.0  # a strip of lead between them
    assert len(find_limb(pixels).views) == 2
    assert (find_limb(pixels).region.left, find_limb(pixels).region.right) == (left.left, right.right)


@pytest.mark.parametrize("shape", [(16, 16), (40, 1000), (1000, 40), (450, 370)])
def test_where_there_is_nothing_to_tell_the_whole_is_kept(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    for pixels in (np.zeros(shape), np.ones(shape), random.random(shape), np.full(shape, 0.5)):
        assert find_limb(pixels.astype(np.float32)).region == (0, shape[0], 0, shape[1])


def test_bytes_and_shares_give_the_same_and_so_does_another_size() -> None:
    pixels = limb()
    samples = np.round(pixels * 255).astype(np.uint8)
    first, second, again = (find_limb(each).region for each in (pixels, samples, pixels.copy()))
    assert first == again
    assert np.abs(np.subtract(first, second)).max() <= 4
    large = np.kron(pixels, np.ones((6, 6), np.float32))
    assert np.abs(np.array(find_limb(large).region) / 6 - np.array(first)).max() <= 8


def test_the_canvas_shows_the_region_and_boxes_find_back() -> None:
    pixels = limb()
    pixels[200:210, 215:225] = 1.0
    fitted = fit(pixels, CROPPED)
    np.testing.assert_array_equal(fitted.canvas, to_canvas(pixels, CROPPED))
    rows, columns = np.nonzero(fitted.canvas > 0.9)
    seen = fitted.placement.to_source(Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    assert np.abs(np.subtract(seen, (215, 200, 225, 210))).max() < 5
    covered = fitted.canvas[fitted.covered]
    assert covered.min() > 0
    assert fitted.canvas.sum() == pytest.approx(covered.sum())
    assert fitted.placement == place_region(fitted.region, CROPPED)
    assert fitted.placement.scale_x > fit(pixels, WHOLE).placement.scale_x
    assert fit(pixels, WHOLE).region == (0, 450, 0, 370)


@pytest.mark.real_data
def test_no_marked_fracture_of_real_radiographs_is_cropped_away(shared_data: Path) -> None:
    root = shared_data / "fracatlas"
    marked = json.loads(next((root / "Annotations").rglob("*.json")).read_text("utf-8"))
    names = {image["id"]: image["file_name"] for image in marked["images"]}
    boxes: dict[str, list[list[float]]] = {}
    for mark in marked["annotations"]:
        boxes.setdefault(names[mark["image_id"]], []).append(mark["bbox"])
    with (root / "dataset.csv").open() as file:
        broken = {row["image_id"] for row in csv.DictReader(file) if row["fractured"] == "0"}
    shares: list[float] = []
    areas: list[float] = []
    seconds: list[float] = []
    for name in sorted(set(boxes) - broken)[::8]:
        pixels = load(root / "images" / "Fractured" / name)[0].pixels
        start = time.perf_counter()
        region = find_limb(pixels).region
        seconds.append(time.perf_counter() - start)
        areas.append(np.prod(region.shape) / pixels.size)
        for x, y, width, height in boxes[name]:
            across = max(0.0, min(x + width, region.right) - max(x, region.left)) / width
            down = max(0.0, min(y + height, region.bottom) - max(y, region.top)) / height
            shares.append(across * down)
    assert len(shares) > 70
    assert np.mean(np.array(shares) > 0.98) >= 0.98
    assert min(shares) > 0.5
    assert np.median(areas) < 0.85
    assert np.median(seconds) < 0.02  # 1 to 2 ms on an idle processor
