"""Predictive values at other prevalences than that of the test cases, by Bayes' rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Floats
from osteon.stats.classification import Decisions

PREVALENCES: Final = (0.02, 0.05, 0.1, 0.2)
"""Shares of positive cases that are shown unless others are asked for: from screening to an emergency department."""


class AtPrevalence:
    """Predictive values for many sets of weights at once; sensitivity and specificity are taken to carry over.

    Names: ``ppv_at_<prevalence>`` and ``npv_at_<prevalence>``.
    """

    def __init__(self, labels: ArrayLike, calls: ArrayLike, prevalences: Sequence[float] = PREVALENCES) -> None:
        """Sort the cases into the four cells.

        Raises:
            DataError: wrong input, or a prevalence outside (0, 1).
        """
        for share in prevalences:
            if not 0 < share < 1:
                raise DataError("this is no prevalence", expected="a number in (0, 1)", got=f"{share:g}")
        self._decisions = Decisions(labels, calls)
        self.n: int = self._decisions.n
        self._shares = np.array(prevalences, np.float64)
        self.names: tuple[str, ...] = tuple(f"{name}_at_{share:g}" for share in prevalences for name in ("ppv", "npv"))

    def __call__(self, weights: Floats) -> Floats:
        """The values for each row of weights, shape (resamples, 2 * prevalences); NaN where undefined."""
        tp, fp, tn, fn = self._decisions.cells(weights)
        with np.errstate(invalid="ignore", divide="ignore"):
            sensitivity, specificity = (tp / (tp + fn))[:, None], (tn / (tn + fp))[:, None]
            right = sensitivity * self._shares
            wrong = (1 - specificity) * (1 - self._shares)
            calm = specificity * (1 - self._shares)
            missed = (1 - sensitivity) * self._shares
            return np.stack([right / (right + wrong), calm / (calm + missed)], axis=2).reshape(len(weights), -1)
