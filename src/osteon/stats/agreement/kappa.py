"""Agreement beyond chance: Cohen's kappa, plain and weighted, of two readers; Fleiss' kappa of several."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from osteon.core.errors import DataError
from osteon.stats.agreement.ratings import MISSING, Ratings
from osteon.stats.checks import Booleans, Floats

Weighting = Literal["none", "linear", "quadratic"]

NOTHING: Final = 1e-12
"""A chance of disagreement below this is none: kappa is 0 / 0."""


def disagreement(categories: int, weighting: Weighting) -> Floats:
    """Weight of each kind of disagreement, (categories, categories), 0 on the diagonal and at most 1.

    ``linear`` grows with the distance of the categories (Cicchetti and Allison, Am. J. EEG Technol. 11:101, 1971),
    ``quadratic`` with its square (Fleiss and Cohen, Educ. Psychol. Meas. 33:613, 1973).
    """
    apart = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories))).astype(np.float64)
    if weighting == "none":
        return (apart > 0).astype(np.float64)
    apart /= max(1, categories - 1)
    return apart if weighting == "linear" else apart**2


class PairKappa:
    """Kappa of two readers (Cohen, Educ. Psychol. Meas. 20:37, 1960; weighted: Psychol. Bull. 70:213, 1968).

    Cases that one of them did not judge do not count. It is NaN where chance alone leaves no disagreement: both gave
    one and the same category throughout.
    """

    names: tuple[str, ...] = ("kappa",)

    def __init__(self, ratings: Ratings, weighting: Weighting = "none") -> None:
        """Sort the cases into the cells of the table of both readers.

        Raises:
            DataError: there are not two readers.
        """
        if ratings.codes.shape[1] != 2:
            raise DataError("this kappa is of two readers", expected="2", got=f"{ratings.codes.shape[1]}")
        first, second = ratings.codes[:, 0], ratings.codes[:, 1]
        both: Booleans = (first != MISSING) & (second != MISSING)
        k = ratings.categories
        self.n: int = ratings.n
        self._cell = np.zeros((ratings.n, k * k))
        self._cell[np.flatnonzero(both), first[both] * k + second[both]] = 1.0
        self._weights = disagreement(k, weighting)

    def __call__(self, weights: Floats) -> Floats:
        """Kappa for each row of weights, shape (resamples, 1)."""
        k = len(self._weights)
        tables = (weights @ self._cell).reshape(-1, k, k)
        total = tables.sum(axis=(1, 2))
        expected = np.einsum("ri,rj,ij->r", tables.sum(axis=2), tables.sum(axis=1), self._weights)
        with np.errstate(invalid="ignore", divide="ignore"):
            expected = expected / total
            observed = np.einsum("rij,ij->r", tables, self._weights)
            kappa = np.where(expected > NOTHING * total, 1.0 - observed / expected, np.nan)
        return kappa[:, None]


class FleissKappa:
    """Kappa of several readers, who need not be the same for each case (Fleiss, Psychol. Bull. 76:378, 1971).

    Cases may have different numbers of judgements, as in Fleiss, Levin and Paik (Statistical Methods for Rates and
    Proportions, 3rd ed. 2003, section 18.3): the agreement of a case is the share of its pairs that agree, and chance
    comes from all judgements of cases with at least two.
    """

    names: tuple[str, ...] = ("kappa",)

    def __init__(self, ratings: Ratings) -> None:
        """Count the categories of each case."""
        counts = ratings.counts
        readers = counts.sum(axis=1)
        several = readers >= 2
        self.n: int = ratings.n
        self._counts = counts * several[:, None]
        self._several = several.astype(np.float64)
        pairs = readers * (readers - 1)
        agreeing = (counts * (counts - 1)).sum(axis=1)
        self._agreement = np.divide(agreeing, pairs, out=np.zeros(self.n), where=several)

    def __call__(self, weights: Floats) -> Floats:
        """Kappa for each row of weights, shape (resamples, 1); NaN where all judgements are of one category."""
        with np.errstate(invalid="ignore", divide="ignore"):
            observed = (weights @ self._agreement) / (weights @ self._several)
            shares = weights @ self._counts
            shares = shares / shares.sum(axis=1, keepdims=True)
            chance = (shares**2).sum(axis=1)
            kappa = np.where(chance < 1 - NOTHING, (observed - chance) / (1 - chance), np.nan)
        return kappa[:, None]
