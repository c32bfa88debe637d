"""The trabecular pattern: a tile of correlated noise, longer along the bone than across it."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Seed = int | np.integer | NDArray[np.integer]

TILE: int = 512
"""Edge of the tile, in cells; a power of two."""

CELL: float = 0.18
"""Size of a cell, mm."""


@functools.cache
def trabeculae() -> Array:
    """A periodic tile of mean 0 and standard deviation 1: struts along the rows' direction and fewer across it."""
    random = np.random.default_rng(20)

    def noise(along: float, across: float) -> Array:
        white = random.standard_normal((TILE, TILE)).astype(np.float32)
        wrapped = np.pad(white, 96, mode="wrap")
        soft = cv2.GaussianBlur(wrapped, (0, 0), sigmaX=across, sigmaY=along)[96:-96, 96:-96]
        return np.asarray(soft / soft.std(), dtype=np.float32)

    tile = 0.62 * noise(6.0, 1.5) + 0.38 * noise(1.5, 4.0) + 0.35 * noise(2.0, 2.0) + 0.4 * noise(18.0, 14.0)
    return np.asarray(tile / tile.std(), dtype=np.float32)


def look_up(along: Array, across: Array, seed: Seed) -> Array:
    """The pattern at positions in mm; `seed` shifts the tile so that no two bones are alike."""
    row = (along * np.float32(1 / CELL)).astype(np.int32) + np.asarray(seed * 131 % TILE, dtype=np.int32)
    column = (across * np.float32(1 / CELL)).astype(np.int32) + np.asarray(seed * 57 % TILE, dtype=np.int32)
    return trabeculae().ravel().take((row & (TILE - 1)) * np.int32(TILE) + (column & (TILE - 1)))
