"""Where a field that is known at samples, and linear between them, is negative."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def negative_share(field: Array, axis: int = 0) -> Array:
    """Share of each interval between neighbouring samples in which the field is negative, in [0, 1].

    Args:
        field: (..., S, ...) samples.
        axis: along which they follow each other.

    Returns:
        (..., S - 1, ...)
    """
    before = (slice(None),) * axis
    a, b = field[(*before, slice(None, -1))], field[(*before, slice(1, None))]
    share = np.minimum(a, b)
    gap = a - b
    np.abs(gap, out=gap)
    gap += np.float32(1e-6)
    share /= gap
    np.negative(share, out=share)
    np.clip(share, 0.0, 1.0, out=share)
    return share
