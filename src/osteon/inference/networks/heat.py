"""Grad-CAM maps to heat maps that can be laid over an image and compared between images.

A Grad-CAM map has no scale of its own: divided by its maximum it lights up somewhere in every image, also in a normal
one. Here the maximum of a map is set by the image's calibrated probability instead: 0 at probability 0, ``WARM`` at the
*doubt* threshold, 1 at the *definite* threshold and above, linear between. What lies above ``WARM`` is shown, so an image
below *doubt* shows nothing, and the same shade means the same strength in every image read by one bundle.
"""

from __future__ import annotations

import numpy as np

from osteon.core.geometry import Box, Placement
from osteon.core.operating import OperatingPoints
from osteon.core.records import HeatMap, Pixels
from osteon.imaging.preprocess import Preprocessing
from osteon.outputs.drawing.colour import WARM


def strength(probability: float, points: OperatingPoints) -> float:
    """Maximum of the heat map of an image with this probability, in [0, 1]."""
    doubt, definite = points.doubt.threshold, points.definite.threshold
    if probability >= definite:
        return 1.0
    if probability >= doubt:
        return WARM + (1.0 - WARM) * (probability - doubt) / (definite - doubt)
    return WARM * probability / doubt


def heat_map(
    map_: Pixels,
    probability: float,
    points: OperatingPoints,
    placement: Placement,
    preprocessing: Preprocessing,
    label: str,
    image: int,
) -> HeatMap:
    """Scale a map and say where it lies.

    Args:
        map_: Grad-CAM map over the whole of the network's canvas, shape (h, w), not negative, not normalised.
        probability: of a fracture in this image.
        points: of the bundle.
        placement: of the source image on the canvas.
        preprocessing: of the bundle.
        label: that the map explains.
        image: index of the radiograph within the study.

    Returns:
        The map in source coordinates; its extent reaches beyond the image where the canvas was padded, and covers a part of
        it where the image was cropped.
    """
    highest = float(map_.max())
    scale = strength(probability, points) / highest if highest > 0 else 0.0
    values = np.clip(map_ * np.float32(scale), 0.0, 1.0).astype(np.float32)
    extent = placement.to_source(Box(0.0, 0.0, float(preprocessing.width), float(preprocessing.height)))
    return HeatMap(values, extent, label, image)
