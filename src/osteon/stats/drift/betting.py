"""Tests by betting: capital that grows only where a mean does not lie where it was said to lie.

Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting, J. R. Stat. Soc. B 86:1, 2024. Whoever
starts with 1 and bets against a true claim has a fair or worse game, so that the capital reaches 1/a with a probability of
at most a, however often it is looked at (Ville's inequality). Such capital is an e-process; its value is evidence.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Floats, column

FRACTIONS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7)
"""Bets that are placed at once, each with an equal part of the capital, as fractions of the largest that cannot ruin."""


def bounded(values: ArrayLike, name: str = "values") -> Floats:
    """Numbers in [0, 1], float64 of shape (n,).

    Raises:
        DataError: one lies outside, or is no finite number.
    """
    array = column(values, name)
    if np.any((array < 0) | (array > 1)):
        raise DataError(
            f"some {name} lie outside [0, 1]",
            expected="numbers scaled to [0, 1]",
            got=f"{array.min():g} to {array.max():g}",
        )
    return array


def log_capital_above(values: ArrayLike, mean: float) -> Floats:
    """Evidence that a mean is above ``mean``: the logarithm of the capital after each value, shape (n,).

    Args:
        values: in [0, 1], in the order in which they came, (n,).
        mean: in (0, 1].

    Raises:
        DataError: values or mean are out of range.
    """
    array = bounded(values)
    if not 0 < mean <= 1:
        raise DataError("this claim cannot be bet against", expected="a mean in (0, 1]", got=f"{mean:g}")
    bets = np.array(FRACTIONS) / mean
    paths = np.cumsum(np.log1p(np.multiply.outer(array - mean, bets)), axis=0)
    return log_mean(paths)


def log_capital_below(values: ArrayLike, mean: float) -> Floats:
    """Evidence that a mean is below ``mean``; see :func:`log_capital_above`.

    Raises:
        DataError: values are out of range, or the mean is not in [0, 1).
    """
    return log_capital_above(1.0 - bounded(values), 1.0 - mean)


def log_capital(values: ArrayLike, low: float, high: float) -> Floats:
    """Evidence that a mean lies outside ``[low, high]``: the logarithm of the capital after each value, shape (n,).

    Half of the capital bets that the mean is above ``high``, half that it is below ``low``.

    Args:
        values: in [0, 1], in the order in which they came, (n,).
        low: lower end of what is claimed.
        high: upper end; both may be the same.

    Raises:
        DataError: values are out of range, or the ends are not ``0 <= low <= high <= 1``.
    """
    array = bounded(values)
    if not 0 <= low <= high <= 1:
        raise DataError("this range of means is none", expected="0 <= low <= high <= 1", got=f"{low:g} to {high:g}")
    still = np.zeros(len(array))  # nothing lies above 1 or below 0: that half is not bet
    above = log_capital_above(array, high) if 0 < high < 1 else still
    below = log_capital_below(array, low) if 0 < low < 1 else still
    if high == 0:  # a single value above 0 refutes it
        above = np.where(np.cumsum(array) > 0, np.inf, 0.0)
    if low == 1:
        below = np.where(np.cumsum(1 - array) > 0, np.inf, 0.0)
    return log_mean(np.stack([above, below], axis=-1))


def log_mean(logs: Floats) -> Floats:
    """The logarithm of the mean over the last axis of what has these logarithms."""
    return np.logaddexp.reduce(logs, axis=-1) - np.log(logs.shape[-1])
