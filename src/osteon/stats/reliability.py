"""Calibration: Brier score, calibration error, reliability diagram, isotonic fit."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.stats.checks import (
    Booleans,
    Floats,
    binary_cases,
    binary_labels,
    case_weights,
    probabilities,
    same_length,
)
from osteon.stats.intervals import wilson

Binning = Literal["width", "mass"]


class Bin(NamedTuple):
    """One bin of a reliability diagram.

    Attributes:
        low: lower edge.
        high: upper edge.
        predicted: mean probability of its cases.
        observed: share of positive cases, with Wilson's interval.
    """

    low: float
    high: float
    predicted: float
    observed: Estimate


def bin_edges(probability: Floats, bins: int, binning: Binning) -> Floats:
    """Edges of bins of equal width in [0, 1], or of equal numbers of cases (fewer where probabilities tie).

    Raises:
        ValueError: there is no bin.
    """
    if bins < 1:
        raise ValueError(f"expected at least one bin, got {bins}")
    if binning == "width":
        # The quotients themselves, and not multiples of a rounded width: 0.3 is the edge 3 / 10, to the last digit.
        return np.arange(bins + 1) / bins
    inner = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1]))
    return np.concatenate([[0.0], inner[(inner > 0) & (inner < 1)], [1.0]])


def assign(probability: Floats, edges: Floats) -> NDArray[np.int64]:
    """Number of the bin of each probability; a bin holds its upper edge and not its lower, the first both.

    So defined by Guo et al. (ICML 2017): bin m of M holds ((m - 1) / M, m / M].
    """
    return np.clip(np.searchsorted(edges, probability, side="left") - 1, 0, len(edges) - 2)


def _checked(labels: ArrayLike, probability: ArrayLike) -> tuple[Booleans, Floats]:
    truth, values = binary_labels(labels), probabilities(probability)
    same_length(truth, values, "labels and probabilities")
    return truth, values


def brier(labels: ArrayLike, probability: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean squared difference of probability and label (Brier, Mon. Weather Rev. 78:1, 1950).

    Raises:
        DataError: wrong input.
    """
    truth, values = _checked(labels, probability)
    return float(np.average((values - truth) ** 2, weights=case_weights(weights, len(truth))))


def reliability_bins(
    labels: ArrayLike, probability: ArrayLike, *, bins: int = 10, binning: Binning = "mass", level: float = 0.95
) -> tuple[Bin, ...]:
    """The data of a reliability diagram; bins without cases are left out.

    Raises:
        DataError: wrong input.
    """
    truth, values = _checked(labels, probability)
    edges = bin_edges(values, bins, binning)
    index = assign(values, edges)
    return tuple(
        Bin(
            float(edges[i]),
            float(edges[i + 1]),
            float(values[index == i].mean()),
            wilson(int(truth[index == i].sum()), int((index == i).sum()), level),
        )
        for i in np.unique(index).tolist()
    )


class Reliability:
    """Brier score and expected calibration error for many sets of weights at once.

    The calibration error is a sum of absolute values, so resamples lie above it on average; its interval says how
    uncertain it is, and should not be read as symmetric about it.
    """

    names: tuple[str, ...] = ("brier", "ece")

    def __init__(
        self, labels: ArrayLike, probability: ArrayLike, *, bins: int = 15, binning: Binning = "width"
    ) -> None:
        """Sort the cases into bins, which stay the same in all resamples.

        Raises:
            DataError: wrong input.
        """
        truth, values = _checked(labels, probability)
        self.n: int = len(truth)
        edges = bin_edges(values, bins, binning)
        surplus = np.zeros((self.n, len(edges) - 1))
        surplus[np.arange(self.n), assign(values, edges)] = truth - values
        self._columns = np.column_stack([(values - truth) ** 2, surplus])

    def __call__(self, weights: Floats) -> Floats:
        """Brier score and calibration error for each row of weights, shape (resamples, 2)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            sums = (weights @ self._columns) / weights.sum(axis=1)[:, None]
        return np.stack([sums[:, 0], np.abs(sums[:, 1:]).sum(axis=1)], axis=1)


class Isotonic(NamedTuple):
    """A rising map from scores to probabilities: straight between its corners, constant beyond them."""

    scores: Floats
    probability: Floats

    def apply(self, scores: ArrayLike) -> Floats:
        """Probabilities of scores, same shape."""
        return np.interp(np.asarray(scores, np.float64), self.scores, self.probability)


def fit_isotonic(labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> Isotonic:
    """Isotonic regression of the labels on the scores by pooling adjacent violators (Ayer et al., 1955).

    Raises:
        DataError: wrong input, or all weights 0.
    """
    truth, values = binary_cases(labels, scores)
    weight = case_weights(weights, len(truth))
    kept = weight > 0
    corners, index = np.unique(values[kept], return_inverse=True)
    if not len(corners):
        raise DataError("there is nothing to fit", expected="cases with a positive weight", got="none")
    mass = np.bincount(index, weight[kept]).astype(np.float64)
    mean = np.bincount(index, weight[kept] * truth[kept]) / mass
    return Isotonic(corners, pool_violators(mean, mass))


def pool_violators(mean: Floats, mass: Floats) -> Floats:
    """The rising sequence nearest to ``mean`` in weighted squares."""
    means: list[float] = []
    masses: list[float] = []
    lengths: list[int] = []
    for value, weight in zip(mean.tolist(), mass.tolist(), strict=True):
        means.append(value)
        masses.append(weight)
        lengths.append(1)
        while len(means) > 1 and means[-2] >= means[-1]:
            last, heavy, long = means.pop(), masses.pop(), lengths.pop()
            together = masses[-1] + heavy
            means[-1] = (means[-1] * masses[-1] + last * heavy) / together
            masses[-1] = together
            lengths[-1] += long
    return np.repeat(means, lengths)
