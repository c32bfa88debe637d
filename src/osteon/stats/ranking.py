"""How well scores rank positive cases above negative ones: AUROC, average precision and their curves.

Definitions and the handling of ties are those of scikit-learn: tied scores are one threshold; AUROC counts a tie
between a positive and a negative as one half (Hanley and McNeil, Radiology 143:29, 1982); average precision is the sum
over thresholds of the rise in recall times the precision there, without interpolation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Booleans, Floats, binary_cases, both_classes, case_weights
from osteon.stats.statistic import counted


class RocCurve(NamedTuple):
    """Sensitivity and specificity of ``score >= threshold``, thresholds falling from infinity (nothing called)."""

    sensitivity: Floats
    specificity: Floats
    thresholds: Floats


class PrecisionRecallCurve(NamedTuple):
    """Precision and recall of ``score >= threshold``, thresholds falling (recall rising)."""

    precision: Floats
    recall: Floats
    thresholds: Floats


class Counts(NamedTuple):
    """Weights of the cases called at each distinct threshold, thresholds falling; arrays of one length."""

    true_positive: Floats
    false_positive: Floats
    thresholds: Floats


def sweep(truth: Booleans, scores: Floats, weights: Floats) -> Counts:
    """Count what is called at each distinct score, highest first; cases of weight 0 set no threshold."""
    kept = weights > 0
    truth, scores, weights = truth[kept], scores[kept], weights[kept]
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    positive = np.cumsum(np.where(truth[order], weights[order], 0.0))[ends]
    negative = np.cumsum(np.where(truth[order], 0.0, weights[order]))[ends]
    return Counts(positive, negative, ordered[ends])


def roc_curve(labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> RocCurve:
    """Sensitivity and specificity at every distinct threshold, with the corner where nothing is called.

    Raises:
        DataError: wrong input, or only one class.
    """
    truth, values = binary_cases(labels, scores)
    weight = case_weights(weights, len(truth))
    both_classes(truth, weight, "the ROC curve")
    counts = sweep(truth, values, weight)
    sensitivity = np.append(0.0, counts.true_positive / counts.true_positive[-1])
    specificity = 1.0 - np.append(0.0, counts.false_positive / counts.false_positive[-1])
    return RocCurve(sensitivity, specificity, np.append(np.inf, counts.thresholds))


def precision_recall_curve(
    labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None
) -> PrecisionRecallCurve:
    """Precision and recall at every distinct threshold.

    Raises:
        DataError: wrong input, or no positive case.
    """
    truth, values = binary_cases(labels, scores)
    weight = case_weights(weights, len(truth))
    _some_positive(truth, weight, "the precision-recall curve")
    counts = sweep(truth, values, weight)
    precision = counts.true_positive / (counts.true_positive + counts.false_positive)
    return PrecisionRecallCurve(precision, counts.true_positive / counts.true_positive[-1], counts.thresholds)


def auroc(labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Area under the ROC curve: the chance that a positive case scores above a negative one, ties counting one half.

    Args:
        labels: 0 or 1, shape (n,).
        scores: any scale, shape (n,).
        weights: of the cases, shape (n,).

    Raises:
        DataError: wrong input, or only one class.
    """
    truth, values = binary_cases(labels, scores)
    weight = case_weights(weights, len(truth))
    both_classes(truth, weight, "the AUROC")
    return float(Ranking(truth, values)(weight[None])[0, 0])


def average_precision(labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Area under the precision-recall curve as a sum of steps, as scikit-learn defines it.

    Raises:
        DataError: wrong input, or no positive case.
    """
    truth, values = binary_cases(labels, scores)
    weight = case_weights(weights, len(truth))
    _some_positive(truth, weight, "the average precision")
    return float(Ranking(truth, values)(weight[None])[0, 1])


def _some_positive(truth: Booleans, weights: Floats, figure: str) -> None:
    if not np.any(truth & (weights > 0)):
        raise DataError(f"{figure} is undefined without positive cases", expected="at least one", got="0")


class Ranking:
    """AUROC and average precision for many sets of weights at once.

    Cases are sorted once. For each set of weights there is one cumulative sum over the negatives and one over the
    positives, read off at the distinct scores that positives have: only those add to either area.
    """

    names: tuple[str, ...] = ("auroc", "average_precision")

    def __init__(self, labels: ArrayLike, scores: ArrayLike) -> None:
        """Sort the cases.

        Raises:
            DataError: wrong input.
        """
        truth, values = binary_cases(labels, scores)
        self.n: int = len(truth)
        order = np.argsort(-values, kind="stable")
        self._positive = order[truth[order]]
        self._negative = order[~truth[order]]
        positive, negative = -values[self._positive], -values[self._negative]
        last = np.append(positive[1:] != positive[:-1], True) if len(positive) else np.zeros(0, bool)
        self._ends = np.flatnonzero(last)
        distinct = positive[self._ends]
        self._tied = bool(len(self._ends) < len(positive))
        self._above = np.searchsorted(negative, distinct, side="left")
        self._reached = np.searchsorted(negative, distinct, side="right")

    def __call__(self, weights: Floats) -> Floats:
        """AUROC and average precision for each row of weights, shape (resamples, 2); NaN where undefined."""
        rows, counts = len(weights), counted(weights)
        if not len(self._positive):
            return np.full((rows, 2), np.nan)
        negative = np.zeros((rows, len(self._negative) + 1), counts.dtype)
        np.cumsum(np.take(counts, self._negative, axis=1), axis=1, dtype=counts.dtype, out=negative[:, 1:])
        gained = np.take(counts, self._positive, axis=1)
        called = np.cumsum(gained, axis=1, dtype=counts.dtype)
        if self._tied:
            called = np.take(called, self._ends, axis=1)
            gained = np.diff(called, axis=1, prepend=called.dtype.type(0))
        wrong = np.take(negative, self._reached, axis=1)
        positives, negatives = called[:, -1], negative[:, -1]
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = called / (called + wrong)
            # A threshold that no weight reaches adds nothing: 0 / 0 there is no figure.
            precision[called == 0] = 0.0
            area = np.einsum("ij,ij->i", gained, precision) / positives
            beaten = (wrong + np.take(negative, self._above, axis=1)).astype(np.float64)
            below = negatives - 0.5 * np.einsum("ij,ij->i", gained, beaten) / positives
            return np.stack([below / negatives, area], axis=1)
