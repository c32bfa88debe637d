"""Does a heat map point at the place that readers marked? The pointing game, and the energy inside the boxes.

Pointing game (J. Zhang et al., Top-Down Neural Attention by Excitation Backprop, Int. J. Comput. Vis. 126:1084, 2018):
a hit is a map whose highest point lies in a marked place, or at most 15 pixels beside it in photographs whose longer
side has 500 pixels. Energy (H. Wang et al., Score-CAM, CVPR Workshops 2020): the share of the map's sum that lies inside
the marked places. Both are stated beside what a map without knowledge would reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from osteon.core.geometry import Box
from osteon.core.records import HeatMap, Pixels
from osteon.evaluation.inference.failures import laid
from osteon.stats.checks import Booleans

TOLERANCE: Final = 15 / 500
"""Share of the image's longer side by which the boxes are grown for the tolerant pointing game."""


class Localisation(NamedTuple):
    """How one map meets the boxes of its image.

    Attributes:
        hit: whether its maximum lies in a box.
        near: whether it lies in a box grown by ``TOLERANCE``.
        chance: share of the image that the boxes cover: hits of a point thrown at random, energy of an even map.
        chance_near: the same of the grown boxes.
        centre: whether the middle of the image lies in a box.
        centre_near: whether it lies in a grown box.
        energy: share of the map's sum inside the boxes.
    """

    hit: bool
    near: bool
    chance: float
    chance_near: float
    centre: bool
    centre_near: bool
    energy: float


def over_image(heat: HeatMap, shape: tuple[int, int]) -> Pixels:
    """A map laid over its image, float32 (H, W), linear between its cells; what covers padding is cut off."""
    return laid(heat.values, heat.extent, shape, (shape[1], shape[0]))


def inside(boxes: Sequence[Box], shape: tuple[int, int], grown: float = 0.0) -> Booleans:
    """Pixels of an image whose centre lies in a box, bool (H, W).

    Args:
        boxes: in source pixels.
        shape: (H, W) of the image.
        grown: pixels by which each box reaches further on every side.
    """
    mask = np.zeros(shape, bool)
    for box in boxes:
        # A pixel's centre lies half a pixel from its corner.
        left, top = (max(0, int(np.ceil(side - grown - 0.5))) for side in (box.x0, box.y0))
        right, bottom = (max(0, int(np.ceil(side + grown - 0.5))) for side in (box.x1, box.y1))
        mask[top:bottom, left:right] = True
    return mask


def localise(spread: Pixels, boxes: Sequence[Box]) -> Localisation:
    """Compare a map with boxes.

    A map that is 0 everywhere points nowhere: it misses and has no energy inside.

    Args:
        spread: the map over the whole image, shape (H, W), not negative.
        boxes: at least one, in source pixels.

    Raises:
        ValueError: there is no box.
    """
    if not boxes:
        raise ValueError("expected at least one box")
    rows, columns = spread.shape
    close, wide = (inside(boxes, (rows, columns), grown) for grown in (0.0, TOLERANCE * max(rows, columns)))
    total = float(spread.sum(dtype=np.float64))
    peak = np.unravel_index(int(spread.argmax()), spread.shape)
    middle = (rows // 2, columns // 2)
    return Localisation(
        hit=total > 0 and bool(close[peak]),
        near=total > 0 and bool(wide[peak]),
        chance=float(close.mean()),
        chance_near=float(wide.mean()),
        centre=bool(close[middle]),
        centre_near=bool(wide[middle]),
        energy=float(spread[close].sum(dtype=np.float64)) / total if total > 0 else 0.0,
    )
