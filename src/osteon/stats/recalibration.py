"""Calibration slope and intercept with intervals: what a logistic regression on the test cases would change.

TRIPOD+AI asks for both. Where probabilities are right the slope is 1 and the intercept 0; a slope below 1 says that
they are too extreme (Cox, Biometrika 45:562, 1958; Van Calster et al., BMC Med. 17:230, 2019).
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


def log_odds(probability: Floats) -> Floats:
    """Log odds of probabilities, those of 0 and 1 cut at :data:`EDGE`."""
    held = np.clip(probability, EDGE, 1 - EDGE)
    return np.log(held) - np.log1p(-held)


class Slope:
    """Calibration slope and intercept for many sets of weights at once, by Newton's method side by side."""

    names: tuple[str, ...] = ("slope", "intercept")

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
        """Slope and intercept for each row of weights, shape (resamples, 2); NaN where no fit converges."""
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
        slope = slope / self._spread
        return np.where(found[:, None], np.stack([slope, shift - slope * self._middle], axis=1), np.nan)
