"""Tests of a day against the reference, each by itself: the usual way, to compare with.

As CheXstray (Soin et al., arXiv:2202.02833, 2022) does: Kolmogorov and Smirnov's test for a quantity, chi-square for a
category. Looked at each day they give false alarms as often as their level says, day after day.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from osteon.stats.drift.mmd import TwoSampleTest


def ks_test(reference: ArrayLike, today: ArrayLike) -> TwoSampleTest:
    """Two samples of a quantity; p by the asymptotic distribution, a little too large for few cases.

    Args:
        reference: (n,).
        today: (m,).
    """
    from scipy.stats import kstwobign

    first, second = np.sort(np.asarray(reference, np.float64)), np.sort(np.asarray(today, np.float64))
    every = np.concatenate([first, second])
    apart = np.searchsorted(first, every, "right") / len(first) - np.searchsorted(second, every, "right") / len(second)
    largest = float(np.abs(apart).max())
    scale = np.sqrt(len(first) * len(second) / (len(first) + len(second)))
    return TwoSampleTest(largest, float(kstwobign.sf(scale * largest)))


def chi_square_test(reference: ArrayLike, today: ArrayLike) -> TwoSampleTest:
    """Counts of a category, with Pearson's statistic for the table of two rows; categories that neither has do not count.

    Args:
        reference: counts, (k,).
        today: counts, (k,).
    """
    from scipy.special import chdtrc

    table = np.stack([np.asarray(reference, np.float64), np.asarray(today, np.float64)])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or np.any(table.sum(axis=1) == 0):
        return TwoSampleTest(0.0, 1.0)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return TwoSampleTest(statistic, float(chdtrc(table.shape[1] - 1, statistic)))
