"""Figures of yes-or-no calls: sensitivity, specificity, predictive values, F1, kappa: what a two by two table gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Booleans, Floats, binary_cases, binary_labels, case_weights, same_length

FIGURES: Final = (
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "f1",
    "accuracy",
    "balanced_accuracy",
    "kappa",
)
"""Names of the figures of calls, in the order of :class:`Decisions`."""

PROPORTIONS: Final = ("sensitivity", "specificity", "ppv", "npv")
"""Those of them that are a number of cases divided by another."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """A two by two table; counts, or sums of weights.

    A property raises :class:`~osteon.core.errors.DataError` where its denominator is 0: that figure has no value.
    """

    true_positive: float
    false_positive: float
    true_negative: float
    false_negative: float

    @property
    def n(self) -> float:
        """All cases."""
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative

    @property
    def sensitivity(self) -> float:
        """Positives that were called: recall."""
        return self.figure("sensitivity")

    @property
    def specificity(self) -> float:
        """Negatives that were not called."""
        return self.figure("specificity")

    @property
    def ppv(self) -> float:
        """Calls that were right: precision, at the prevalence of these cases."""
        return self.figure("ppv")

    @property
    def npv(self) -> float:
        """Cases not called that were negative, at the prevalence of these cases."""
        return self.figure("npv")

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing right was called."""
        return self.figure("f1")

    @property
    def accuracy(self) -> float:
        """Cases that were right."""
        return self.figure("accuracy")

    @property
    def balanced_accuracy(self) -> float:
        """Mean of sensitivity and specificity."""
        return self.figure("balanced_accuracy")

    @property
    def kappa(self) -> float:
        """Agreement beyond chance (Cohen, Educ. Psychol. Meas. 20:37, 1960)."""
        return self.figure("kappa")

    def share(self, name: str) -> tuple[int, int]:
        """Numerator and denominator of one of :data:`PROPORTIONS`, or of accuracy, for tables of counts."""
        tp, fp = round(self.true_positive), round(self.false_positive)
        tn, fn = round(self.true_negative), round(self.false_negative)
        return {
            "sensitivity": (tp, tp + fn),
            "specificity": (tn, tn + fp),
            "ppv": (tp, tp + fp),
            "npv": (tn, tn + fn),
            "accuracy": (tp + tn, tp + fp + tn + fn),
        }[name]

    def figure(self, name: str) -> float:
        """A figure of :data:`FIGURES` by its name.

        Raises:
            DataError: its denominator is 0.
            ValueError: there is no such figure.
        """
        cells = np.array([[self.true_positive], [self.false_positive], [self.true_negative], [self.false_negative]])
        value = float(_figures(cells)[0, FIGURES.index(name)])
        if np.isnan(value):
            raise DataError(
                f"{name} is undefined for these calls",
                got=f"{self.true_positive:g} true positive, {self.false_positive:g} false positive, "
                f"{self.true_negative:g} true negative, {self.false_negative:g} false negative",
            )
        return value


def confusion(labels: ArrayLike, calls: ArrayLike, weights: ArrayLike | None = None) -> Confusion:
    """Count calls against labels.

    Args:
        labels: 0 or 1, shape (n,).
        calls: 0 or 1 (False or True), shape (n,).
        weights: of the cases, shape (n,).

    Raises:
        DataError: wrong input.
    """
    truth, called = binary_labels(labels), binary_labels(calls)
    same_length(truth, called, "labels and calls")
    weight = case_weights(weights, len(truth))
    cells = Decisions(truth, called).cells(weight[None])[:, 0]
    return Confusion(*(float(cell) for cell in cells))


def confusion_at(labels: ArrayLike, scores: ArrayLike, threshold: float, weights: ArrayLike | None = None) -> Confusion:
    """Count the calls ``score >= threshold`` against labels.

    Raises:
        DataError: wrong input.
    """
    truth, values = binary_cases(labels, scores)
    return confusion(truth, values >= threshold, weights)


class Decisions:
    """All figures of :data:`FIGURES` for many sets of weights at once: one matrix product gives the four cells."""

    names: tuple[str, ...] = FIGURES

    def __init__(self, labels: ArrayLike, calls: ArrayLike) -> None:
        """Sort the cases into the four cells.

        Raises:
            DataError: wrong input.
        """
        truth, called = binary_labels(labels), binary_labels(calls)
        same_length(truth, called, "labels and calls")
        self.n: int = len(truth)
        self._cell: Floats = np.stack(_cells(truth, called), axis=1).astype(np.float64)

    def cells(self, weights: Floats) -> Floats:
        """True positives, false positives, true negatives, false negatives: shape (4, resamples)."""
        return (weights @ self._cell).T

    def __call__(self, weights: Floats) -> Floats:
        """The figures for each row of weights, shape (resamples, 8); NaN where undefined."""
        return _figures(self.cells(weights))


def _cells(truth: Booleans, called: Booleans) -> list[Booleans]:
    return [truth & called, ~truth & called, ~truth & ~called, truth & ~called]


def _figures(cells: Floats) -> Floats:
    """Figures (k, 8) from the four cells (4, k); NaN where a denominator is 0."""
    tp, fp, tn, fn = cells
    n = tp + fp + tn + fn
    with np.errstate(invalid="ignore", divide="ignore"):
        sensitivity, specificity = tp / (tp + fn), tn / (tn + fp)
        chance = ((tp + fp) * (tp + fn) + (tn + fn) * (tn + fp)) / n
        kappa = (tp + tn - chance) / (n - chance)
        # All cases in one cell: agreement by chance is certain, and what lies beyond it is 0 / 0 but for rounding.
        kappa[np.maximum(np.maximum(tp, tn), np.maximum(fp, fn)) == n] = np.nan
        table = [
            sensitivity,
            specificity,
            tp / (tp + fp),
            tn / (tn + fn),
            2 * tp / (2 * tp + fp + fn),
            (tp + tn) / n,
            (sensitivity + specificity) / 2,
            kappa,
        ]
    return np.stack(table, axis=1)
