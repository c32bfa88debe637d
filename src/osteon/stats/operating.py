"""Thresholds on the calibrated probability, chosen on validation predictions and carried over to the test.

A case is called where its probability is at or above the threshold. Between two neighbouring probabilities every
threshold makes the same calls; the one halfway between them is taken, so that a difference in the last digit between
two machines moves no call.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.core.operating import OperatingPoint, OperatingPoints
from osteon.stats.checks import Floats, binary_labels, both_classes, case_weights, probabilities, same_length
from osteon.stats.ranking import sweep

ROUNDING: Final = 1e-12
"""Shares that miss a target by less than this reach it."""


def youden(labels: ArrayLike, probability: ArrayLike, weights: ArrayLike | None = None) -> OperatingPoint:
    """Threshold of the highest Youden index, sensitivity + specificity - 1 (Cancer 3:32, 1950).

    Of equal ones, the highest threshold.

    Raises:
        DataError: wrong input, or only one class.
    """
    thresholds, sensitivity, specificity = _candidates(labels, probability, weights)
    best = int(np.argmax(np.round(sensitivity + specificity, 12)))
    return _point(thresholds, sensitivity, specificity, best, "highest Youden index on validation")


class YoudenCurve(NamedTuple):
    """Youden's index of ``probability >= threshold``, thresholds rising; arrays of one length."""

    thresholds: Floats
    heights: Floats


def youden_curve(labels: ArrayLike, probability: ArrayLike) -> YoudenCurve:
    """Youden's index at every threshold that :func:`youden` chooses from.

    Raises:
        DataError: wrong input, or only one class.
    """
    thresholds, sensitivity, specificity = _candidates(labels, probability, None)
    return YoudenCurve(thresholds[::-1], (sensitivity + specificity - 1)[::-1])


class YoudenThreshold:
    """The threshold of :func:`youden`, and the index there, for many sets of weights at once.

    Cases are sorted once. Unlike :func:`youden` a case of weight 0 keeps its threshold as a candidate: in a resample the
    threshold lies halfway between neighbours among all cases.
    """

    names: tuple[str, ...] = ("threshold", "index")

    def __init__(self, labels: ArrayLike, probability: ArrayLike) -> None:
        """Sort the cases.

        Raises:
            DataError: wrong input, or only one class.
        """
        truth, values = binary_labels(labels), probabilities(probability)
        self._thresholds, _, _ = _candidates(truth, values, None)
        self.n: int = len(truth)
        self._order = np.argsort(-values, kind="stable")
        ordered = values[self._order]
        self._ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
        self._truth = truth[self._order]
        self._above = len(self._thresholds) > len(self._ends)

    def __call__(self, weights: Floats) -> Floats:
        """Threshold and index for each row of weights, shape (resamples, 2); NaN where a class has no weight."""
        ordered = np.take(weights, self._order, axis=1)
        positive = np.cumsum(np.where(self._truth, ordered, 0.0), axis=1)[:, self._ends]
        negative = np.cumsum(np.where(self._truth, 0.0, ordered), axis=1)[:, self._ends]
        with np.errstate(invalid="ignore", divide="ignore"):
            index = positive / positive[:, -1:] - negative / negative[:, -1:]
        if self._above:
            index = np.concatenate([np.zeros((len(index), 1)), index], axis=1)
        best = np.argmax(np.round(index, 12), axis=1)
        found = np.stack([self._thresholds[best], index[np.arange(len(index)), best]], axis=1)
        found[~np.isfinite(index).all(axis=1)] = np.nan
        return found


def at_sensitivity(
    labels: ArrayLike, probability: ArrayLike, target: float, weights: ArrayLike | None = None
) -> OperatingPoint:
    """Highest threshold whose sensitivity is at least ``target``.

    Raises:
        DataError: wrong input, only one class, or a target outside (0, 1].
    """
    _share(target, "sensitivity")
    thresholds, sensitivity, specificity = _candidates(labels, probability, weights)
    first = int(np.flatnonzero(sensitivity >= target - ROUNDING)[0])
    rule = f"highest threshold with sensitivity >= {target:g} on validation"
    return _point(thresholds, sensitivity, specificity, first, rule)


def at_specificity(
    labels: ArrayLike, probability: ArrayLike, target: float, weights: ArrayLike | None = None
) -> OperatingPoint:
    """Lowest threshold whose specificity is at least ``target``.

    Raises:
        DataError: wrong input, only one class, a target outside (0, 1], or no threshold reaches it because too many
            negative cases have a probability of 1.
    """
    _share(target, "specificity")
    thresholds, sensitivity, specificity = _candidates(labels, probability, weights)
    reaching = np.flatnonzero(specificity >= target - ROUNDING)
    if not len(reaching):
        raise DataError(
            "no threshold is specific enough",
            expected=f"specificity >= {target:g}",
            got=f"{specificity[0]:.3f} at the highest threshold",
        )
    rule = f"lowest threshold with specificity >= {target:g} on validation"
    return _point(thresholds, sensitivity, specificity, int(reaching[-1]), rule)


def operating_points(
    labels: ArrayLike, probability: ArrayLike, *, sensitivity: float | None, specificity: float | None
) -> OperatingPoints:
    """The two thresholds of a bundle: *doubt* at a sensitivity, *definite* at a specificity.

    None takes the threshold of the highest Youden index instead.

    Where the ranking is so good that the threshold of the specificity lies below that of the sensitivity, both targets
    are reached by either, and *definite* is raised to *doubt*: nothing lies between them.

    Raises:
        DataError: as :func:`at_sensitivity` and :func:`at_specificity`.
    """
    best = youden(labels, probability)
    doubt = best if sensitivity is None else at_sensitivity(labels, probability, sensitivity)
    definite = best if specificity is None else at_specificity(labels, probability, specificity)
    if definite.threshold < doubt.threshold:
        definite = doubt.model_copy(update={"rule": f"{definite.rule}, raised to the doubt threshold"})
    return OperatingPoints(doubt=doubt, definite=definite)


def _share(target: float, name: str) -> None:
    if not 0 < target <= 1:
        raise DataError(f"this {name} cannot be aimed at", expected="a number in (0, 1]", got=f"{target:g}")


def _candidates(labels: ArrayLike, probability: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    """Thresholds in [0, 1], falling, with the sensitivity and specificity of each."""
    truth, values = binary_labels(labels), probabilities(probability)
    same_length(truth, values, "labels and probabilities")
    weight = case_weights(weights, len(truth))
    both_classes(truth, weight, "an operating point")
    counts = sweep(truth, values, weight)
    sensitivity = counts.true_positive / counts.true_positive[-1]
    specificity = 1 - counts.false_positive / counts.false_positive[-1]
    lower = np.append(counts.thresholds[1:], 0.0)
    thresholds = (counts.thresholds + lower) / 2
    # Two probabilities may be neighbours among floats: then nothing lies between, and the upper one is the threshold.
    thresholds = np.where(thresholds > lower, thresholds, counts.thresholds)
    if counts.thresholds[0] < 1:
        above = (1 + counts.thresholds[0]) / 2
        thresholds = np.append(above if above > counts.thresholds[0] else 1.0, thresholds)
        sensitivity, specificity = np.append(0.0, sensitivity), np.append(1.0, specificity)
    return thresholds, sensitivity, specificity


def _point(thresholds: Floats, sensitivity: Floats, specificity: Floats, at: int, rule: str) -> OperatingPoint:
    return OperatingPoint(
        threshold=float(thresholds[at]),
        rule=rule,
        sensitivity=float(sensitivity[at]),
        specificity=float(specificity[at]),
    )
