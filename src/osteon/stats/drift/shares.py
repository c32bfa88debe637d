"""The range in which the true share behind a finite reference lies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Floats

_STEPS = 60
"""Halvings of the search: more than a float has digits."""


class ShareRange(NamedTuple):
    """Ends of ranges of shares, shape (...)."""

    low: Floats
    high: Floats


def chernoff_range(hits: ArrayLike, cases: ArrayLike, error: float) -> ShareRange:
    """Shares p with ``n KL(hits / n, p) <= log(2 / error)``: they hold the true share but for ``error``, at any n.

    Chernoff's bound (Ann. Math. Stat. 23:493, 1952); a little wider than Clopper and Pearson's, and it needs no quantiles.

    Args:
        hits: (...).
        cases: (...), all positive.
        error: probability that the range does not hold the share, both sides together.

    Raises:
        DataError: the counts are no shares, or the error is not in (0, 1).
    """
    there, every = np.asarray(hits, np.float64), np.asarray(cases, np.float64)
    if np.any(every <= 0) or np.any((there < 0) | (there > every)) or not 0 < error < 1:
        raise DataError("these counts are no shares", expected="0 <= hits <= cases, cases > 0, error in (0, 1)")
    share, reach = there / every, np.log(2 / error) / every
    return ShareRange(_end(share, reach, np.zeros_like(share)), _end(share, reach, np.ones_like(share)))


def _end(share: Floats, reach: Floats, bound: Floats) -> Floats:
    """Between share and bound, where the divergence has reached ``reach``, rounded towards the bound."""
    inside, outside = share.copy(), bound.copy()
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        beyond = divergence(share, middle) > reach
        outside, inside = np.where(beyond, middle, outside), np.where(beyond, inside, middle)
    return np.where(divergence(share, bound) <= reach, bound, outside)


def divergence(share: ArrayLike, claimed: ArrayLike) -> Floats:
    """Kullback-Leibler divergence of Bernoulli variables, nats."""
    p, q = np.asarray(share, np.float64), np.asarray(claimed, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(p > 0, p * np.log(p / q), 0.0)
        second = np.where(p < 1, (1 - p) * np.log((1 - p) / (1 - q)), 0.0)
    return first + second
