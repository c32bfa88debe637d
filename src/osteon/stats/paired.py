"""Tests of two systems on the same cases: paired DeLong for rankings, McNemar for calls, Holm for many tests at once.

Each takes one run of a system or several (seeds). Of several, the mean over the runs is tested, and the runs themselves
are taken as given: what another seed would have done is in the intervals of :mod:`osteon.evaluation.compare.seeds`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.stats.checks import (
    Booleans,
    Floats,
    Integers,
    binary_labels,
    both_classes,
    cluster_index,
    column,
    same_length,
)
from osteon.stats.intervals import auroc_covariance, components, normal_quantile

ROUNDING: Final = 1e-14
"""What rounding leaves of a variance of 0."""

HALVINGS: Final = 40
"""Steps in which the end of an exact interval is found, to 1e-12."""

DIRECT: Final = 10**8
"""Products up to which two distributions are folded term by term; beyond, by Fourier transform."""


def paired_delong(
    labels: ArrayLike, first: ArrayLike, second: ArrayLike, *, clusters: ArrayLike | None = None, level: float = 0.95
) -> tuple[Estimate, float]:
    """Difference of two AUROCs on the same cases, with interval and two-sided p (DeLong et al. 1988, Obuchowski 1997).

    Args:
        labels: 0 or 1, shape (n,).
        first: scores on any scale, shape (n,), or (runs, n) for the mean AUROC of several runs.
        second: likewise.
        clusters: the cluster of each case, shape (n,).
        level: of confidence.

    Returns:
        First minus second, and p. The interval leaves out 0 exactly where p is below 1 - ``level``. Where the two rank
        alike in every pair, p is 1 and there is no interval.

    Raises:
        DataError: wrong input, only one class or one case of it; or the variance of the difference is 0 while the
            AUROCs differ, so that there is no test.
    """
    truth = binary_labels(labels)
    first_runs, second_runs = _runs(first, truth), _runs(second, truth)
    both_classes(truth, np.ones(len(truth)), "the AUROC")
    parts = components(truth, np.concatenate([first_runs, second_runs]))
    contrast = np.concatenate(
        [np.full(len(first_runs), 1 / len(first_runs)), np.full(len(second_runs), -1 / len(second_runs))]
    )
    difference = float(contrast @ parts.areas)
    variance = float(contrast @ auroc_covariance(parts, truth, clusters) @ contrast)
    if variance <= ROUNDING and abs(difference) > 1e-12:
        raise DataError("the difference cannot be tested", expected="some spread between cases", got="variance 0")
    method = f"{level * 100:g} % paired DeLong" + ("" if clusters is None else ", clustered (Obuchowski)")
    if variance <= ROUNDING:
        alike = Estimate(value=0.0, low=None, high=None, method=method, n=len(truth))
        return alike.without_interval("both rank every pair of cases alike"), 1.0
    half = normal_quantile(level) * variance**0.5
    p = math.erfc(abs(difference) / math.sqrt(2 * variance))
    return Estimate(value=difference, low=difference - half, high=difference + half, method=method, n=len(truth)), p


def _runs(scores: ArrayLike, truth: Booleans) -> Floats:
    rows = np.atleast_2d(np.asarray(scores))
    checked = np.stack([column(row, "scores") for row in rows])
    same_length(truth, checked[0], "labels and scores")
    return checked


@dataclass(frozen=True, slots=True)
class McNemar:
    """Cases that only one of two systems called rightly, and what they say (McNemar, Psychometrika 12:153, 1947).

    Attributes:
        only_first: cases that only the first called rightly.
        only_second: cases that only the second called rightly.
        exact: two-sided binomial p.
        mid_p: the same less half the probability of what was seen (Fagerland et al., BMC Med. Res. Methodol. 13:91,
            2013); less cautious than ``exact`` and seldom too bold.
        chi_squared: with continuity correction, one degree of freedom.
        chi_squared_p: p of it; for many discordant cases only.

    Where both counts are equal, nothing speaks for a difference: ``exact`` is 1, ``mid_p`` is 1 less half the
    probability of these very counts, and the continuity correction stops at 0, so that ``chi_squared`` is 0 and its p 1
    (statsmodels lets it go beyond, to 1 / n).
    """

    only_first: int
    only_second: int
    exact: float
    mid_p: float
    chi_squared: float
    chi_squared_p: float


def mcnemar(labels: ArrayLike, first: ArrayLike, second: ArrayLike) -> McNemar:
    """Test that two sets of calls are right equally often; p is 1 where they are right on the same cases.

    It treats cases as independent; of clustered cases p is too small, see :func:`sign_flip`.

    Args:
        labels: 0 or 1, shape (n,).
        first: calls 0 or 1, shape (n,).
        second: calls 0 or 1, shape (n,).

    Raises:
        DataError: wrong input.
    """
    truth, first_calls, second_calls = binary_labels(labels), binary_labels(first), binary_labels(second)
    same_length(truth, first_calls, "labels and calls")
    same_length(truth, second_calls, "labels and calls")
    right_first, right_second = first_calls == truth, second_calls == truth
    return discordant(int((right_first & ~right_second).sum()), int((right_second & ~right_first).sum()))


def discordant(only_first: int, only_second: int) -> McNemar:
    """McNemar's test from its two counts."""
    n, fewer = only_first + only_second, min(only_first, only_second)
    if n == 0:
        return McNemar(0, 0, 1.0, 1.0, 0.0, 1.0)
    exact = binomial_p(fewer, n)
    seen = math.exp(math.lgamma(n + 1) - math.lgamma(fewer + 1) - math.lgamma(n - fewer + 1) - n * math.log(2))
    # Where both counts are equal, what was seen is the middle of the distribution and is counted once.
    mid = 1 - seen / 2 if only_first == only_second else exact - seen
    chi = max(abs(only_first - only_second) - 1, 0) ** 2 / n
    return McNemar(only_first, only_second, exact, mid, chi, math.erfc(math.sqrt(chi / 2)))


def binomial_p(successes: int, n: int) -> float:
    """Two-sided p of at most ``successes`` (not above half) of ``n`` fair coins; 1 for no coin."""
    if n == 0:
        return 1.0
    logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(successes + 1)]
    top = max(logs)
    tail = math.exp(top - n * math.log(2)) * sum(math.exp(value - top) for value in logs)
    return min(1.0, 2 * tail)


def sign_flip(differences: ArrayLike, clusters: ArrayLike | None = None) -> float:
    """Exact p that the sum of paired differences is this far from 0, if each cluster's sign were that of a fair coin.

    Where the systems are equally good, a cluster (patient) favours the one as readily as the other. With one case in
    each cluster and differences of +1, 0 and -1 this is McNemar's exact test; with larger clusters it is that test with
    the cluster as the unit, which McNemar's is not.

    Args:
        differences: whole numbers, e.g. right calls of the first less those of the second, shape (n,).
        clusters: the cluster of each case, shape (n,).

    Raises:
        DataError: the differences are not whole numbers, or a case has no cluster.
    """
    values = _whole(differences)
    sums = _cluster_sums(values, clusters)
    if not len(sums):
        return 1.0
    sizes = np.abs(sums) // np.gcd.reduce(np.abs(sums))
    total = int(sizes.sum())
    seen = abs(int(np.sum(np.sign(sums) * sizes)))
    if seen == 0:
        return 1.0
    # With X the sum of the sizes whose coin shows heads, the flipped sum is 2 X - total.
    heads = _heads(sizes)
    return float(min(1.0, 2 * heads[: (total - seen) // 2 + 1].sum()))


def sign_flip_interval(
    differences: ArrayLike, clusters: ArrayLike | None = None, *, scale: int = 1, level: float = 0.95
) -> Estimate:
    """The mean of paired differences with the interval that belongs to :func:`sign_flip`.

    It holds those means that the test would not refute if the coin of each cluster favoured the first with one and the
    same other probability, and leaves out 0 exactly where p is below 1 - ``level``. With one case in each cluster this
    is the interval of Clopper and Pearson (Biometrika 26:404, 1934) for the discordant cases. It is conditional on
    which clusters favour either system, as the test is.

    Args:
        differences: whole numbers, shape (n,).
        clusters: the cluster of each case, shape (n,).
        scale: what the differences are multiples of: divides them.
        level: of confidence.

    Raises:
        DataError: as :func:`sign_flip`.
    """
    values = _whole(differences)
    sums = _cluster_sums(values, clusters)
    unit = "cases" if clusters is None else "clusters"
    method = f"{level * 100:g} % exact, of the sign-flip test over discordant {unit}"
    per_case = len(values) * scale
    bare = Estimate(value=float(values.sum()) / per_case, low=None, high=None, method=method, n=len(values))
    if not len(sums):
        return bare.without_interval(f"no {unit} are discordant")
    unit_size = int(np.gcd.reduce(np.abs(sums)))
    sizes = np.abs(sums) // unit_size
    total, heads = int(sizes.sum()), int(sizes[sums > 0].sum())
    rest = (1 - level) / 2
    low = 0.0 if heads == 0 else _solve(lambda chance: float(_heads(sizes, chance)[heads:].sum()) - rest)
    high = 1.0 if heads == total else _solve(lambda chance: rest - float(_heads(sizes, chance)[: heads + 1].sum()))
    ends = [(2 * chance - 1) * total * unit_size / per_case for chance in (low, high)]
    # One cluster that outweighs all others may leave the mean itself outside; it is on the same side of 0.
    return bare.model_copy(update={"low": min(ends[0], bare.value), "high": max(ends[1], bare.value)})


def _whole(differences: ArrayLike) -> Floats:
    values = column(differences, "differences")
    if np.any(values != np.round(values)):
        raise DataError("the differences are not whole numbers", expected="counts of right calls")
    return values


def _cluster_sums(values: Floats, clusters: ArrayLike | None) -> Integers:
    """Sums of the differences in each cluster, without those that are 0."""
    index, count = cluster_index(clusters, len(values))
    sums = np.round(np.bincount(index, values, count)).astype(np.int64)
    return sums[sums != 0]


def _solve(rising: Callable[[float], float]) -> float:
    """Where a rising function of a probability passes 0."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def _heads(sizes: Integers, chance: float = 0.5) -> Floats:
    """Distribution of the sum of those sizes whose coin shows heads, (total + 1,).

    Args:
        sizes: whole numbers above 0.
        chance: of heads, between 0 and 1.
    """
    found = np.ones(1)
    for_heads, for_tails = math.log(chance), math.log1p(-chance)
    for size, count in zip(*np.unique(sizes, return_counts=True), strict=True):
        n, part = int(count), np.zeros(int(size) * int(count) + 1)
        part[:: int(size)] = [
            math.exp(
                math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * for_heads + (n - k) * for_tails
            )
            for k in range(n + 1)
        ]
        found = _convolved(found, part)
    return found


def _convolved(left: Floats, right: Floats) -> Floats:
    if len(left) * len(right) <= DIRECT:
        return np.convolve(left, right)
    length = len(left) + len(right) - 1
    return np.maximum(np.fft.irfft(np.fft.rfft(left, length) * np.fft.rfft(right, length), length), 0.0)


def holm(p: Sequence[float]) -> list[float]:
    """P values adjusted for their number, so that any false discovery is rare (Holm, Scand. J. Stat. 6:65, 1979)."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    adjusted, highest = [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = highest
    return adjusted
