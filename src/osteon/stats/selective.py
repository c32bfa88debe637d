"""Figures of the risk-coverage curve, written for the bootstrap."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from osteon.stats.checks import Floats
from osteon.stats.utility import Selective


class RiskAt:
    """The share of wrong calls among the most certain cases, for many sets of weights at once.

    R. El-Yaniv and Y. Wiener, JMLR 11:1605, 2010; Y. Geifman and R. El-Yaniv, NeurIPS 2017. Cases of equal certainty
    are kept together, so slightly more than the share may be kept.
    """

    def __init__(self, labels: ArrayLike, probability: ArrayLike, threshold: float, coverages: ArrayLike) -> None:
        """Sort the cases by certainty.

        Raises:
            DataError: wrong input, or a threshold outside (0, 1).
        """
        self._selective = Selective(labels, probability, threshold)
        self._coverages = np.asarray(coverages, np.float64)
        self.n: int = self._selective.n
        self.names: tuple[str, ...] = tuple(f"risk_at.{share:g}" for share in self._coverages.tolist())

    def __call__(self, weights: Floats) -> Floats:
        """Risk at each coverage for each row of weights, shape (resamples, coverages)."""
        kept, wrong = self._selective.counts(weights)
        at = self._coverages * kept[:, -1:]
        # First place where enough is kept; sums of whole numbers, so half a case is tolerance enough.
        place = (kept[:, None, :] < at[:, :, None] - 1e-9).sum(axis=2)
        rows = np.arange(len(kept))[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            return wrong[rows, place] / kept[rows, place]


class Excess:
    """The area under the risk-coverage curve less the least that these calls allow."""

    names: tuple[str, ...] = ("excess_aurc",)

    def __init__(self, labels: ArrayLike, probability: ArrayLike, threshold: float) -> None:
        """Sort the cases by certainty.

        Raises:
            DataError: wrong input, or a threshold outside (0, 1).
        """
        self._selective = Selective(labels, probability, threshold)
        self.n: int = self._selective.n

    def __call__(self, weights: Floats) -> Floats:
        """The excess for each row of weights, shape (resamples, 1)."""
        kept, wrong = self._selective.counts(weights)
        total, errors = kept[:, -1], wrong[:, -1]
        return self._selective(weights) - least_area(total, errors)[:, None]


def least_area(total: Floats, errors: Floats) -> Floats:
    """The smallest area under a risk-coverage curve of ``total`` cases with ``errors`` wrong calls: all errors ranked last.

    With k cases kept the risk is max(0, k - right) / k; its mean over k, summed exactly, for each pair of numbers.
    """
    largest = int(np.max(total, initial=0.0))
    harmonic = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, largest + 1))])
    whole, right = np.rint(total).astype(np.int64), np.rint(total - errors).astype(np.int64)
    return (errors - right * (harmonic[whole] - harmonic[right])) / np.maximum(total, 1)
