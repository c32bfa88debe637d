"""What calls are worth: net benefit over thresholds, and error over the share of cases that are read at all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Floats, binary_labels, probabilities, same_length


class DecisionCurve(NamedTuple):
    """Net benefit per case (Vickers and Elkin, Med. Decis. Making 26:565, 2006).

    Attributes:
        thresholds: probability at which one would act, rising, in (0, 1).
        model: of acting where the probability reaches the threshold.
        everyone: of acting always; acting never has 0.
    """

    thresholds: Floats
    model: Floats
    everyone: Floats


def decision_curve(labels: ArrayLike, probability: ArrayLike, thresholds: ArrayLike | None = None) -> DecisionCurve:
    """Net benefit: true positives minus false positives at the odds of the threshold, per case.

    Raises:
        DataError: wrong input, or a threshold outside (0, 1).
    """
    truth, values = binary_labels(labels), probabilities(probability)
    same_length(truth, values, "labels and probabilities")
    at = np.linspace(0.01, 0.99, 99) if thresholds is None else np.asarray(thresholds, np.float64)
    if np.any((at <= 0) | (at >= 1)):
        raise DataError("a threshold has no odds", expected="thresholds in (0, 1)")
    odds = at / (1 - at)
    positive, negative = np.sort(values[truth]), np.sort(values[~truth])
    gained = len(positive) - np.searchsorted(positive, at, "left")
    lost = len(negative) - np.searchsorted(negative, at, "left")
    n = len(truth)
    return DecisionCurve(at, (gained - lost * odds) / n, (len(positive) - len(negative) * odds) / n)


class RiskCoverage(NamedTuple):
    """Error of the cases that are kept, as the least certain are handed on (El-Yaniv and Wiener, JMLR 11:1605, 2010).

    Attributes:
        coverage: share of the cases kept, rising to 1; one entry for each distinct certainty.
        risk: share of wrong calls among them.
        area: mean risk over all coverages, in steps of one case.
    """

    coverage: Floats
    risk: Floats
    area: float


def risk_coverage(labels: ArrayLike, probability: ArrayLike, threshold: float = 0.5) -> RiskCoverage:
    """Risk against coverage; certainty is the distance of the log odds from those of the threshold.

    Cases of equal certainty are kept or handed on together.

    Raises:
        DataError: wrong input, or a threshold outside (0, 1).
    """
    statistic = Selective(labels, probability, threshold)
    kept, wrong = statistic.counts(np.ones((1, statistic.n)))
    risk = wrong[0] / kept[0]
    return RiskCoverage(kept[0] / statistic.n, risk, float(statistic(np.ones((1, statistic.n)))[0, 0]))


class Selective:
    """The area under the risk-coverage curve for many sets of weights at once."""

    names: tuple[str, ...] = ("aurc",)

    def __init__(self, labels: ArrayLike, probability: ArrayLike, threshold: float = 0.5) -> None:
        """Sort the cases by certainty.

        Raises:
            DataError: wrong input, or a threshold outside (0, 1).
        """
        truth, values = binary_labels(labels), probabilities(probability)
        same_length(truth, values, "labels and probabilities")
        if not 0 < threshold < 1:
            raise DataError("this threshold has no odds", expected="a threshold in (0, 1)", got=f"{threshold:g}")
        self.n: int = len(truth)
        with np.errstate(divide="ignore"):
            certainty = np.abs(np.log(values) - np.log1p(-values) - np.log(threshold / (1 - threshold)))
        self._order = np.argsort(-certainty, kind="stable")
        ordered = certainty[self._order]
        self._ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), self.n - 1)
        self._wrong = ((values >= threshold) != truth)[self._order].astype(np.float64)

    def counts(self, weights: Floats) -> tuple[Floats, Floats]:
        """Cases kept, and wrong calls among them, at each distinct certainty from the highest on: (resamples, k)."""
        ordered = np.take(weights, self._order, axis=1)
        kept = np.take(np.cumsum(ordered, axis=1), self._ends, axis=1)
        return kept, np.take(np.cumsum(ordered * self._wrong, axis=1), self._ends, axis=1)

    def __call__(self, weights: Floats) -> Floats:
        """Mean risk over all coverages, shape (resamples, 1); NaN where all weights are 0."""
        kept, wrong = self.counts(weights)
        with np.errstate(invalid="ignore", divide="ignore"):
            risk = np.where(kept > 0, wrong / kept, 0.0)
            return (np.sum(risk * np.diff(kept, axis=1, prepend=0.0), axis=1) / kept[:, -1])[:, None]
