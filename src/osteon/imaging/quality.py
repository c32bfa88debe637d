"""Is this a radiograph at all? Cheap checks that hold for every bundle.

The thresholds leave room on both sides of what was measured. The 3,412 whole images of FracAtlas and 15 computed
radiographs: colourfulness 0, spread at least 0.27, correlation at least 0.69, white share at most 0.45 (an image whose
border is white), steep share at most 0.04. Three colour photographs: colourfulness at least 0.11. Pages of text: a
white share above 0.82, a correlation below 0.53 or a steep share above 0.28. Noise: a correlation below 0.1. A
photograph without colour passes: telling it apart is for the bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.records import Pixels, Radiograph

SMALLEST_SIDE: Final = 64
"""Pixels. A bundle's own minimum may be higher."""
_LONGEST: Final = 10.0
_COLOURFUL: Final = 0.04
_FLAT: Final = 0.08
_UNRELATED: Final = 0.6
_WHITE: Final = 0.7
_STEEP: Final = 0.1

_SIDE: Final = 256
_BRIGHT: Final = 250 / 255
_STEP: Final = 0.2
_EVEN: Final = 0.05
"""A standard deviation below which the centre of an image says nothing about its texture."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the checks look at.

    Attributes:
        spread: difference between the 99th and the 1st percentile of the pixels.
        correlation: of pixels with their right neighbours; of two scales (all at 256 pixels, the centre) the lower.
        white: share of pixels at or above 250 of 255.
        steep: share of horizontal steps above 0.2 in the image at 256 pixels.
    """

    spread: float
    correlation: float
    white: float
    steep: float


def measure(pixels: Pixels) -> Statistics:
    """Measure an image (H, W) in [0, 1]; about a millisecond whatever its size."""
    import cv2

    rows, columns = pixels.shape
    step = max(1, max(rows, columns) // (2 * _SIDE))
    few = np.ascontiguousarray(pixels[::step, ::step])
    scale = min(1.0, _SIDE / max(few.shape))
    size = max(2, round(few.shape[1] * scale)), max(2, round(few.shape[0] * scale))
    small = np.asarray(cv2.resize(few, size, interpolation=cv2.INTER_AREA), np.float32)
    shares = np.cumsum(np.bincount((small * 255).astype(np.uint8).ravel(), minlength=256)) / small.size
    low, high = np.searchsorted(shares, [0.01, 0.99])
    top, left = max(0, (rows - _SIDE) // 2), max(0, (columns - _SIDE) // 2)
    centre = pixels[top : top + _SIDE, left : left + _SIDE]
    seen = [_correlation(small), *([_correlation(centre)] if centre.std() > _EVEN else [])]
    return Statistics(
        spread=float(high - low) / 255,
        correlation=min(seen),
        white=float((few >= _BRIGHT).mean()),
        steep=float((np.abs(np.diff(small, axis=1)) > _STEP).mean()),
    )


def _correlation(pixels: Pixels) -> float:
    """Pearson's correlation of pixels with their right neighbours; 1 where the image does not vary."""
    left, right = pixels[:, :-1] - pixels[:, :-1].mean(), pixels[:, 1:] - pixels[:, 1:].mean()
    norm = float(np.sqrt(np.square(left).sum() * np.square(right).sum()))
    return float((left * right).sum()) / norm if norm > 1e-6 else 1.0


def defects(radiograph: Radiograph, minimum: int = SMALLEST_SIDE) -> tuple[Refusal, ...]:
    """Why this must not be read as a radiograph; empty where it may.

    Args:
        radiograph: to check.
        minimum: pixels that a bundle needs on a side; ``SMALLEST_SIDE`` at least are needed anyway.
    """
    short, long = sorted((radiograph.height, radiograph.width))
    size = {"width": radiograph.width, "height": radiograph.height}
    found: list[Refusal] = []
    if short < max(minimum, SMALLEST_SIDE):
        found.append(Refusal(RefusalCode.TOO_SMALL, {**size, "minimum": max(minimum, SMALLEST_SIDE)}))
    if short < SMALLEST_SIDE:
        return tuple(found)
    if long > _LONGEST * short:
        found.append(Refusal(RefusalCode.STRIP, size))
    if radiograph.colourfulness > _COLOURFUL:
        found.append(Refusal(RefusalCode.COLOUR))
    seen = measure(radiograph.pixels)
    if seen.spread < _FLAT:
        found.append(Refusal(RefusalCode.BLANK))
        return tuple(found)
    if seen.white > _WHITE:
        found.append(Refusal(RefusalCode.WHITE))
    if seen.correlation < _UNRELATED:
        found.append(Refusal(RefusalCode.UNRELATED_PIXELS))
    elif seen.steep > _STEEP:
        found.append(Refusal(RefusalCode.HARD_EDGES))
    return tuple(found)
