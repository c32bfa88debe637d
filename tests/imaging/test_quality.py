"""What must not be read, and what must."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from osteon.core.records import Pixels, Radiograph
from osteon.imaging import load
from osteon.imaging.quality import defects


def _limb(side: int = 300) -> Pixels:
    """A bright shaft within soft tissue on black."""
    x = np.abs(np.linspace(-1, 1, side, dtype=np.float32))[None, :].repeat(side, 0)
    tissue = np.clip(0.6 - x, 0, 1) * 0.7
    noise = np.random.default_rng(0).normal(0, 0.01, x.shape).astype(np.float32)
    return np.asarray(np.clip(tissue + (x < 0.15) * 0.4 + noise, 0, 1), np.float32)


def _page(paper: int, ink: int, size: int) -> Pixels:
    image = Image.new("L", (1000, 800), paper)
    draw = ImageDraw.Draw(image)
    for row in range(20, 780, int(size * 1.4)):
        draw.text((20, row), "No fracture is seen. " * 8, fill=ink, font=ImageFont.load_default(size))
    return np.asarray(image, np.float32) / np.float32(255)


def test_a_limb_is_read() -> None:
    assert defects(Radiograph(_limb())) == ()


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_blank(level: float) -> None:
    assert "blank" in defects(Radiograph(np.full((200, 200), level, np.float32)))[0]


def test_nearly_blank() -> None:
    pixels = np.random.default_rng(0).normal(0.5, 0.005, (200, 200)).astype(np.float32)
    assert "blank" in defects(Radiograph(pixels))[0]


@pytest.mark.parametrize("shape", [(40, 300), (1, 1), (63, 63)])
def test_too_small(shape: tuple[int, int]) -> None:
    assert "too small" in defects(Radiograph(np.zeros(shape, np.float32)))[0]


def test_strip() -> None:
    assert "strip" in " ".join(defects(Radiograph(np.tile(_limb(100), (12, 1)))))


@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (0, 255), (30, 220)])
@pytest.mark.parametrize("size", [14, 20, 36])
def test_pages_of_text(paper: int, ink: int, size: int) -> None:
    assert "not a radiograph" in " ".join(defects(Radiograph(_page(paper, ink, size))))


def test_noise() -> None:
    pixels = np.random.default_rng(0).random((400, 300), np.float32)
    assert "unrelated" in " ".join(defects(Radiograph(pixels)))


def test_colour() -> None:
    assert "in colour" in " ".join(defects(Radiograph(_limb(), colourfulness=0.12)))
    assert defects(Radiograph(_limb(), colourfulness=0.01)) == ()


@pytest.mark.real_data
def test_real_films_are_read(shared_data: Path) -> None:
    films = sorted((shared_data / "fracatlas" / "images" / "Fractured").glob("*.jpg"))[::15]
    films += sorted((shared_data / "dicom").glob("*_RLE.dcm"))
    assert len(films) > 30
    for film in films:
        for radiograph in load(film):
            assert defects(radiograph) == (), film.name
