"""A mean or a share with its interval, over one number per case."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.estimate import Estimate
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import FEWEST, NO_SPREAD, TOO_FEW, reason_against
from osteon.stats.bootstrap import bootstrap, replicate
from osteon.stats.checks import Floats, column
from osteon.stats.intervals import wilson, wilson_over_clusters
from osteon.stats.statistic import Mean


class Means:
    """The weighted means of several numbers per case: the points of a curve."""

    def __init__(self, values: Floats) -> None:
        """Take float64 (n, k), finite."""
        self._values = values
        self.n: int = len(values)
        self.names: tuple[str, ...] = tuple(str(column) for column in range(values.shape[1]))

    def __call__(self, weights: Floats) -> Floats:
        """The k means for each row of weights; resamples always have weights."""
        return weights @ self._values / weights.sum(axis=1, keepdims=True)


def average(values: ArrayLike, clusters: ArrayLike, settings: Settings) -> Estimate | None:
    """The mean of a number per case with the percentile interval of the cluster bootstrap.

    A share of 0 or 1 has no spread in any resample; it gets Wilson's interval over the clusters, which is conservative
    where clusters hold several cases. So does any share of fewer clusters than the bootstrap needs; a mean of other numbers
    has no interval then.

    Args:
        values: finite, shape (n,); zeros and ones make a share.
        clusters: of each case, shape (n,).
        settings: of the interval.

    Returns:
        The figure, without an interval where all cases have the same number or clusters are too few; None where there
        are fewer than two clusters.

    Raises:
        DataError: a value is not finite, or a case has no cluster.
    """
    numbers, groups = np.asarray(values, np.float64), np.asarray(clusters)
    count = len(np.unique(groups))
    if count < 2:
        return None
    numbers = column(numbers, "values")
    found = bootstrap(
        Mean("mean", numbers),
        clusters=groups,
        resamples=settings.resamples,
        seed=settings.seed,
        level=settings.level,
    )["mean"]
    if reason := reason_against({"cases": count}):
        if not np.isin(numbers, (0.0, 1.0)).all():
            return found.without_interval(reason)
        closed = wilson_over_clusters(int(numbers.sum()), len(numbers), count, settings.level)
        return closed.model_copy(update={"method": f"{closed.method} {TOO_FEW}"})
    if found.value not in (0.0, 1.0) or found.ends is not None:
        return found
    closed = wilson(round(found.value) * count, count, settings.level)
    return closed.model_copy(update={"method": f"{closed.method} over {count} clusters {NO_SPREAD}", "n": found.n})


def mean_curve(values: Floats, clusters: ArrayLike, settings: Settings) -> tuple[Floats, Floats, Floats]:
    """The mean of curves of shape (n, k), with the lower and upper end of its interval at each point, (k,) each.

    Both ends are NaN where there are too few clusters for an interval.

    Raises:
        DataError: there is only one cluster.
    """
    found = replicate(Means(values), clusters=clusters, resamples=settings.resamples, seed=settings.seed)
    if found.clusters < FEWEST:
        return found.values, np.full_like(found.values, np.nan), np.full_like(found.values, np.nan)
    low, high = np.quantile(found.draws, [(1 - settings.level) / 2, (1 + settings.level) / 2], axis=0)
    return found.values, low, high


def averages(columns: dict[str, ArrayLike], clusters: ArrayLike, settings: Settings) -> dict[str, Estimate]:
    """:func:`average` of several columns of the same cases; those without an interval are absent."""
    found = {name: average(values, clusters, settings) for name, values in columns.items()}
    return {name: figure for name, figure in found.items() if figure is not None}
