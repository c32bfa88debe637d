"""Signatures find altered copies, and only those."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageOps

from osteon.data.duplicates.duplicates import TURNED, duplicates
from osteon.data.duplicates.hashes import collect, reduced
from osteon.data.duplicates.perceptual import from_text, matches, signatures, to_text, turned

COUNT = 24


def recoded(image: Image.Image) -> Image.Image:
    data = io.BytesIO()
    image.convert("L").save(data, "JPEG", quality=60)
    return Image.open(data)


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "re-encoded": recoded,
    "rescaled": lambda image: image.resize((image.width * 2 // 3, image.height * 2 // 3)),
    "mirrored": ImageOps.mirror,
    "upside down": ImageOps.flip,
    "turned": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "turned back": lambda image: image.transpose(Image.Transpose.ROTATE_270),
    "inverted": ImageOps.invert,
}


@pytest.fixture(scope="module")
def originals() -> list[Image.Image]:
    """Clouds, whose energy falls with the frequency as in radiographs."""
    made: list[Image.Image] = []
    for seed in range(COUNT):
        random = np.random.default_rng(seed)
        total = np.zeros((200, 160))
        for octave in range(6):
            coarse = random.random((4 << octave, 3 << octave)).astype(np.float32)
            large = Image.fromarray(coarse).resize((160, 200), Image.Resampling.BICUBIC)
            total += np.asarray(large) / (1 << octave)
        made.append(Image.fromarray((255 * (total - total.min()) / np.ptp(total)).astype(np.uint8)))
    return made


def small(images: list[Image.Image]) -> np.ndarray:
    return np.stack([reduced(np.asarray(image.convert("L"))).picture for image in images])


@pytest.mark.parametrize("change", CHANGES)
def test_altered_copies_are_found(change: str, originals: list[Image.Image]) -> None:
    copies = [recoded(CHANGES[change](image)) for image in originals]
    found = matches(small(copies), signatures(small(originals)))
    assert [(match.query, match.known) for match in found] == [(row, row) for row in range(COUNT)]


def test_other_images_are_not(originals: list[Image.Image]) -> None:
    assert matches(small(originals[:12]), signatures(small(originals[12:]))) == []
    assert matches(small(originals), signatures(small(originals)[:0])) == []


def test_text_keeps_signatures(originals: list[Image.Image]) -> None:
    made = signatures(small(originals))
    assert (from_text(to_text(made)) == made).all()
    assert from_text([]).shape == (0, 4)
    for damaged in (["00"], ["g" * 64]):
        with pytest.raises(ValueError, match="hexadecimal"):
            from_text(damaged)


@pytest.mark.parametrize(("quarters", "mirrored"), TURNED)
def test_turned_copies_are_duplicates(quarters: int, mirrored: bool, originals: list[Image.Image]) -> None:
    pictures = small(originals)
    copy = turned(pictures[3:4], quarters, mirrored=mirrored)[0]
    prints = collect([str(row) for row in range(COUNT + 1)], [reduced(picture) for picture in (*pictures, copy)])
    (found,) = duplicates(prints)
    assert (found.first, found.second) == (3, COUNT)
    assert found.correlation >= 0.98
