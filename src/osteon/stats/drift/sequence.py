"""A confidence sequence: an interval for a mean that may be looked at after every value.

The hedged capital of Waudby-Smith and Ramdas (J. R. Stat. Soc. B 86:1, 2024, section 4.2): those means remain against which
betting has not won. Unlike the intervals of a fixed number of cases it holds at all times together.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Floats
from osteon.stats.drift.betting import bounded

TRUNCATION: Final = 0.5
"""Bets are at most this part of the largest that cannot ruin."""


class ConfidenceSequence(NamedTuple):
    """An interval after each value.

    Attributes:
        low: (n,).
        high: (n,).
    """

    low: Floats
    high: Floats


def confidence_sequence(values: ArrayLike, level: float = 0.95, grid: int = 1000) -> ConfidenceSequence:
    """Intervals for the mean of values that came one after the other.

    Args:
        values: in [0, 1], in their order, (n,).
        level: probability that all intervals hold the mean.
        grid: number of means that are tried; the ends are rounded outwards to it.

    Raises:
        DataError: values are out of range, or the level is not in (0, 1).
    """
    array = bounded(values)
    if not 0 < level < 1:
        raise DataError("this level is none", expected="a level in (0, 1)", got=f"{level:g}")
    n, means = len(array), np.arange(grid + 1) / grid
    bets = predictable_bets(array, 1 - level)
    rising, falling = np.zeros(grid + 1), np.zeros(grid + 1)
    low, high = np.zeros(n), np.ones(n)
    threshold = np.log(1 / (1 - level)) + np.log(2)
    with np.errstate(divide="ignore"):
        most_above, most_below = TRUNCATION / means, TRUNCATION / (1 - means)
    first, last = 0, grid
    for step, (value, bet) in enumerate(zip(array, bets, strict=True)):
        rising += np.log1p(np.minimum(bet, most_above) * (value - means))
        falling += np.log1p(-np.minimum(bet, most_below) * (value - means))
        kept = np.flatnonzero(np.maximum(rising, falling) < threshold)
        # Intersected with what was before: what was refuted once stays so. Nothing left: the claim of one mean is refuted.
        if kept.size:
            first, last = max(first, int(kept[0])), min(last, int(kept[-1]))
        low[step], high[step] = max(first - 1, 0) / grid, min(last + 1, grid) / grid
    return ConfidenceSequence(np.minimum(low, high), np.maximum(low, high))


def predictable_bets(values: Floats, error: float) -> Floats:
    """How much is bet on each value, from those before it: the predictable plug-in of the paper's equation (26), (n,)."""
    n = len(values)
    steps = np.arange(1, n + 1)
    means = (0.5 + np.cumsum(values)) / (steps + 1)
    variances = (0.25 + np.cumsum((values - means) ** 2)) / (steps + 1)
    before = np.concatenate([[0.25], variances[:-1]])
    return np.sqrt(2 * np.log(2 / error) / (before * steps * np.log1p(steps)))
