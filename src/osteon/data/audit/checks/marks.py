"""Letters, lead markers and burned-in text next to the bones, found by their shape.

A marker is bright, small, has thin strokes, and is isolated on a uniform background: a white top-hat keeps what is
brighter than its surroundings and narrower than the structuring element; of its connected components those count that
are small, dense, away from the edge of the image, and have a uniform rim. A screw head, a button or part of a zip in
plain air is therefore counted as well, and a letter that touches a bone or the edge of the image is not.
``docs/audit.md`` states how often it is right.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE: Final = 512
"""Longer side of the image that is searched, in pixels; smaller images are not resized."""

_STROKE: Final = 0.03
"""Side of the structuring element, as a share of the longer side."""

_RISE: Final = 80
"""Minimum contrast of a stroke to its surroundings, grey levels."""

_SIZES: Final = (0.010, 0.08)
"""Smallest and largest extent of a marker, as a share of the longer side."""

_THINNEST: Final = 4
"""Minimum shorter extent, pixels."""

_LONGEST: Final = 4.0
"""Maximum ratio of longer to shorter extent."""

_BRIGHTEST: Final = 190
"""Minimum grey level of its brightest pixel."""

_CONTRAST: Final = 90
"""Minimum difference between its median and that of its rim, grey levels."""

_EVEN: Final = (25, 0.92)
"""Maximum deviation from the rim's median in grey levels, and the minimum share of the rim within it."""

_WHITE: Final = 250
"""Grey level from which a component counts as burned-in text; its rim may then be as uneven as ``_ROUGH`` (skin)."""

_ROUGH: Final = (40, 0.85)

Corners = tuple[float, float, float, float]
"""Corners x0, y0, x1, y1 as shares of width and height."""


def marks(picture: NDArray[np.uint8]) -> list[Corners]:
    """Boxes of letters and markers in an upright grey image (H, W), black background."""
    scale = SIDE / max(picture.shape)
    if scale < 1:
        picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    longer = max(picture.shape)
    if longer < SIDE // 4:
        return []
    side = round(longer * _STROKE) | 1
    element = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    raised = np.asarray(cv2.morphologyEx(picture, cv2.MORPH_TOPHAT, element)) >= _RISE
    count, labels, stats, _ = cv2.connectedComponentsWithStats(raised.astype(np.uint8), connectivity=8)
    left, top, width, height, area = (stats[:, column] for column in range(5))
    long, short = np.maximum(width, height), np.maximum(np.minimum(width, height), 1)
    rim = max(3, round(0.008 * longer))
    rows, columns = picture.shape
    fits = (_SIZES[0] * longer <= long) & (long <= _SIZES[1] * longer) & (short >= _THINNEST) & (area >= 10)
    fits &= (long <= _LONGEST * short) & (area <= 0.95 * width * height)
    fits &= (left >= rim) & (top >= rim) & (left + width + rim <= columns) & (top + height + rim <= rows)
    found: list[Corners] = []
    for index in np.flatnonzero(fits[1:count]) + 1:
        x0, y0, x1, y1 = left[index], top[index], left[index] + width[index], top[index] + height[index]
        own = picture[y0:y1, x0:x1][labels[y0:y1, x0:x1] == index]
        around = picture[y0 - rim : y1 + rim, x0 - rim : x1 + rim]
        if _stands_out(own, around, rim):
            found.append((float(x0 / columns), float(y0 / rows), float(x1 / columns), float(y1 / rows)))
    return found


def _stands_out(own: NDArray[np.uint8], around: NDArray[np.uint8], rim: int) -> bool:
    """Whether a component is bright and the rim of its box uniform."""
    inner = rim - 1
    edge = np.concatenate(
        [around[:inner].ravel(), around[-inner:].ravel(), around[:, :inner].ravel(), around[:, -inner:].ravel()]
    ).astype(np.int16)
    ground = float(np.median(edge))
    if own.max() < _BRIGHTEST or float(np.median(own)) - ground < _CONTRAST:
        return False
    apart = np.abs(edge - ground)
    rules = (_EVEN, _ROUGH) if own.max() >= _WHITE else (_EVEN,)
    return any(bool((apart <= levels).mean() >= share) for levels, share in rules)
