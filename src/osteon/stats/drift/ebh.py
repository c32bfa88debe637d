"""Many streams at once: which of them to believe when each has its evidence (e-values).

Wang and Ramdas, False discovery rate control with e-values, J. R. Stat. Soc. B 84:822, 2022. It holds whatever the streams
have to do with each other, and at any time at which one stops to look.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.core.errors import DataError


def e_bh(log_values: ArrayLike, level: float) -> NDArray[np.bool_]:
    """The streams that have changed: of those named, at most ``level`` are expected to be wrong.

    Args:
        log_values: logarithms of e-values, shape (..., k); infinite ones are allowed.
        level: false discovery rate, in (0, 1).

    Returns:
        Which are named, shape (..., k).

    Raises:
        DataError: a value is no number, or the level is not in (0, 1).
    """
    values = np.asarray(log_values, np.float64)
    if not 0 < level < 1 or np.isnan(values).any() or not values.ndim:
        raise DataError("these are no e-values", expected="logarithms without NaN, and a level in (0, 1)")
    k = values.shape[-1]
    if not k:
        return np.zeros(values.shape, bool)
    ordered = -np.sort(-values, axis=-1)
    enough = ordered >= np.log(k / level) - np.log(np.arange(1, k + 1))
    count = np.where(enough.any(-1), k - np.argmax(enough[..., ::-1], axis=-1), 0)
    lowest = np.take_along_axis(ordered, np.maximum(count - 1, 0)[..., None], -1)
    return (values >= lowest) & (count[..., None] > 0)
