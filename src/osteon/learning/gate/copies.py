"""Copies of radiographs as they come in practice: mirrored, turned, squeezed, compressed, inverted, cropped and more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from osteon.core.records import Pixels
from osteon.evaluation.robustness.corruptions import rotate


def _mirrored(_rng: np.random.Generator, image: Pixels) -> Pixels:
    return np.ascontiguousarray(image[:, ::-1])


def _turned(rng: np.random.Generator, image: Pixels) -> Pixels:
    return np.ascontiguousarray(np.rot90(image, int(rng.choice([1, 2, 3]))))


def _tilted(rng: np.random.Generator, image: Pixels) -> Pixels:
    return rotate(image, float(rng.uniform(5, 85)), rng)


def _squeezed(rng: np.random.Generator, image: Pixels) -> Pixels:
    factor = float(rng.uniform(0.8, 1.25))
    size = (max(32, round(image.shape[1] * factor)), image.shape[0])
    return np.asarray(
        cv2.resize(image, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR), np.float32
    )


def _compressed(_rng: np.random.Generator, image: Pixels) -> Pixels:
    coded = cv2.imencode(".jpg", np.round(image * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 50])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.float32) / np.float32(255)


def _inverted(_rng: np.random.Generator, image: Pixels) -> Pixels:
    return (1 - image).astype(np.float32)


def _cropped(rng: np.random.Generator, image: Pixels) -> Pixels:
    height, width = (max(64, int(side * rng.uniform(0.7, 1.0))) for side in image.shape)
    top, left = (
        int(rng.integers(0, max(1, side - kept + 1))) for side, kept in zip(image.shape, (height, width), strict=True)
    )
    return np.ascontiguousarray(image[top : top + height, left : left + width])


def _shown(rng: np.random.Generator, image: Pixels) -> Pixels:
    low, high = rng.uniform(0, 0.12), rng.uniform(0.85, 1.0)
    return (np.clip((image - low) / (high - low), 0, 1) ** rng.uniform(0.7, 1.4)).astype(np.float32)


def _degraded(rng: np.random.Generator, image: Pixels) -> Pixels:
    blurred = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.6))
    return np.clip(blurred + rng.normal(0, rng.uniform(0, 0.03), image.shape), 0, 1).astype(np.float32)


COPIES: Final[dict[str, Callable[[np.random.Generator, Pixels], Pixels]]] = {
    "mirrored": _mirrored,
    "turned by 90, 180 or 270 degrees": _turned,
    "turned by 5 to 85 degrees": _tilted,
    "squeezed to 0.8 to 1.25 of its width": _squeezed,
    "JPEG at quality 50": _compressed,
    "inverted": _inverted,
    "cropped": _cropped,
    "another window": _shown,
    "blurred and noisy": _degraded,
}
"""What is done to a radiograph (H, W) in [0, 1], by name."""
