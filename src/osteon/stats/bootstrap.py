"""Intervals by resampling clusters (patients, studies, groups of near-duplicates) with replacement, not images.

Images of one patient resemble each other; drawing them one by one would pretend to more independent evidence than there
is. A resample is a vector of counts per cluster, drawn for many resamples at once and handed to statistics as weights,
in chunks of bounded memory. Intervals are the percentiles of the resamples, or BCa (Efron, JASA 82:171, 1987; Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, chapter 14), whose acceleration comes from leaving clusters out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.stats.checks import Floats, Integers, cluster_index
from osteon.stats.statistic import Statistic

Method = Literal["percentile", "bca"]

CHUNK: Final = 1 << 16
"""Weights held at once; small enough for the processor's cache, and half a MiB in all, however many cases there are."""

JACKKNIFE_GROUPS: Final = 500
"""At most so many groups of clusters are left out in turn for the acceleration of BCa."""

LEAST_DEFINED: Final = 0.5
"""Where a figure is defined in a smaller share of the resamples, no interval is given."""

ROUNDING: Final = 1e-12
"""Below this the ends of an interval differ by rounding alone."""

NO_SPREAD: Final = "the same in every resample"
"""Why a figure without spread has no interval: percentiles of no width would claim a certainty that no data give."""


@dataclass(frozen=True)
class Replicates:
    """The figures of a statistic, as measured and in each resample.

    Attributes:
        names: of the figures, (k,).
        values: as measured, (k,).
        draws: in each resample, (resamples, k); NaN where undefined.
        left_out: with groups of clusters left out in turn, (groups, k), or None where it was not asked for.
        n: number of cases.
        clusters: number of clusters.
        clustered: whether some cluster holds several cases.
    """

    names: tuple[str, ...]
    values: Floats
    draws: Floats
    left_out: Floats | None
    n: int
    clusters: int
    clustered: bool


def replicate(
    statistic: Statistic,
    *,
    clusters: ArrayLike | None = None,
    resamples: int = 10_000,
    seed: int = 0,
    jackknife: bool = False,
    chunk: int = CHUNK,
) -> Replicates:
    """Compute a statistic on resamples of the clusters.

    Args:
        statistic: of n cases.
        clusters: the cluster of each case, shape (n,); without it each case is its own.
        resamples: how many.
        seed: of the random numbers; the same seed draws the same resamples, whatever the statistic.
        jackknife: compute what BCa needs, too.
        chunk: weights held at once.

    Raises:
        DataError: there are fewer than two clusters, or a case has none.
    """
    index, count = cluster_index(clusters, statistic.n)
    if resamples < 1:
        raise ValueError(f"expected at least one resample, got {resamples}")
    if count < 2:
        raise DataError(
            "there is nothing to resample",
            expected="at least two clusters (patients)",
            got=f"{count}",
            hint="An interval over patients needs several patients.",
        )
    clustered = count < statistic.n
    values = statistic(np.ones((1, statistic.n)))[0]
    draws = np.empty((resamples, len(statistic.names)))
    start = 0
    for weights in _resampled(index, count, clustered, resamples, seed, chunk):
        draws[start : start + len(weights)] = statistic(weights)
        start += len(weights)
    left_out = _left_out(statistic, index, count, seed, chunk) if jackknife else None
    return Replicates(statistic.names, values, draws, left_out, statistic.n, count, clustered)


def bootstrap(
    statistic: Statistic,
    *,
    clusters: ArrayLike | None = None,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
    method: Method = "percentile",
) -> dict[str, Estimate]:
    """Figures with intervals from resampling clusters; figures that are undefined are absent.

    Resamples in which a figure is undefined (no positive case was drawn) are left out and counted in ``method``; where
    they are more than half, or the figure is the same in every resample, it keeps its value and has no interval.

    Args:
        statistic: of n cases; :class:`~osteon.stats.statistic.Joint` puts several on the same resamples.
        clusters: the cluster of each case, shape (n,); without it each case is its own.
        resamples: how many.
        seed: of the random numbers.
        level: of confidence.
        method: ``percentile`` or ``bca``.

    Raises:
        DataError: there are fewer than two clusters, or a case has none.
    """
    replicates = replicate(statistic, clusters=clusters, resamples=resamples, seed=seed, jackknife=method == "bca")
    return {name: figure(replicates, name, level=level, method=method) for name in defined(replicates)}


def defined(replicates: Replicates) -> tuple[str, ...]:
    """Names of the figures that are defined as measured."""
    return tuple(
        name for name, value in zip(replicates.names, replicates.values.tolist(), strict=True) if np.isfinite(value)
    )


def figure(replicates: Replicates, name: str, *, level: float = 0.95, method: Method = "percentile") -> Estimate:
    """One figure with its interval; without one where resamples do not give it, see :func:`bootstrap`.

    Raises:
        DataError: it is undefined.
        KeyError: there is no such figure.
    """
    if name not in replicates.names:
        raise KeyError(name)
    column = replicates.names.index(name)
    value = float(replicates.values[column])
    if not np.isfinite(value):
        raise DataError(
            f"{name} is undefined", expected="cases for which it has a value", hint="There are no cases of one class."
        )
    draws = replicates.draws[:, column]
    kept = np.sort(draws[np.isfinite(draws)])
    words = _words(replicates, len(kept), level, method)
    bare = Estimate(value=value, low=None, high=None, method=words, n=replicates.n)
    if len(kept) < LEAST_DEFINED * len(draws):
        return bare.without_interval(f"undefined in {len(draws) - len(kept):,} of {len(draws):,} resamples")
    if method == "bca":
        if replicates.left_out is None:
            raise ValueError("BCa needs replicates made with jackknife=True")
        low, high = _bca(kept, value, replicates.left_out[:, column], level)
    else:
        low, high = _quantiles(kept, (1 - level) / 2, (1 + level) / 2)
    if high - low <= ROUNDING:
        return bare.without_interval(f"{NO_SPREAD} ({words})")
    return bare.model_copy(update={"low": low, "high": high})


FEWEST_PAIRED: Final = 5
"""Clusters with cases of a class from which a paired difference of figures of that class has an interval."""


def paired_difference(replicates: Replicates, columns: tuple[int, int], groups: int, level: float = 0.95) -> Estimate:
    """First minus second of two figures on the same resamples, with the percentile interval.

    Where no resample shows a spread, percentiles would claim a certainty that no data give. Then the interval is as wide as
    the share of clusters in which the two may still differ: none of ``groups`` did (Clopper and Pearson 1934).

    Args:
        replicates: of both.
        columns: of the first and of the second.
        groups: clusters behind the figures.
        level: of confidence.
    """
    first, second = columns
    value = float(replicates.values[first] - replicates.values[second])
    gaps = replicates.draws[:, first] - replicates.draws[:, second]
    kept = np.sort(gaps[np.isfinite(gaps)])
    words = _words(replicates, len(kept), level, "percentile")
    bare = Estimate(value=value, low=None, high=None, method=f"paired, {words}", n=replicates.n)
    if groups < FEWEST_PAIRED:
        return bare.without_interval(f"{groups} clusters, fewer than {FEWEST_PAIRED}")
    if len(kept) < LEAST_DEFINED * len(gaps):
        return bare.without_interval(f"undefined in {len(gaps) - len(kept):,} of {len(gaps):,} resamples")
    low, high = _quantiles(kept, (1 - level) / 2, (1 + level) / 2)
    if high - low <= ROUNDING:
        most = 1 - ((1 - level) / 2) ** (1 / groups)
        method = f"{level * 100:g} % exact, no spread among {groups:,} clusters"
        return bare.model_copy(update={"low": value - most, "high": value + most, "method": method})
    return bare.model_copy(update={"low": low, "high": high})


def _words(replicates: Replicates, kept: int, level: float, method: Method) -> str:
    total = len(replicates.draws)
    unit = (
        f"cluster bootstrap over {replicates.clusters:,} clusters" if replicates.clustered else "bootstrap over cases"
    )
    name = {"percentile": "percentile", "bca": "BCa"}[method]
    words = f"{level * 100:g} % {name} {unit}, {total:,} resamples"
    return words if kept == total else f"{words}, {total - kept:,} of them undefined and left out"


def _chunks(total: int, width: int, chunk: int) -> Iterator[int]:
    rows = max(1, chunk // width)
    for start in range(0, total, rows):
        yield min(rows, total - start)


def _resampled(index: Integers, count: int, clustered: bool, resamples: int, seed: int, chunk: int) -> Iterator[Floats]:
    """Weights of the cases for some resamples at a time, float64 (rows, n)."""
    random = np.random.default_rng(seed)
    for rows in _chunks(resamples, max(count, len(index)), chunk):
        drawn = random.integers(0, count, size=(rows, count), dtype=np.uint32).astype(np.intp)
        drawn += np.arange(rows)[:, None] * count
        counts = np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count).astype(np.float64)
        yield np.take(counts, index, axis=1) if clustered else counts


def _left_out(statistic: Statistic, index: Integers, count: int, seed: int, chunk: int) -> Floats:
    """The statistic without each cluster in turn, or without each of ``JACKKNIFE_GROUPS`` random groups of clusters."""
    groups = min(count, JACKKNIFE_GROUPS)
    group = np.arange(count) % groups
    if groups < count:
        np.random.default_rng(seed + 1).shuffle(group)
    of_case = group[index]
    parts: list[Floats] = []
    start = 0
    for rows in _chunks(groups, len(index), chunk):
        parts.append(statistic((of_case != np.arange(start, start + rows)[:, None]).astype(np.float64)))
        start += rows
    return np.concatenate(parts)


def _quantiles(ordered: Floats, low: float, high: float) -> tuple[float, float]:
    lower, upper = np.quantile(ordered, [low, high])
    return float(lower), float(upper)


def _bca(ordered: Floats, value: float, left_out: Floats, level: float) -> tuple[float, float]:
    """Bias-corrected and accelerated interval; draws equal to the value count one half towards the bias."""
    normal = NormalDist()
    below = np.searchsorted(ordered, value, "left") + np.searchsorted(ordered, value, "right")
    # With no draw on one side the correction would be infinite; half a draw keeps it finite.
    share = min(max(float(below) / (2 * len(ordered)), 0.5 / len(ordered)), 1 - 0.5 / len(ordered))
    bias = normal.inv_cdf(share)
    around = left_out[np.isfinite(left_out)]
    spread = around.mean() - around if len(around) else np.zeros(1)
    squares = float(np.sum(spread**2))
    acceleration = float(np.sum(spread**3)) / (6 * squares**1.5) if squares > 0 else 0.0

    def moved(quantile: float) -> float:
        z = bias + normal.inv_cdf(quantile)
        return normal.cdf(bias + z / (1 - acceleration * z))

    return _quantiles(ordered, moved((1 - level) / 2), moved((1 + level) / 2))
