"""Hotelling's test: whether two samples of vectors have the same mean, from means and covariances alone.

Hotelling, The generalization of Student's ratio, Ann. Math. Stat. 2:360, 1931; two samples with a common covariance. It needs
no vector of the first sample, so that a reference can hold two moments and no image. It is a test of one batch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Floats
from osteon.stats.drift.mmd import TwoSampleTest


class Moments(NamedTuple):
    """What is kept of a sample.

    Attributes:
        mean: (k,).
        covariance: (k, k), with n - 1 in the denominator.
        size: number of vectors, n.
    """

    mean: Floats
    covariance: Floats
    size: int


def moments(vectors: ArrayLike) -> Moments:
    """Mean and covariance of vectors, (n, k).

    Raises:
        DataError: there are fewer than two, or a value is not finite.
    """
    values = np.asarray(vectors, np.float64)
    if values.ndim != 2 or len(values) < 2 or not np.isfinite(values).all():
        raise DataError(
            "moments need vectors", expected="finite values of shape (n, k), n at least 2", got=str(values.shape)
        )
    return Moments(values.mean(axis=0), np.atleast_2d(np.cov(values, rowvar=False)), len(values))


def hotelling_test(first: Moments, second: Moments) -> TwoSampleTest:
    """Compare two means.

    Args:
        first: moments of k quantities.
        second: likewise.

    Returns:
        Hotelling's T², and the p of its F statistic.

    Raises:
        DataError: shapes do not fit, there are too few vectors, or their covariance is singular.
    """
    from scipy.stats import f

    k, total = len(first.mean), first.size + second.size
    if second.mean.shape != (k,) or first.covariance.shape != (k, k) or second.covariance.shape != (k, k):
        raise DataError(
            "both samples must have the same quantities", expected=f"{k} of each", got=str(second.mean.shape)
        )
    if total - k - 1 < 1 or min(first.size, second.size) < 2:
        raise DataError("too few vectors for Hotelling's test", expected=f"more than {k + 1} together", got=str(total))
    pooled = ((first.size - 1) * first.covariance + (second.size - 1) * second.covariance) / (total - 2)
    gap = second.mean - first.mean
    try:
        distance = float(gap @ np.linalg.solve(pooled, gap))
    except np.linalg.LinAlgError as error:
        raise DataError("the covariance is singular", hint="Compare fewer directions.") from error
    statistic = first.size * second.size / total * distance
    p = float(f.sf((total - k - 1) / (k * (total - 2)) * statistic, k, total - k - 1))
    return TwoSampleTest(statistic, p)
