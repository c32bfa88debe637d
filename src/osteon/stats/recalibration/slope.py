"""Calibration slope, intercept and calibration in the large, for many sets of weights of the cases at once.

TRIPOD+AI asks for them. The slope is that of a logistic regression of the labels on the log odds; below 1 the
probabilities are too extreme. The intercept is that of the same regression with the slope fixed at 1: above 0 the
probabilities are too low as a whole (Cox, Biometrika 45:562, 1958; Van Calster et al., BMC Med. 17:230, 2019).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.calibration import sigmoid
from osteon.stats.checks import Floats, binary_labels, probabilities, same_length

STEPS: Final = 40
TOLERANCE: Final = 1e-8
EDGE: Final = 1e-7
"""Probabilities are held this far from 0 and 1, where log odds are infinite."""

HIGHEST: Final = 40.0
"""Intercepts lie between this and its negative: log odds at ``EDGE`` are 16."""


def log_odds(probability: Floats) -> Floats:
    """Log odds of probabilities, those of 0 and 1 cut at :data:`EDGE`."""
    held = np.clip(probability, EDGE, 1 - EDGE)
    return np.log(held) - np.log1p(-held)


class Slope:
    """Calibration slope for many sets of weights at once, by Newton's method side by side."""

    names: tuple[str, ...] = ("slope",)

    def __init__(self, labels: ArrayLike, probability: ArrayLike) -> None:
        """Take log odds of the probabilities.

        Raises:
            DataError: wrong input, or all probabilities are equal: there is no slope.
        """
        truth, values = binary_labels(labels), probabilities(probability)
        same_length(truth, values, "labels and probabilities")
        self.n: int = len(truth)
        self._truth = truth.astype(np.float64)
        odds = log_odds(values)
        if np.ptp(odds) == 0:
            raise DataError("the calibration slope is undefined", expected="probabilities that differ", got="one value")
        # In units of their own spread the steps below are sensible whatever the scale of the odds.
        self._middle, self._spread = float(odds.mean()), float(odds.std())
        self._odds = (odds - self._middle) / self._spread

    def __call__(self, weights: Floats) -> Floats:
        """The slope for each row of weights, shape (resamples, 1); NaN where no fit converges."""
        slope, shift = np.ones(len(weights)), np.full(len(weights), np.average(self._truth) - 0.5)
        total = weights.sum(axis=1)
        converged, h00 = np.zeros(len(weights), bool), total
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            for _ in range(STEPS):
                chance = sigmoid(slope[:, None] * self._odds + shift[:, None])
                pull = weights * (chance - self._truth)
                heavy = weights * chance * (1 - chance)
                g0, g1 = pull.sum(axis=1), pull @ self._odds
                h00, h01, h11 = heavy.sum(axis=1), heavy @ self._odds, heavy @ self._odds**2
                converged = np.maximum(np.abs(g0), np.abs(g1)) <= TOLERANCE * total
                if converged.all():
                    break
                determinant = h00 * h11 - h01**2
                # A step of at most 1 keeps far starts from leaping to where the curvature vanishes.
                up = np.clip((h00 * g1 - h01 * g0) / determinant, -1, 1)
                across = np.clip((h11 * g0 - h01 * g1) / determinant, -1, 1)
                slope, shift = np.where(converged, slope, slope - up), np.where(converged, shift, shift - across)
            # Separated classes pass every test of the gradient with a curvature of nothing.
            found = converged & (h00 > 1e-6 * total)
        return np.where(found, slope / self._spread, np.nan)[:, None]


class Intercept:
    """Calibration as a whole for many sets of weights at once.

    ``intercept`` is that of a logistic regression with the slope fixed at 1, ``in_the_large`` the share of positive
    cases less the mean probability, and ``observed_expected`` the one divided by the other.
    """

    names: tuple[str, ...] = ("intercept", "in_the_large", "observed_expected")

    def __init__(self, labels: ArrayLike, probability: ArrayLike) -> None:
        """Take log odds of the probabilities.

        Raises:
            DataError: wrong input.
        """
        truth, values = binary_labels(labels), probabilities(probability)
        same_length(truth, values, "labels and probabilities")
        self.n: int = len(truth)
        self._columns = np.column_stack([truth, values]).astype(np.float64)
        self._odds = log_odds(values)

    def __call__(self, weights: Floats) -> Floats:
        """The three figures for each row of weights, shape (resamples, 3).

        The intercept is NaN where there is one class only, the ratio where all probabilities are 0.
        """
        total = weights.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            observed, expected = (weights @ self._columns / total[:, None]).T
            ratio = np.where(expected > 0, observed / expected, np.nan)
        return np.stack([self._intercept(weights, observed, total), observed - expected, ratio], axis=1)

    def _intercept(self, weights: Floats, observed: Floats, total: Floats) -> Floats:
        """By Newton's method: the mean probability rises with the intercept, so that there is one solution."""
        found, solvable = np.zeros(len(weights)), (observed > 0) & (observed < 1)
        low, high = np.full(len(weights), -HIGHEST), np.full(len(weights), HIGHEST)
        done = ~solvable
        with np.errstate(invalid="ignore", divide="ignore"):
            for _ in range(STEPS):
                chance = sigmoid(self._odds + found[:, None])
                surplus = np.einsum("ij,ij->i", weights, chance) / total - observed
                done = ~solvable | (np.abs(surplus) <= TOLERANCE)
                if done.all():
                    break
                low, high = np.where(surplus < 0, found, low), np.where(surplus > 0, found, high)
                step = found - surplus * total / np.einsum("ij,ij->i", weights, chance * (1 - chance))
                # A step out of the interval that holds the solution is replaced by half of that interval.
                inside = (step > low) & (step < high)
                found = np.where(done, found, np.where(inside, step, (low + high) / 2))
        return np.where(solvable & done, found, np.nan)
