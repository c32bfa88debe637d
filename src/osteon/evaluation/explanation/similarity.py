"""How alike two maps are: by the order of their cells, and by their structure."""

from __future__ import annotations

import cv2
import numpy as np

from osteon.core.records import Pixels
from osteon.stats.checks import Floats

_STABLE = (0.01**2, 0.03**2)
_WIDTH = 1.5


def ranks(values: Floats) -> Floats:
    """Ranks from 0 of a flat array; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((2 * ends - counts - 1) / 2)[inverse]


def spearman(first: Pixels, second: Pixels) -> float:
    """Rank correlation of two maps of one shape; 0 where one of them is even, which is like nothing."""
    a, b = (ranks(np.asarray(one, np.float64).ravel()) for one in (first, second))
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm > 0 else 0.0


def ssim(first: Pixels, second: Pixels) -> float:
    """Structural similarity of two maps of one shape, each first spread over 0 to 1.

    Z. Wang et al., IEEE Trans. Image Process. 13:600, 2004, with its Gaussian window of 1.5 cells and its constants.
    """
    x, y = _spread(first), _spread(second)
    mean_x, mean_y = _smooth(x), _smooth(y)
    var_x, var_y = _smooth(x * x) - mean_x**2, _smooth(y * y) - mean_y**2
    both = _smooth(x * y) - mean_x * mean_y
    one, two = _STABLE
    parts = (2 * mean_x * mean_y + one) * (2 * both + two)
    return float((parts / ((mean_x**2 + mean_y**2 + one) * (var_x + var_y + two))).mean())


def _spread(values: Pixels) -> Floats:
    low, high = float(values.min()), float(values.max())
    wide = np.asarray(values, np.float64) - low
    return wide / (high - low) if high > low else wide


def _smooth(values: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (11, 11), _WIDTH, borderType=cv2.BORDER_REFLECT), np.float64)
