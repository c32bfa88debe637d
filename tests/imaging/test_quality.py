"""What must not be read, and what must."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from osteon.core.codes.refusal import Refusal, RefusalCode
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


def codes(pixels: Pixels) -> list[RefusalCode]:
    return [refusal.code for refusal in defects(Radiograph(pixels))]


def test_a_limb_is_read() -> None:
    assert defects(Radiograph(_limb())) == ()


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_blank(level: float) -> None:
    assert codes(np.full((200, 200), level, np.float32)) == [RefusalCode.BLANK]


def test_nearly_blank() -> None:
    pixels = np.random.default_rng(0).normal(0.5, 0.005, (200, 200)).astype(np.float32)
    assert codes(pixels) == [RefusalCode.BLANK]


@pytest.mark.parametrize("shape", [(40, 300), (1, 1), (63, 63)])
def test_too_small(shape: tuple[int, int]) -> None:
    size = {"width": shape[1], "height": shape[0], "minimum": 64}
    assert defects(Radiograph(np.zeros(shape, np.float32))) == (Refusal(RefusalCode.TOO_SMALL, size),)


def test_a_bundle_may_need_more_pixels() -> None:
    """One refusal, whether the image is below the one limit or below both."""
    small = Radiograph(_limb(100))
    assert [refusal.values["minimum"] for refusal in defects(small, 160)] == [160]
    assert [refusal.values["minimum"] for refusal in defects(Radiograph(_limb(40)), 160)] == [160]
    assert defects(small, 100) == ()


def test_strip() -> None:
    assert RefusalCode.STRIP in codes(np.tile(_limb(100), (12, 1)))


@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (0, 255), (30, 220)])
@pytest.mark.parametrize("size", [14, 20, 36])
def test_pages_of_text(paper: int, ink: int, size: int) -> None:
    assert set(codes(_page(paper, ink, size))) & {
        RefusalCode.WHITE,
        RefusalCode.UNRELATED_PIXELS,
        RefusalCode.HARD_EDGES,
    }


def test_noise() -> None:
    pixels = np.random.default_rng(0).random((400, 300), np.float32)
    assert RefusalCode.UNRELATED_PIXELS in codes(pixels)


def test_colour() -> None:
    assert defects(Radiograph(_limb(), colourfulness=0.12)) == (Refusal(RefusalCode.COLOUR),)
    assert defects(Radiograph(_limb(), colourfulness=0.01)) == ()


@pytest.mark.real_data
def test_real_films_are_read(shared_data: Path) -> None:
    films = sorted((shared_data / "fracatlas" / "images" / "Fractured").glob("*.jpg"))[::15]
    films += sorted((shared_data / "dicom").glob("*_RLE.dcm"))
    assert len(films) > 30
    for film in films:
        for radiograph in load(film):
            assert defects(radiograph) == (), film.name
