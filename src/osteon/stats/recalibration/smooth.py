"""A smooth calibration curve: the observed share of positive cases as a function of the probability, with a band.

A logistic regression of the labels on a restricted cubic spline of the log odds (Harrell, Regression Modeling
Strategies, 2nd ed., 2015, section 2.4.5; Austin and Steyerberg, Stat. Med. 33:517, 2014). The band is pointwise, from
the sandwich covariance over clusters, and made on the log odds, so that it stays between 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.calibration import fit_logistic, sigmoid
from osteon.stats.checks import Floats, binary_labels, both_classes, cluster_index, probabilities, same_length
from osteon.stats.intervals import normal_quantile
from osteon.stats.recalibration.slope import log_odds

KNOTS: Final = ((0.05, 0.35, 0.65, 0.95), (0.1, 0.5, 0.9))
"""Quantiles of the log odds at which Harrell puts four knots, or three where four coincide."""

SHOWN: Final = (0.01, 0.99)
"""Quantiles of the probabilities between which the curve is drawn; beyond them it would rest on a few cases."""

FEWEST: Final = 10
"""With fewer clusters of either class there is no curve: it has up to four parameters."""


@dataclass(frozen=True)
class CalibrationCurve:
    """A smooth calibration curve.

    Attributes:
        predicted: probabilities, rising, (k,).
        observed: share of positive cases, (k,).
        low: lower end of the band, (k,).
        high: upper end, (k,).
        method: how it was made.
    """

    predicted: Floats
    observed: Floats
    low: Floats
    high: Floats
    method: str


def spline_basis(values: Floats, knots: Floats) -> Floats:
    """Constant, the values, and the restricted cubic terms of knots, (knots, n); linear beyond the outer knots."""
    cubes = np.clip(values - knots[:, None], 0, None) ** 3
    first, last, before = knots[0], knots[-1], knots[-2]
    width = last - before
    inner = cubes[:-2] - cubes[-2] * (last - knots[:-2, None]) / width + cubes[-1] * (before - knots[:-2, None]) / width
    return np.concatenate([np.ones((1, len(values))), values[None], inner / (last - first) ** 2])


def calibration_curve(
    labels: ArrayLike,
    probability: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
    points: int = 101,
) -> CalibrationCurve:
    """The smooth calibration curve of test predictions.

    Args:
        labels: 0 or 1, shape (n,).
        probability: of the positive label, shape (n,).
        clusters: the cluster of each case, shape (n,).
        level: of confidence, of the band.
        points: of the curve.

    Raises:
        DataError: wrong input, fewer than :data:`FEWEST` clusters of either class, too few different probabilities,
            or classes that do not overlap.
    """
    truth, values = binary_labels(labels), probabilities(probability)
    same_length(truth, values, "labels and probabilities")
    both_classes(truth, np.ones(len(truth)), "the calibration curve")
    index, _ = cluster_index(clusters, len(truth))
    fewest = min(len(np.unique(index[truth])), len(np.unique(index[~truth])))
    if fewest < FEWEST:
        raise DataError("too few clusters for a calibration curve", expected=f"{FEWEST} of each class", got=f"{fewest}")
    odds = log_odds(values)
    scale = float(odds.std()) or 1.0
    knots = _knots(odds / scale)
    design = spline_basis(odds / scale, knots)
    beta = fit_logistic(design, truth.astype(np.float64), np.ones(len(truth)))
    first, last = np.quantile(odds, SHOWN).tolist()
    shown = np.linspace(first, last, points)
    basis = spline_basis(shown / scale, knots)
    middle = beta @ basis
    variance = np.einsum("ik,ij,jk->k", basis, _sandwich(design, beta, truth, index), basis)
    half = normal_quantile(level) * np.sqrt(variance)
    unit = "cases" if clusters is None else "clusters"
    method = f"logistic regression on a restricted cubic spline of {len(knots)} knots, {level * 100:g} % pointwise band"
    return CalibrationCurve(
        sigmoid(shown), sigmoid(middle), sigmoid(middle - half), sigmoid(middle + half), f"{method} over {unit}"
    )


def _knots(odds: Floats) -> Floats:
    """Knots of the spline.

    Raises:
        DataError: the log odds take too few values.
    """
    for quantiles in KNOTS:
        knots = np.quantile(odds, quantiles)
        if np.all(np.diff(knots) > 1e-6):
            return knots
    raise DataError("the calibration curve is undefined", expected="probabilities that differ", got="mostly one value")


def _sandwich(design: Floats, beta: Floats, truth: np.ndarray, index: np.ndarray) -> Floats:
    """Covariance of the coefficients, robust to likeness within clusters, with the factor G / (G - 1).

    Raises:
        DataError: the fit has run off to infinity, because the classes do not overlap.
    """
    chance = sigmoid(beta @ design)
    curvature = chance * (1 - chance)
    if curvature.mean() < 1e-6:
        raise DataError("the calibration curve is undefined", expected="classes that overlap", got="separate ones")
    bread = np.linalg.pinv((design * curvature) @ design.T, hermitian=True)
    scores = np.stack([np.bincount(index, row) for row in design * (truth - chance)])
    groups = scores.shape[1]
    return bread @ (scores @ scores.T * (groups / (groups - 1))) @ bread
