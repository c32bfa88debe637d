"""Pictures of films, as arrays."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator


def picture(film: Locator) -> NDArray[np.int16]:
    """What the screen shows of a film, RGB, shape (H, W, 3), without its rim, on which words and the mark stand."""
    shot = np.asarray(Image.open(io.BytesIO(film.screenshot())).convert("RGB")).astype(np.int16)
    return shot[30:-34, 3:-3]


def changed(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """Share of the pixels that differ visibly."""
    return float((np.abs(one - other).max(axis=2) > 12).mean())


def coloured(shot: NDArray[np.int16]) -> float:
    """Share of the pixels that are not grey: films are."""
    return float((shot.max(axis=2) - shot.min(axis=2) > 24).mean())


def bright(shot: NDArray[np.int16]) -> tuple[int, int, int, int]:
    """The rectangle about what is brighter than any bone: left, top, right, bottom, in pixels of the screen."""
    rows, columns = np.nonzero(shot.min(axis=2) > 200)
    return int(columns.min()) + 3, int(rows.min()) + 30, int(columns.max()) + 4, int(rows.max()) + 31
