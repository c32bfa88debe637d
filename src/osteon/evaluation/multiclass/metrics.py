"""Figures of several classes for many sets of weights at once: each class against the rest, and their averages.

Definitions are scikit-learn's (one-vs-rest AUROC, ``zero_division=0`` for a class that is never predicted). *Macro* is
the plain mean over the classes, *weighted* the mean by their number of cases. A class without cases has no figures; where
it is predicted all the same, its precision, recall and F1 count as 0 in the plain mean, since those predictions are all
wrong, and where it is never predicted it does not count. The same holds in a resample.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from osteon.core.errors import DataError
from osteon.evaluation.predictions.classes import Classes
from osteon.stats.checks import Booleans, Floats, Integers
from osteon.stats.classification import FIGURES as CALLS
from osteon.stats.classification import Decisions
from osteon.stats.ranking import Ranking

FIGURES: Final = (
    "auroc",
    "average_precision",
    "precision",
    "recall",
    "specificity",
    "f1",
    "balanced_accuracy",
)
"""Of each class against the rest."""

OF_MEANS: Final = "macro.f1_of_means"

_CALLS: Final = {"precision": "ppv", "recall": "sensitivity"}
_EMPTY_IS_ZERO: Final = ("precision", "recall", "f1")
"""Figures that count as 0 in an average for a class with cases that is never predicted, or one without that is."""


class PerClass:
    """All figures of :data:`FIGURES` for each class, and their averages.

    Names: ``<class>.<figure>``, ``macro.<figure>``, ``weighted.<figure>`` and ``macro.f1_of_means``, the harmonic mean
    of macro precision and macro recall, which some papers call F1: it is never below the mean of the F1 of the classes,
    ``macro.f1``. Where classes exclude each other also ``accuracy``, ``balanced_accuracy`` (mean recall) and ``kappa``,
    otherwise ``exact_match`` (all classes right).
    """

    def __init__(self, classes: Classes, thresholds: Sequence[float] | None = None) -> None:
        """Prepare the cases of each class.

        Args:
            classes: of rows that are read and have a known class.
            thresholds: of each class, for classes that do not exclude each other; by default 0.5.

        Raises:
            DataError: a row is not usable.
        """
        if not len(classes) or not classes.usable().all():
            raise DataError("some images have no class or no probability", expected="usable rows only")
        self.n: int = len(classes)
        self._exclusive = classes.exclusive
        self._called = called(classes, thresholds)
        self._truth = classes.truth
        self._parts: list[tuple[Integers, Ranking, Decisions]] = []
        for i in range(len(classes.names)):
            rows = np.flatnonzero(classes.truth[:, i] >= 0)
            if not len(rows):
                raise DataError(f"all labels are unknown for the class {classes.names[i]}", hint="Leave it out.")
            truth, chance = classes.truth[rows, i], classes.probability[rows, i]
            self._parts.append((rows, Ranking(truth, chance), Decisions(truth, self._called[rows, i])))
        whole = ("accuracy", "balanced_accuracy", "kappa") if classes.exclusive else ("exact_match",)
        groups = (*classes.names, "macro", "weighted")
        self.names: tuple[str, ...] = (*whole, *(f"{group}.{name}" for group in groups for name in FIGURES), OF_MEANS)

    def __call__(self, weights: Floats) -> Floats:
        """The figures for each row of weights, shape (resamples, len(names)); NaN where undefined."""
        table = np.empty((len(weights), len(self._parts), len(FIGURES)))
        support = np.empty((len(weights), len(self._parts)))
        is_called = np.empty((len(weights), len(self._parts)), bool)
        for i, (rows, ranking, decisions) in enumerate(self._parts):
            own = weights if len(rows) == self.n else np.take(weights, rows, axis=1)
            table[:, i, :2] = ranking(own)
            calls = decisions(own)
            for column, name in enumerate(FIGURES[2:], 2):
                table[:, i, column] = calls[:, CALLS.index(_CALLS.get(name, name))]
            support[:, i] = own @ (self._truth[rows, i] == 1)
            is_called[:, i] = own @ self._called[rows, i] > 0
        table[support == 0] = np.nan
        macro, weighted = _averages(table, support, is_called)
        parts = [self._whole(weights), table.reshape(len(weights), -1), macro, weighted, _f1_of_means(macro)]
        return np.concatenate(parts, axis=1)

    def _whole(self, weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            if not self._exclusive:
                known = self._truth >= 0
                right = ((self._called == (self._truth == 1)) | ~known).all(axis=1)
                return (weights @ right / total)[:, None]
            cells = confusion(self._truth, self._called, weights)
            right = np.trace(cells, axis1=1, axis2=2)
            rows, columns = cells.sum(axis=2), cells.sum(axis=1)
            recall = np.diagonal(cells, axis1=1, axis2=2) / rows
            seen = rows > 0
            balanced = np.where(seen, recall, 0.0).sum(axis=1) / seen.sum(axis=1)
            chance = (rows * columns).sum(axis=1) / total
            # All cases in one cell: agreement by chance is certain, and kappa is 0 / 0.
            kappa = np.where(np.isclose(chance, total, rtol=1e-12), np.nan, (right - chance) / (total - chance))
            return np.stack([right / total, balanced, kappa], axis=1)


class WrongCalls:
    """How many cases of each class are called another one, and how many others are called it.

    Names: ``<class>.false_negatives`` and ``<class>.false_positives``.
    """

    def __init__(self, classes: Classes, thresholds: Sequence[float] | None = None) -> None:
        """Count the cases; arguments as those of :class:`PerClass`."""
        calls = called(classes, thresholds)
        missed, false = (classes.truth == 1) & ~calls, (classes.truth == 0) & calls
        self.names: tuple[str, ...] = tuple(
            f"{name}.{kind}" for kind in ("false_negatives", "false_positives") for name in classes.names
        )
        self._columns = np.concatenate([missed, false], axis=1).astype(np.float64)
        self.n: int = len(classes)

    def __call__(self, weights: Floats) -> Floats:
        """The sums for each row of weights, shape (resamples, len(names))."""
        return weights @ self._columns


def _averages(table: Floats, support: Floats, is_called: Booleans) -> tuple[Floats, Floats]:
    """Macro and weighted averages, (resamples, figures), from (resamples, classes, figures).

    Args:
        table: the figures of each class.
        support: cases of each class, (resamples, classes).
        is_called: whether it is predicted, (resamples, classes).
    """
    filled = table.copy()
    for name in _EMPTY_IS_ZERO:
        column = filled[:, :, FIGURES.index(name)]
        column[np.isnan(column) & ((support > 0) | is_called)] = 0.0
    defined = np.isfinite(filled)
    filled[~defined] = 0.0
    heavy = support[:, :, None] * defined
    with np.errstate(invalid="ignore", divide="ignore"):
        macro = filled.sum(axis=1) / defined.sum(axis=1)
        weighted = (filled * heavy).sum(axis=1) / heavy.sum(axis=1)
    return macro, weighted


def _f1_of_means(macro: Floats) -> Floats:
    """Harmonic mean of macro precision and recall, (resamples, 1); 0 where both are, NaN where one is undefined."""
    precision, recall = (macro[:, FIGURES.index(name)] for name in ("precision", "recall"))
    total = precision + recall
    return np.divide(2 * precision * recall, total, out=np.where(total == 0, 0.0, np.nan), where=total > 0)[:, None]


def called(classes: Classes, thresholds: Sequence[float] | None = None) -> np.ndarray:
    """The predicted classes, bool (n, k): that of the highest probability, or those above their thresholds."""
    if classes.exclusive:
        chosen = np.zeros(classes.probability.shape, bool)
        chosen[np.arange(len(classes)), classes.probability.argmax(axis=1)] = True
        return chosen
    limits = np.full(len(classes.names), 0.5) if thresholds is None else np.asarray(thresholds, np.float64)
    return classes.probability >= limits


def confusion(truth: np.ndarray, calls: np.ndarray, weights: Floats) -> Floats:
    """Confusion matrices of classes that exclude each other, (resamples, k, k): rows true, columns called."""
    k = truth.shape[1]
    cell = truth.argmax(axis=1) * k + calls.argmax(axis=1)
    inside = np.zeros((len(truth), k * k))
    inside[np.arange(len(truth)), cell] = 1.0
    return (weights @ inside).reshape(len(weights), k, k)
