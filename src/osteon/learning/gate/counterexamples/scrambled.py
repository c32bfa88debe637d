"""Radiographs whose content was destroyed: what is left of them has the greys and the grain of a radiograph, and no bone."""

from __future__ import annotations

import cv2
import numpy as np

from osteon.core.records import Pixels


def shuffled(rng: np.random.Generator, image: Pixels) -> Pixels:
    """The squares of a radiograph in random order."""
    count = int(rng.integers(3, 9))
    side = min(image.shape) // count
    rows, columns = image.shape[0] // side, image.shape[1] // side
    tiles = [
        image[row * side : (row + 1) * side, column * side : (column + 1) * side]
        for row in range(rows)
        for column in range(columns)
    ]
    order = rng.permutation(len(tiles))
    lines = [
        np.concatenate([tiles[index] for index in order[row * columns : (row + 1) * columns]], 1) for row in range(rows)
    ]
    return np.ascontiguousarray(np.concatenate(lines, 0), np.float32)


def phases(rng: np.random.Generator, image: Pixels) -> Pixels:
    """The spectrum of a radiograph with random phases, and its histogram."""
    spectrum = np.abs(np.fft.rfft2(image - image.mean()))
    noise = np.fft.rfft2(rng.standard_normal(image.shape))
    mixed = np.fft.irfft2(spectrum * noise / (np.abs(noise) + 1e-9), image.shape)
    ranks = np.empty(mixed.size, np.int64)
    ranks[np.argsort(mixed, axis=None)] = np.arange(mixed.size)
    return np.sort(image, axis=None)[ranks].reshape(image.shape).astype(np.float32)


def melted(rng: np.random.Generator, image: Pixels) -> Pixels:
    """A radiograph warped and blurred beyond recognition."""
    rows, columns = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    side = min(image.shape)
    waves = [rng.standard_normal((5, 5)).astype(np.float32) for _ in range(2)]
    down, across = (
        np.asarray(cv2.resize(wave, image.shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32) * side * 0.22
        for wave in waves
    )
    warped = cv2.remap(image, columns + across, rows + down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(cv2.GaussianBlur(warped, (0, 0), side * rng.uniform(0.01, 0.03)), np.float32)
