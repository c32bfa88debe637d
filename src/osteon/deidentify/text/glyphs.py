"""Strokes extracted from an image, and those of them that may be characters.

Time and memory depend on the size of the image alone: the features of all components are computed together, by
sorting, so a screened print with tens of thousands of dots costs little more than a radiograph with a few hundred
strokes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Grey8 = NDArray[np.uint8]

_STROKE: Final = 13
"""Side of the filter, in pixels of a level: strokes up to about half of it are cut out."""
_CONTRAST: Final = 28
"""Least difference between a stroke and what is around it, of 255."""
_EVEN: Final = 0.30
"""Largest standard deviation within a character, as a part of its contrast."""
_SHARP, _BLURRED = 0.9, 0.6
"""Least median step within three pixels across its edge, as a part of its contrast: bones have
soft edges, burned-in text does not. A line needs sharp characters, and may then include blurred ones."""
_LOW, _HIGH = 7, 44
"""Height of a character in pixels of a level."""


@dataclass(frozen=True)
class Strokes:
    """Components of one polarity.

    Attributes:
        boxes: left, top, right, bottom of each, (N, 4).
        grey: mean brightness of each, (N,).
    """

    boxes: NDArray[np.float64]
    grey: NDArray[np.float64]


@dataclass(frozen=True)
class Glyphs:
    """Components that may be characters.

    Attributes:
        boxes: left, top, width, height of each, (N, 4).
        grey: median brightness of each, (N,).
        sharp: whether its edge is sharp, (N,).
    """

    boxes: NDArray[np.float64]
    grey: NDArray[np.float64]
    sharp: NDArray[np.bool_]


def cut_out(image: Grey8, operation: int) -> tuple[Strokes, Glyphs]:
    """All strokes brighter or darker than what is around them, and those of the size and shape of a character.

    Args:
        image: shape (H, W).
        operation: ``cv2.MORPH_TOPHAT`` for bright strokes, ``cv2.MORPH_BLACKHAT`` for dark ones.
    """
    response = np.asarray(cv2.morphologyEx(image, operation, np.ones((_STROKE, _STROKE), np.uint8)), np.uint8)
    # within a stroke the response is that of its contrast, on its blurred edge half of it: cut halfway, locally
    peak = cv2.dilate(response, np.ones((5, 5), np.uint8))
    mask = ((response >= _CONTRAST) & (response.astype(np.uint16) * 2 > peak)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, width, height, area = (stats[1:, column].astype(np.float64) for column in range(5))
    inside = mask.ravel() > 0
    of, values = np.asarray(labels, np.intp).ravel()[inside] - 1, image.ravel()[inside]
    means = np.bincount(of, weights=values, minlength=count - 1) / np.maximum(area, 1)
    strokes = Strokes(np.stack([left, top, left + width, top + height], axis=1), means)

    fill = area / np.maximum(width * height, 1)
    shaped = (height >= _LOW) & (height <= _HIGH) & (width <= 1.6 * height) & (width >= 1) & (fill > 0.12)
    shaped &= (width > 0.25 * height) | (fill > 0.5)
    chosen = np.flatnonzero(shaped)
    if not chosen.size:
        return strokes, Glyphs(np.empty((0, 4)), np.empty(0), np.empty(0, bool))
    number = np.full(count - 1, -1)
    number[chosen] = np.arange(len(chosen))
    of = number[of]
    within = of >= 0
    of, values = of[within], values[within]
    contrast = medians(of, response.ravel()[inside][within], len(chosen))
    grey = medians(of, values, len(chosen))
    even = _deviations(of, values, len(chosen)) < _EVEN * contrast + 2
    steps = np.asarray(cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.uint8)
    core = np.asarray(cv2.erode(mask, np.ones((3, 3), np.uint8)), np.uint8)
    edge = (core == 0).ravel()[inside][within]
    step = medians(of[edge], steps.ravel()[inside][within][edge], len(chosen)) / np.maximum(contrast, 1)
    step[~even] = 0.0
    keep = step > _BLURRED
    boxes = np.stack([left, top, width, height], axis=1)[chosen[keep]]
    return strokes, Glyphs(boxes, grey[keep], step[keep] > _SHARP)


def medians(group: NDArray[np.integer], values: NDArray[np.generic], count: int) -> NDArray[np.float64]:
    """The median of the values of each of ``count`` groups; 0 of an empty one."""
    order = np.lexsort((values, group))
    ordered = values[order].astype(np.float64)
    sizes = np.bincount(group, minlength=count)
    starts = np.cumsum(sizes) - sizes
    filled = sizes > 0
    found = np.zeros(count)
    low, high = (starts + (sizes - 1) // 2)[filled], (starts + sizes // 2)[filled]
    found[filled] = (ordered[low] + ordered[high]) / 2
    return found


def _deviations(group: NDArray[np.integer], values: Grey8, count: int) -> NDArray[np.float64]:
    """The standard deviation of the values of each group, none of which is empty."""
    sizes = np.bincount(group, minlength=count)
    means = np.bincount(group, weights=values, minlength=count) / sizes
    squares = np.bincount(group, weights=(values - means[group]) ** 2, minlength=count)
    return np.sqrt(squares / sizes)
