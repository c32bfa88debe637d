"""Two logistic regressions on the features of a bundle's classifier: no bone radiograph, and another body part.

Features are standardised and clipped. The first regression gets one feature more: how far the image lies from the
radiographs, as the logarithm of a Mahalanobis distance in their leading directions (Lee et al., *A Simple Unified Framework for
Detecting Out-of-Distribution Samples*, NeurIPS 2018, of one class). Each family of counterexamples weighs as the square root of
its size, and radiographs together as much as all counterexamples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float32]
Booleans = NDArray[np.bool_]

CLIP: Final = 8.0
"""Standard deviations beyond which a feature counts as one this far."""
DIRECTIONS: Final = 100
_RIDGE: Final = 1e-2
"""Of the mean variance, added to that of each direction."""
DISTANCE: Final = (-5.0, 15.0, 3.0)
"""The standardised logarithm of the distance is clipped to these, and weighs three times a feature."""
PENALTY: Final = 1e-2
"""Half of this times the squared weights is added to the mean loss."""
_STEPS: Final = 100


@dataclass(frozen=True)
class GateFit:
    """A fitted gate.

    Attributes:
        mean: of each feature over the radiographs, (D,).
        scale: their standard deviations, (D,).
        centre: of the standardised radiographs, (D,).
        whitening: leading directions over their standard deviations, (D, K).
        log_mean: of the logarithm of the distance over the radiographs.
        log_scale: its standard deviation.
        weights: of features and distance, one column for each output, (D + 1, 2); the second does not look at the distance.
        bias: (2,).
    """

    mean: Floats
    scale: Floats
    centre: Floats
    whitening: Floats
    log_mean: float
    log_scale: float
    weights: Floats
    bias: Floats

    def standardised(self, features: Floats) -> Floats:
        """Features (N, D), each of mean 0 and standard deviation 1 over the radiographs, clipped."""
        return np.clip((features - self.mean) / self.scale, -CLIP, CLIP).astype(np.float32)

    def distance(self, standardised: Floats) -> Floats:
        """The standardised logarithm of the distance (N,)."""
        squares = np.square((standardised - self.centre) @ self.whitening).mean(1)
        low, high, factor = DISTANCE
        return (np.clip((np.log(1 + squares) - self.log_mean) / self.log_scale, low, high) * factor).astype(np.float32)

    def scores(self, features: Floats) -> Floats:
        """Both outputs of images (N, D): (N, 2)."""
        values = self.standardised(features)
        whole = np.concatenate([values, self.distance(values)[:, None]], 1)
        return whole @ self.weights + self.bias


def fit_gate(
    features: Floats, radiographs: Booleans, odd: Floats, other: Floats, limbs: Booleans, accepted: Booleans
) -> GateFit:
    """Fit both outputs.

    Args:
        features: (N, D).
        radiographs: by which features are standardised, and from which the distance is measured (N,).
        odd: weight of each counterexample of the first output, 0 for what is none (N,).
        other: weight of each image of another part, for the second output (N,).
        limbs: images of indicated parts, for the second output (N,).
        accepted: bone radiographs of any part, for the first output (N,).
    """
    chosen = features[radiographs]
    mean, scale = chosen.mean(0), chosen.std(0) + np.float32(1e-3)
    values = np.clip((chosen - mean) / scale, -CLIP, CLIP)
    centre = values.mean(0)
    spectrum, vectors = np.linalg.eigh(np.cov(values.T.astype(np.float64)))
    leading = spectrum[::-1][:DIRECTIONS]
    whitening = vectors[:, ::-1][:, :DIRECTIONS] / np.sqrt(leading + _RIDGE * leading.mean())
    logs = np.log(1 + np.square((values - centre) @ whitening).mean(1))
    blank = np.zeros((features.shape[1] + 1, 2), np.float32)
    draft = GateFit(
        mean, scale, centre, whitening.astype(np.float32), float(logs.mean()), float(logs.std()), blank, blank[0]
    )
    standard = draft.standardised(features)
    whole = np.concatenate([standard, draft.distance(standard)[:, None]], 1)
    first, bias = _logistic(whole, odd, accepted)
    second, other_bias = _logistic(standard, other, limbs)
    weights = np.stack([first, np.append(second, np.float32(0))], 1).astype(np.float32)
    return GateFit(
        mean,
        scale,
        centre,
        draft.whitening,
        draft.log_mean,
        draft.log_scale,
        weights,
        np.array([bias, other_bias], np.float32),
    )


def _logistic(values: Floats, weight: Floats, against: Booleans) -> tuple[Floats, float]:
    """Weights and bias of a logistic regression with a penalty.

    Args:
        values: (N, D).
        weight: of the images of the class, 0 for others (N,); both classes weigh the same together.
        against: the images that are not of the class (N,).
    """
    rows = (weight > 0) | against
    inputs, truth = values[rows], (weight > 0)[rows]
    share = np.where(truth, weight[rows] / weight.sum(), 1.0 / against.sum()).astype(np.float32) / 2
    sign = np.where(truth, -1.0, 1.0).astype(np.float32)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, bias = parameters[:-1].astype(np.float32), np.float32(parameters[-1])
        margin = sign * (inputs @ slope + bias)
        value = float((share * np.logaddexp(0, margin)).sum()) + PENALTY / 2 * float(parameters[:-1] @ parameters[:-1])
        pull = share * sign / (1 + np.exp(-np.clip(margin, -60, 60)))
        return value, np.append(inputs.T @ pull + PENALTY * slope, pull.sum()).astype(np.float64)

    found = minimize(loss, np.zeros(values.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return found.x[:-1].astype(np.float32), float(found.x[-1])
