"""Colour to grey, and how much colour there was."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.uint8 | np.uint16]

_SAMPLED: Final = 256
"""Colourfulness is measured on about this many rows and columns."""


def to_grey(colours: Samples) -> Samples:
    """Luma of RGB samples (H, W, 3), by ITU-R BT.601 as in JPEG: 0.299 R + 0.587 G + 0.114 B; (H, W), same type.

    Grey stored as colour (R = G = B) comes out unchanged.
    """
    import cv2

    return np.asarray(cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2GRAY), colours.dtype)


def colourfulness(colours: Samples) -> float:
    """Mean chroma of RGB samples (H, W, 3): the largest of the three less the smallest, over full scale; 0 for grey.

    A mean, so that a coloured arrow on a grey radiograph hardly counts.
    """
    rows, columns = colours.shape[:2]
    few = colours[:: max(1, rows // _SAMPLED), :: max(1, columns // _SAMPLED)]
    red, green, blue = (few[..., channel] for channel in range(3))
    highest, lowest = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return float((highest - lowest).mean()) / float(np.iinfo(colours.dtype).max)


def over_black(colours: Samples, alpha: Samples) -> Samples:
    """Lay samples (H, W, C) of which ``alpha`` (H, W) tells the opacity over a black background."""
    full = int(np.iinfo(alpha.dtype).max)
    if alpha.min() == full:
        return colours
    return np.asarray((colours.astype(np.uint32) * alpha[..., None] + full // 2) // full, colours.dtype)
