"""Maximum mean discrepancy: whether two samples of vectors have the same distribution.

Gretton et al., A kernel two-sample test, J. Mach. Learn. Res. 13:723, 2012; with a Gaussian kernel whose width is the median
distance, and p by permutation. It is a test of one batch: looked at daily, its p has to be corrected for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Floats


class TwoSampleTest(NamedTuple):
    """What a test of two samples gives.

    Attributes:
        statistic: larger where they differ more.
        p: probability of one at least as large where they do not.
    """

    statistic: float
    p: float


def mmd_squared(first: ArrayLike, second: ArrayLike, width: float | None = None) -> float:
    """The unbiased estimate of the squared discrepancy, equation (3) of the paper; it may be negative.

    Args:
        first: (n, d), n at least 2.
        second: (m, d), m at least 2.
        width: standard deviation of the kernel; None for the median distance of all pairs.

    Raises:
        DataError: shapes do not fit, or a value is not finite.
    """
    x, y = samples(first, second)
    kernel = _kernel(np.concatenate([x, y]), width)
    return float(_statistic(kernel, np.arange(len(x) + len(y)) < len(x)))


def mmd_test(
    first: ArrayLike, second: ArrayLike, permutations: int = 200, seed: int = 0, width: float | None = None
) -> TwoSampleTest:
    """Test two samples by permutation.

    Args:
        first: (n, d).
        second: (m, d).
        permutations: how many, at least 1; the smallest p is one over this and one.
        seed: random seed.
        width: see :func:`mmd_squared`.

    Raises:
        DataError: as :func:`mmd_squared`.
    """
    x, y = samples(first, second)
    kernel = _kernel(np.concatenate([x, y]), width)
    generator = np.random.default_rng(seed)
    member = np.arange(len(x) + len(y)) < len(x)
    seen = _statistic(kernel, member)
    others = [_statistic(kernel, generator.permutation(member)) for _ in range(permutations)]
    return TwoSampleTest(float(seen), (1 + sum(other >= seen for other in others)) / (1 + permutations))


def samples(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
    """Two samples of vectors, float64 (n, d) and (m, d).

    Raises:
        DataError: they are none.
    """
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or min(len(x), len(y)) < 2:
        raise DataError(
            "these are not two samples of vectors",
            expected="(n, d) and (m, d), n and m > 1",
            got=f"{x.shape} and {y.shape}",
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise DataError("some values are no finite numbers", expected="finite numbers")
    return x, y


def _kernel(vectors: Floats, width: float | None) -> Floats:
    norms = np.sum(vectors**2, axis=1)
    squares = np.maximum(norms[:, None] + norms[None, :] - 2 * vectors @ vectors.T, 0.0)
    if width is None:
        apart = squares[np.triu_indices(len(vectors), 1)]
        width = float(np.sqrt(np.median(apart))) or 1.0
    return np.exp(-squares / (2 * width**2))


def _statistic(kernel: Floats, member: np.ndarray) -> float:
    first, second = member.astype(np.float64), (~member).astype(np.float64)
    n, m = first.sum(), second.sum()
    diagonal = np.diag(kernel)
    within = (first @ kernel @ first - diagonal @ first) / (n * (n - 1))
    beyond = (second @ kernel @ second - diagonal @ second) / (m * (m - 1))
    return float(within + beyond - 2 * (first @ kernel @ second) / (n * m))
