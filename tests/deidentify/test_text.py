"""Burned-in text is found; side markers and radiographs without text are left alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from osteon.deidentify.text.text import find_text
from osteon.deidentify.text.views import search_text

Grey = NDArray[np.uint8]
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX)
WORDS = ("DOE JOHN", "12.03.1957", "ID 483920", "Smith Anna", "MRN 0042")


def background(random: np.random.Generator, rows: int = 600, columns: int = 500) -> Grey:
    """Something soft like a radiograph: a limb, scatter and noise. Simulated."""
    image = np.full((rows, columns), 30.0)
    cv2.ellipse(image, (columns // 2, rows // 2), (columns // 4, rows), 3, 0, 360, 110.0, -1)
    cv2.ellipse(image, (columns // 2, rows // 2), (columns // 10, rows), 3, 0, 360, 190.0, -1)
    image = cv2.GaussianBlur(image, (0, 0), 5) + random.normal(0, 3, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def write(image: Grey, text: str, place: tuple[int, int], height: int, value: int, font: int = FONTS[0]) -> Grey:
    thickness = max(1, height // 10)
    scale = cv2.getFontScaleFromHeight(font, height, thickness)
    return np.asarray(cv2.putText(image.copy(), text, place, font, scale, value, thickness, cv2.LINE_AA), np.uint8)


def covered(before: Grey, after: Grey) -> float:
    """Share of the changed pixels that lies in the boxes."""
    changed = before != after
    inside = np.zeros_like(changed)
    for line in find_text(after):
        box = line.box
        inside[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = True
    return float((changed & inside).sum() / changed.sum())


@pytest.mark.parametrize("height", [14, 20, 30, 44])
@pytest.mark.parametrize("value", [255, 0])
@pytest.mark.parametrize("font", FONTS)
def test_text_in_the_margin_is_found(height: int, value: int, font: int) -> None:
    random = np.random.default_rng(height)
    image = background(random) if value else np.asarray(255 - background(random), np.uint8)
    for text in WORDS:
        assert covered(image, write(image, text, (6, height + 8), height, value, font)) > 0.95, text


def test_text_over_bone_and_turned_text_are_found() -> None:
    image = background(np.random.default_rng(3))
    assert covered(image, write(image, "DOE JOHN", (190, 300), 20, 255)) > 0.95
    turned = np.ascontiguousarray(np.rot90(write(image, "ID 483920", (20, 40), 20, 255)))
    assert covered(np.ascontiguousarray(np.rot90(image)), turned) > 0.95


@pytest.mark.parametrize("marker", ["L", "R", "RT"])
def test_side_markers_are_left(marker: str) -> None:
    image = background(np.random.default_rng(4))
    assert find_text(write(image, marker, (20, 60), 34, 255)) == []


def test_films_without_text_are_left() -> None:
    for seed in range(5):
        assert find_text(background(np.random.default_rng(seed))) == []
    assert find_text(np.zeros((4, 5), np.uint8)) == []
    assert find_text(np.full((2000, 1500), 9, np.uint8)) == []


def test_large_films_give_boxes_in_their_own_pixels() -> None:
    image = cv2.resize(background(np.random.default_rng(5)), (2500, 3000))
    written = write(np.asarray(image, np.uint8), "DOE JOHN", (100, 2900), 60, 255)
    assert covered(np.asarray(image, np.uint8), written) > 0.95


@pytest.mark.real_data
@pytest.mark.slow
def test_rates_on_real_films(shared_data: Path) -> None:
    """On every 35th radiograph: how often text is flagged, and how much of drawn text is found."""
    paths = sorted((shared_data / "fracatlas" / "images").glob("*/*.jpg"))[::35]
    random = np.random.default_rng(6)
    flagged = films = found = 0
    for path in paths:
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
        if image is None:
            continue
        image = np.asarray(image, np.uint8)
        if search_text(image):
            flagged += 1
            continue
        films += 1
        height = int(random.integers(11, 40))
        place = (5, height + 6) if random.random() < 0.5 else (image.shape[1] // 4, int(image.shape[0] * 0.6))
        rows, columns = slice(place[1] - height, place[1]), slice(place[0], place[0] + 5 * height)
        value = 255 if np.median(image[rows, columns]) < 128 else 0
        found += covered(image, write(image, "DOE 1957", place, height, value)) > 0.3
    assert found / films > 0.85
    assert flagged / len(paths) < 0.15
