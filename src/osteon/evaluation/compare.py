"""Two systems on the same cases: paired DeLong, McNemar, paired cluster bootstrap, Holm's correction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.bundle.manifest import Figure
from osteon.core.errors import DataError
from osteon.evaluation.bootstrap import bootstrap
from osteon.evaluation.checks import Booleans, binary_labels, both_classes, column, same_length
from osteon.evaluation.intervals import auroc_covariance, components, normal_quantile
from osteon.evaluation.measure import Settings
from osteon.evaluation.predictions import Predictions
from osteon.evaluation.ranking import Ranking
from osteon.evaluation.statistic import Difference, Mean

FIGURES: Final = ("auroc", "average_precision")


@dataclass(frozen=True)
class Comparison:
    """One figure of two systems on the same cases.

    Attributes:
        first: name of the first system.
        second: name of the second.
        figure: what is compared.
        difference: first minus second.
        p: two-sided p value of no difference; None where only an interval is known.
        adjusted: p after Holm's correction over all comparisons made together; None before it.
        test: how p was found.
    """

    first: str
    second: str
    figure: str
    difference: Figure
    p: float | None
    adjusted: float | None
    test: str


def paired_delong(
    labels: ArrayLike, first: ArrayLike, second: ArrayLike, *, clusters: ArrayLike | None = None, level: float = 0.95
) -> tuple[Figure, float]:
    """Difference of two AUROCs on the same cases, with interval and two-sided p (DeLong et al. 1988, Obuchowski 1997).

    Returns:
        First minus second, and p; p is 1 where the two rank alike in every pair.

    Raises:
        DataError: wrong input, only one class or one case of it; or the variance of the difference is 0 while the
            AUROCs differ, so that there is no test.
    """
    truth = binary_labels(labels)
    scores = np.stack([column(first, "scores"), column(second, "scores")])
    same_length(truth, scores[0], "labels and scores")
    both_classes(truth, np.ones(len(truth)), "the AUROC")
    parts = components(truth, scores)
    covariance = auroc_covariance(parts, truth, clusters)
    difference = float(parts.areas[0] - parts.areas[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    # What rounding leaves of 0.
    if variance <= 1e-14 and abs(difference) > 1e-12:
        raise DataError("the difference cannot be tested", expected="some spread between cases", got="variance 0")
    half = normal_quantile(level) * max(variance, 0.0) ** 0.5
    p = math.erfc(abs(difference) / math.sqrt(2 * variance)) if variance > 1e-14 else 1.0
    method = f"{level * 100:g} % paired DeLong" + ("" if clusters is None else ", clustered (Obuchowski)")
    return Figure(value=difference, low=difference - half, high=difference + half, method=method, n=len(truth)), p


def mcnemar(labels: ArrayLike, first: ArrayLike, second: ArrayLike) -> tuple[int, int, float]:
    """Exact test that two sets of calls are right equally often (McNemar, Psychometrika 12:153, 1947).

    It treats cases as independent; of clustered cases p is too small.

    Args:
        labels: 0 or 1, shape (n,).
        first: calls 0 or 1, shape (n,).
        second: calls 0 or 1, shape (n,).

    Returns:
        How many cases only the first called rightly, how many only the second, and the two-sided binomial p.

    Raises:
        DataError: wrong input.
    """
    truth, one, two = binary_labels(labels), binary_labels(first), binary_labels(second)
    same_length(truth, one, "labels and calls")
    same_length(truth, two, "labels and calls")
    right_one, right_two = one == truth, two == truth
    only_first, only_second = int((right_one & ~right_two).sum()), int((right_two & ~right_one).sum())
    return only_first, only_second, binomial_p(min(only_first, only_second), only_first + only_second)


def binomial_p(successes: int, n: int) -> float:
    """Two-sided p of at most ``successes`` (not above half) of ``n`` fair coins; 1 for no coin."""
    if n == 0:
        return 1.0
    logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(successes + 1)]
    top = max(logs)
    tail = math.exp(top - n * math.log(2)) * sum(math.exp(value - top) for value in logs)
    return min(1.0, 2 * tail)


def holm(p: Sequence[float]) -> list[float]:
    """P values adjusted for their number, so that any false discovery is rare (Holm, Scand. J. Stat. 6:65, 1979)."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    adjusted, highest = [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = highest
    return adjusted


def compare(
    systems: Mapping[str, Predictions],
    thresholds: Mapping[str, float] | None = None,
    settings: Settings | None = None,
) -> tuple[Comparison, ...]:
    """Compare every two systems on the images that all of them read.

    Args:
        systems: predictions by the system's name, of the same images.
        thresholds: of each system, to compare calls at; without it only rankings are compared.
        settings: of the intervals.

    Returns:
        For each pair the AUROC (paired DeLong), average precision (bootstrap) and, with thresholds, accuracy (McNemar);
        p is adjusted over all of them.

    Raises:
        DataError: there are fewer than two systems, or they do not agree on images, labels or clusters.
    """
    if len(systems) < 2:
        raise DataError("there is nothing to compare", expected="two systems or more", got=f"{len(systems)}")
    settings = settings or Settings()
    aligned = dict(zip(systems, _aligned(list(systems.values())), strict=True))
    found: list[Comparison] = []
    for first, second in combinations(aligned, 2):
        found += _pair((first, aligned[first]), (second, aligned[second]), settings)
        if thresholds is not None:
            found.append(_calls((first, aligned[first]), (second, aligned[second]), thresholds, settings))
    tested = [one.p for one in found if one.p is not None]
    corrected = iter(holm(tested))
    return tuple(one if one.p is None else replace(one, adjusted=next(corrected)) for one in found)


def _pair(first: tuple[str, Predictions], second: tuple[str, Predictions], settings: Settings) -> list[Comparison]:
    (name, one), (other_name, two) = first, second
    statistic = Difference(Ranking(one.label, one.probability), Ranking(two.label, two.probability))
    gaps = bootstrap(
        statistic, clusters=one.cluster, resamples=settings.resamples, seed=settings.seed, level=settings.level
    )
    _, p = paired_delong(one.label, one.probability, two.probability, clusters=one.cluster, level=settings.level)
    tests = {"auroc": (p, "paired DeLong"), "average_precision": (None, "paired cluster bootstrap")}
    return [
        Comparison(name, other_name, figure, gaps[figure], tests[figure][0], None, tests[figure][1])
        for figure in FIGURES
        if figure in gaps
    ]


def _calls(
    first: tuple[str, Predictions],
    second: tuple[str, Predictions],
    thresholds: Mapping[str, float],
    settings: Settings,
) -> Comparison:
    (name, one), (other_name, two) = first, second
    calls = one.probability >= thresholds[name], two.probability >= thresholds[other_name]
    better, worse, p = mcnemar(one.label, *calls)
    right = [(call == (one.label == 1)).astype(np.float64) for call in calls]
    gap = bootstrap(
        Mean("accuracy", right[0] - right[1]), clusters=one.cluster, resamples=settings.resamples, seed=settings.seed
    )["accuracy"]
    return Comparison(name, other_name, "accuracy", gap, p, None, f"McNemar, exact: {better} against {worse}")


def _aligned(tables: Sequence[Predictions]) -> list[Predictions]:
    """The rows that every system completed, in one order.

    Raises:
        DataError: systems name different images, or disagree on labels or clusters.
    """
    sets = [set(table.image.tolist()) for table in tables]
    apart = len(set.union(*sets) - set.intersection(*sets))
    if apart:
        raise DataError(
            "the systems were run on different images", expected="the same images", got=f"{apart} not in all"
        )
    ordered = [table.select(np.argsort(table.image, kind="stable")) for table in tables]
    first = ordered[0]
    for other in ordered[1:]:
        if not np.array_equal(first.label, other.label):
            raise DataError("the systems disagree on the labels", hint="Compare predictions made with the same table.")
        if not np.array_equal(first.cluster, other.cluster):
            raise DataError(
                "the systems disagree on the clusters", hint="Compare predictions made with the same table."
            )
    kept: Booleans = np.logical_and.reduce([table.labelled & table.read for table in ordered])
    return [table.select(kept) for table in ordered]
