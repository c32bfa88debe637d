"""Intervals with a closed form: Wilson's for a proportion, DeLong's for an AUROC, also of clustered cases."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.stats.checks import (
    Booleans,
    Floats,
    binary_cases,
    both_classes,
    cluster_index,
)


def normal_quantile(level: float) -> float:
    """The quantile of the standard normal distribution that a two-sided interval of this level needs, 1.96 for 0.95.

    Raises:
        ValueError: the level is not in (0, 1).
    """
    if not 0 < level < 1:
        raise ValueError(f"expected a level in (0, 1), got {level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(successes: int, n: int, level: float = 0.95) -> Estimate:
    """A proportion with the score interval of Wilson (J. Am. Stat. Assoc. 22:209, 1927), without continuity correction.

    It treats cases as independent; of clustered cases it is too narrow, see :func:`wilson_over_clusters`.

    Raises:
        DataError: ``n`` is 0, or ``successes`` is not between 0 and ``n``.
    """
    if n <= 0 or not 0 <= successes <= n:
        raise DataError(
            "this proportion is undefined", expected="0 <= successes <= n and n > 0", got=f"{successes} of {n}"
        )
    low, high = _wilson_ends(successes / n, n, level)
    return Estimate(value=successes / n, low=low, high=high, method=f"{level * 100:g} % Wilson", n=n)


def wilson_over_clusters(successes: int, n: int, clusters: int, level: float = 0.95) -> Estimate:
    """A proportion of clustered cases with Wilson's interval, as if each cluster were one case.

    Where cases of a cluster are alike this is right; where they are not, it is wider than it need be.

    Args:
        successes: cases.
        n: cases.
        clusters: in which these n cases lie.
        level: of confidence.

    Raises:
        DataError: as :func:`wilson`, or there are no clusters or more than cases.
    """
    if not 0 < clusters <= n:
        raise DataError("the clusters are not those of the cases", expected=f"1 to {n}", got=f"{clusters}")
    plain = wilson(successes, n, level)
    if clusters == n:
        return plain
    low, high = _wilson_ends(plain.value, clusters, level)
    words = f"{plain.method} over {clusters:,} clusters"
    return plain.model_copy(update={"low": low, "high": high, "method": words})


def _wilson_ends(share: float, n: int, level: float) -> tuple[float, float]:
    z2 = normal_quantile(level) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = (z2 * (share * (1 - share) / n + z2 / (4 * n * n))) ** 0.5 / (1 + z2 / n)
    # At 0 and at 1 the ends are exactly 0 and 1; rounding must not move them past the value.
    return (0.0 if share == 0 else max(0.0, middle - half)), (1.0 if share == 1 else min(1.0, middle + half))


class Components(NamedTuple):
    """Structural components of AUROCs (DeLong et al., Biometrics 44:837, 1988).

    Attributes:
        areas: AUROC of each model, (k,).
        positive: for each positive case the share of negatives that it beats, (k, positives).
        negative: for each negative case the share of positives that beat it, (k, negatives).
    """

    areas: Floats
    positive: Floats
    negative: Floats


def components(truth: Booleans, scores: Floats) -> Components:
    """Components of several models on the same cases, by midranks.

    Sun and Xu, IEEE Signal Process. Lett. 21:1389, 2014.

    Args:
        truth: (n,), with both classes.
        scores: (k, n).
    """
    positive, negative = scores[:, truth], scores[:, ~truth]
    m, n = positive.shape[1], negative.shape[1]
    wins = np.stack([_beaten(row, np.sort(other)) for row, other in zip(positive, negative, strict=True)]) / n
    losses = 1 - np.stack([_beaten(row, np.sort(other)) for row, other in zip(negative, positive, strict=True)]) / m
    return Components(wins.mean(axis=1), wins, losses)


def _beaten(values: Floats, others: Floats) -> Floats:
    """How many of the sorted ``others`` lie below each value, ties counting one half."""
    return (np.searchsorted(others, values, "left") + np.searchsorted(others, values, "right")) / 2


def auroc_covariance(parts: Components, truth: Booleans, clusters: ArrayLike | None = None) -> Floats:
    """Covariance of the AUROCs of k models on the same cases, shape (k, k).

    Of clustered cases after Obuchowski (Biometrics 53:567, 1997), which is DeLong's where each case is its own cluster.

    Raises:
        DataError: fewer than two clusters with positive, or with negative, cases.
    """
    index, count = cluster_index(clusters, len(truth))
    m, n = parts.positive.shape[1], parts.negative.shape[1]
    of_positive, of_negative = index[truth], index[~truth]
    with_positive, with_negative = len(np.unique(of_positive)), len(np.unique(of_negative))
    if min(with_positive, with_negative) < 2:
        raise DataError(
            "the variance of the AUROC is undefined",
            expected="at least two clusters with positive and two with negative cases",
            got=f"{with_positive} and {with_negative}",
        )
    areas = parts.areas[:, None]
    up = np.stack([np.bincount(of_positive, row, count) for row in parts.positive - areas])
    down = np.stack([np.bincount(of_negative, row, count) for row in parts.negative - areas])
    cross = up @ down.T * (count / (count - 1))
    return (
        up @ up.T * (with_positive / (with_positive - 1)) / m**2
        + down @ down.T * (with_negative / (with_negative - 1)) / n**2
        + (cross + cross.T) / (m * n)
    )


def delong(labels: ArrayLike, scores: ArrayLike, *, clusters: ArrayLike | None = None, level: float = 0.95) -> Estimate:
    """AUROC with DeLong's interval, cut to [0, 1]; with clusters, Obuchowski's.

    Args:
        labels: 0 or 1, shape (n,).
        scores: any scale, shape (n,).
        clusters: the cluster of each case, shape (n,).
        level: of confidence.

    Raises:
        DataError: wrong input, only one class or one case of it, or the classes are perfectly separated: the
            variance is then 0 and the interval would claim a certainty that no data give.
    """
    truth, values = binary_cases(labels, scores)
    both_classes(truth, np.ones(len(truth)), "the AUROC")
    parts = components(truth, values[None])
    variance = float(auroc_covariance(parts, truth, clusters)[0, 0])
    area = float(parts.areas[0])
    if variance <= 0:
        raise DataError(
            "DeLong's interval is undefined",
            expected="some spread between cases",
            got=f"an AUROC of {area:g} with variance 0",
            hint="The classes are perfectly separated; more cases are needed for an interval.",
        )
    half = normal_quantile(level) * variance**0.5
    name = "DeLong" if clusters is None else "DeLong, clustered (Obuchowski)"
    return Estimate(
        value=area,
        low=max(0.0, area - half),
        high=min(1.0, area + half),
        method=f"{level * 100:g} % {name}",
        n=len(truth),
    )
