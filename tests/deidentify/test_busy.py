"""Pictures with tens of thousands of strokes cost about the time and memory of others of their size."""

from __future__ import annotations

import time
import tracemalloc

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from osteon.deidentify.text.text import find_text

SIDE = 1600


def dots(pitch: int, size: int) -> NDArray[np.uint8]:
    """A screened print, or a phantom with holes."""
    picture = np.full((SIDE, SIDE), 40, np.uint8)
    for top in range(4, SIDE - 12, pitch):
        for left in range(4, SIDE - 12, pitch):
            picture[top : top + size, left : left + size] = 220
    return picture


def letters() -> NDArray[np.uint8]:
    """A page full of letters."""
    random, picture = np.random.default_rng(0), np.zeros((SIDE, SIDE), np.uint8)
    for top in range(14, SIDE, 12):
        text = "".join(chr(65 + letter) for letter in random.integers(0, 26, 150))
        cv2.putText(picture, text, (4, top), 0, 0.35, 255, 1)
    return picture


def specks() -> NDArray[np.uint8]:
    """Specks at random, of the size of letters."""
    small = (np.random.default_rng(0).random((SIDE // 4, SIDE // 4)) < 0.2).astype(np.uint8) * 255
    return np.asarray(cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST), np.uint8)


PICTURES = {"dots": lambda: dots(10, 7), "sparse dots": lambda: dots(18, 9), "letters": letters, "specks": specks}


@pytest.mark.parametrize("kind", PICTURES)
def test_busy_pictures_are_searched_in_bounded_time_and_memory(kind: str) -> None:
    picture = PICTURES[kind]()
    tracemalloc.start()
    before = time.process_time()
    find_text(picture)
    taken, peak = time.process_time() - before, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 20  # half a second on an idle machine
    assert peak < 400 * 2**20
