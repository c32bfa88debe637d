"""Krippendorff's alpha: agreement of any number of readers, on any scale, with judgements missing.

Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011); Hayes and Krippendorff, Commun. Methods Meas. 1:77, 2007.
A case counts where at least two readers judged it. Alpha is 1 less observed by expected disagreement, both sums over
pairs of values, weighted by the squared difference of the scale.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.agreement.ratings import Ratings
from osteon.stats.checks import Floats

Scale = Literal["nominal", "ordinal", "interval"]


class Alpha:
    """Alpha of categories: nominal, ordinal, or with their numbers as an interval scale."""

    names: tuple[str, ...] = ("alpha",)

    def __init__(self, ratings: Ratings, scale: Scale = "nominal") -> None:
        """Count the pairs of values of each case."""
        counts = ratings.counts
        readers = counts.sum(axis=1)
        pairs = counts[:, :, None] * counts[:, None, :]
        k = ratings.categories
        pairs[:, np.arange(k), np.arange(k)] -= counts
        shares = np.divide(1.0, readers - 1, out=np.zeros(ratings.n), where=readers >= 2)
        self.n: int = ratings.n
        self._coincidences = (pairs * shares[:, None, None]).reshape(ratings.n, k * k)
        self._scale: Scale = scale
        self._categories = k

    def __call__(self, weights: Floats) -> Floats:
        """Alpha for each row of weights, shape (resamples, 1); NaN where all values are the same."""
        k = self._categories
        tables = (weights @ self._coincidences).reshape(-1, k, k)
        margins = tables.sum(axis=2)
        apart = self._apart(margins)
        observed = (tables * apart).sum(axis=(1, 2))
        expected = np.einsum("ri,rj,rij->r", margins, margins, apart)
        return _alpha(observed, expected, margins.sum(axis=1))

    def _apart(self, margins: Floats) -> Floats:
        """Squared difference of each two categories, (resamples, k, k); on an ordinal scale it depends on the margins."""
        k = self._categories
        if self._scale == "ordinal":
            upto = np.cumsum(margins, axis=1)
            # Sum of the margins from one category to the other, half of both ends: the distance of their mean ranks.
            middle = upto - margins / 2
            return (middle[:, :, None] - middle[:, None, :]) ** 2
        apart = np.subtract.outer(np.arange(k, dtype=np.float64), np.arange(k, dtype=np.float64))
        squared = apart**2 if self._scale == "interval" else (apart != 0).astype(np.float64)
        return np.broadcast_to(squared, (len(margins), k, k))


class IntervalAlpha:
    """Alpha of measured numbers (an angle, a length), whose differences count squared."""

    names: tuple[str, ...] = ("alpha",)

    def __init__(self, values: ArrayLike) -> None:
        """Take numbers, (cases, readers), NaN where a reader gave none.

        Raises:
            DataError: it is no matrix of at least two readers, or holds an infinity.
        """
        array = np.asarray(values, np.float64)
        if array.ndim != 2 or array.shape[1] < 2 or not len(array):
            raise DataError("these are not the numbers of several readers", expected="a matrix", got=f"{array.shape}")
        if np.isinf(array).any():
            raise DataError("the numbers hold an infinity", expected="finite numbers, or NaN for none")
        known = ~np.isnan(array)
        readers = known.sum(axis=1).astype(np.float64)
        several = readers >= 2
        counted = known & several[:, None]
        if counted.any():
            # Alpha depends neither on the origin nor on the unit; near the middle, sums of squares keep their digits.
            array = array - float(np.mean(array[counted]))
            array = array / (float(np.abs(array[counted]).max()) or 1.0)
        numbers = np.where(counted, array, 0.0)
        sums, squares = numbers.sum(axis=1), (numbers**2).sum(axis=1)
        within = np.divide(2 * (readers * squares - sums**2), readers - 1, out=np.zeros(len(array)), where=several)
        self.n: int = len(array)
        self._columns = np.stack([within, readers * several, sums, squares], axis=1)

    def __call__(self, weights: Floats) -> Floats:
        """Alpha for each row of weights, shape (resamples, 1); NaN where all numbers are the same."""
        observed, count, sums, squares = (weights @ self._columns).T
        return _alpha(observed, 2 * (count * squares - sums**2), count)


def _alpha(observed: Floats, expected: Floats, count: Floats) -> Floats:
    """From sums of squared differences within cases, over all pairs, and the number of values."""
    with np.errstate(invalid="ignore", divide="ignore"):
        defined = (count > 1) & (expected > 1e-12 * np.maximum(count, 1) ** 2)
        alpha = np.where(defined, 1.0 - (count - 1) * observed / expected, np.nan)
    return alpha[:, None]
