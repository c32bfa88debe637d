"""From logits to probabilities: the scale and shift that a bundle carries, fitted on validation data.

Sigmoid: Platt's method (Advances in Large Margin Classifiers, 1999) with his smoothed targets, solved by Newton's
method as Lin, Lin and Weng advise (Mach. Learn. 68:267, 2007). Softmax: one temperature (Guo et al., ICML 2017).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.calibration import Calibration
from osteon.core.errors import DataError
from osteon.stats.checks import Booleans, Floats, binary_cases, both_classes, case_weights, column

ITERATIONS: Final = 200
TOLERANCE: Final = 1e-10
COLDEST: Final = 1e-3
"""A temperature below this means that the loss falls without end."""


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-values)), without overflow."""
    small = np.exp(-np.abs(values))
    return np.where(values >= 0, 1.0, small) / (1.0 + small)


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis, without overflow."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def calibrated(logits: ArrayLike, calibration: Calibration) -> Floats:
    """Probabilities of a sigmoid output: ``sigmoid(logit / temperature + bias)``, shape as ``logits``."""
    return sigmoid(np.asarray(logits, np.float64) / calibration.temperature + calibration.bias)


def fit_sigmoid(labels: ArrayLike, logits: ArrayLike, weights: ArrayLike | None = None) -> Calibration:
    """Temperature and bias of a sigmoid output, from validation data.

    Args:
        labels: 0 or 1, shape (n,).
        logits: of the positive label, shape (n,).
        weights: of the cases, shape (n,).

    Raises:
        DataError: wrong input, only one class, or higher logits do not mean more positive cases: no positive
            temperature fits.
    """
    slope, shift = fit_slope(labels, logits, weights, smooth=True)
    if slope <= 0:
        raise DataError(
            "the logits cannot be calibrated",
            expected="higher logits for positive cases",
            got=f"a best slope of {slope:.3g}",
            hint="The network ranks no better than chance on these cases, or the labels are turned round.",
        )
    return Calibration(temperature=1.0 / slope, bias=shift)


def fit_slope(
    labels: ArrayLike, logits: ArrayLike, weights: ArrayLike | None = None, *, smooth: bool = False
) -> tuple[float, float]:
    """Slope and intercept of a logistic regression of the labels on the logits.

    On test data the slope is the calibration slope; the calibration intercept is another one, see
    :class:`osteon.stats.recalibration.slope.Intercept`.

    Args:
        labels: 0 or 1, shape (n,).
        logits: shape (n,).
        weights: of the cases, shape (n,).
        smooth: take Platt's targets in place of 0 and 1, which keeps the fit finite where the classes are separated.

    Raises:
        DataError: wrong input, only one class, all logits equal, or, unsmoothed, separated classes.
    """
    truth, values = binary_cases(labels, logits)
    weight = case_weights(weights, len(truth))
    both_classes(truth, weight, "a calibration")
    if np.ptp(values[weight > 0]) == 0:
        raise DataError("the logits cannot be calibrated", expected="logits that differ", got="one value for all cases")
    target = truth.astype(np.float64)
    if not smooth and _separated(truth[weight > 0], values[weight > 0]):
        raise DataError(
            "an unsmoothed calibration has no end",
            expected="classes that overlap",
            got="logits that separate them perfectly",
            hint="More cases are needed.",
        )
    if smooth:
        positive, negative = weight[truth].sum(), weight[~truth].sum()
        target = np.where(truth, (positive + 1) / (positive + 2), 1 / (negative + 2))
    # In units of their own spread the logits make a well-conditioned problem whatever their scale.
    middle, spread = float(np.average(values, weights=weight)), float(values[weight > 0].std())
    design = np.stack([(values - middle) / spread, np.ones(len(values))])
    found = fit_logistic(design, target, weight)
    slope = float(found[0]) / spread
    return slope, float(found[1]) - slope * middle


def _separated(truth: Booleans, values: Floats) -> bool:
    positive, negative = values[truth], values[~truth]
    return bool(negative.max() <= positive.min() or positive.max() <= negative.min())


def fit_logistic(design: Floats, target: Floats, weight: Floats) -> Floats:
    """Beta (k,) of least weighted cross-entropy of ``sigmoid(beta @ design)``: Newton's method with halved steps.

    Args:
        design: (k, n).
        target: 0 to 1, (n,).
        weight: of the cases, (n,).

    Raises:
        DataError: it does not converge.
    """
    beta = np.zeros(len(design))
    loss = _cross_entropy(beta @ design, target, weight)
    for _ in range(ITERATIONS):
        chance = sigmoid(beta @ design)
        gradient = design @ (weight * (chance - target))
        if np.max(np.abs(gradient)) <= TOLERANCE * weight.sum():
            return beta
        hessian = (design * (weight * chance * (1 - chance))) @ design.T + 1e-12 * weight.sum() * np.eye(len(design))
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        trial = _cross_entropy((beta - step) @ design, target, weight)
        while trial > loss and size > 1e-8:
            size /= 2
            trial = _cross_entropy((beta - size * step) @ design, target, weight)
        if trial >= loss and np.max(np.abs(gradient)) <= 1e-6 * weight.sum():
            return beta
        beta, loss = beta - size * step, trial
    raise DataError("the calibration does not converge", got=f"no optimum after {ITERATIONS} steps")


def _cross_entropy(values: Floats, target: Floats, weight: Floats) -> float:
    return float(np.sum(weight * (np.logaddexp(0.0, values) - target * values)))


def fit_softmax(labels: ArrayLike, logits: ArrayLike, weights: ArrayLike | None = None) -> Calibration:
    """Temperature of a softmax output, from validation data; the bias is 0.

    Args:
        labels: class of each case, integers in [0, k), shape (n,).
        logits: shape (n, k).
        weights: of the cases, shape (n,).

    Raises:
        DataError: wrong input, or the likelihood has no best temperature (every case is ranked right, or no better than
            chance).
    """
    values, classes = class_logits(labels, logits)
    weight = case_weights(weights, len(classes))
    weight = weight / weight.sum()
    # Only the distance to the logit of the true class counts; the scale makes the first step a sensible one.
    gap = values - values[np.arange(len(classes)), classes][:, None]
    spread = float(np.sqrt(np.mean(gap**2)))
    if spread == 0:
        raise DataError("the logits cannot be calibrated", expected="logits that differ", got="equal logits")
    gap /= spread
    slope, loss = 0.0, float(np.log(values.shape[1]))
    for _ in range(ITERATIONS):
        chance = softmax(slope * gap)
        mean = np.sum(chance * gap, axis=1)
        gradient = float(np.sum(weight * mean))
        curvature = float(np.sum(weight * (np.sum(chance * gap**2, axis=1) - mean**2)))
        if abs(gradient) <= TOLERANCE:
            break
        step, size = gradient / max(curvature, 1e-12), 1.0
        trial = _softmax_loss(slope - step, gap, weight)
        while trial > loss and size > 1e-8:
            size /= 2
            trial = _softmax_loss(slope - size * step, gap, weight)
        slope, loss = slope - size * step, trial
    if not 0 < slope / spread <= 1 / COLDEST or loss <= 1e-8:
        raise DataError(
            "no temperature fits these logits",
            expected="classes that overlap, ranked better than chance",
            got=f"a best slope of {slope / spread:.3g}",
            hint="More validation cases are needed.",
        )
    return Calibration(temperature=spread / slope)


def _softmax_loss(slope: float, gap: Floats, weight: Floats) -> float:
    scaled = slope * gap
    top = scaled.max(axis=1)
    return float(np.sum(weight * (top + np.log(np.exp(scaled - top[:, None]).sum(axis=1)))))


def class_logits(labels: ArrayLike, logits: ArrayLike) -> tuple[Floats, np.ndarray]:
    """Logits (n, k) and integer classes (n,) of the same cases.

    Raises:
        DataError: shapes do not agree, a logit is not finite, or a class is outside [0, k).
    """
    values = np.asarray(logits, np.float64)
    classes = column(labels, "labels")
    if values.ndim != 2 or values.shape[1] < 2 or len(values) != len(classes):
        raise DataError(
            "logits and labels do not agree", expected=f"shape ({len(classes)}, k >= 2)", got=f"{values.shape}"
        )
    if not np.isfinite(values).all():
        raise DataError("the logits hold NaN or infinity", expected="finite numbers")
    if np.any((classes < 0) | (classes >= values.shape[1]) | (classes != np.round(classes))):
        raise DataError("some labels are no classes", expected=f"integers in [0, {values.shape[1]})")
    return values, classes.astype(np.int64)
