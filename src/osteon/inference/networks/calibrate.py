"""Logits to calibrated probabilities.

Temperature scaling: Guo et al., *On Calibration of Modern Neural Networks* (2017).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.manifest import Activation, Label, labels_assume_fracture
from osteon.core.calibration import Calibration

Probabilities = NDArray[np.float64]


def probabilities(
    logits: NDArray[np.float32] | NDArray[np.float64], calibration: Calibration, activation: Activation
) -> Probabilities:
    """Calibrated probability of each label.

    Args:
        logits: shape (N, labels).
        calibration: of the bundle.
        activation: ``sigmoid(logit / temperature + bias)`` for each label, or softmax of ``logits / temperature``.

    Returns:
        Shape (N, labels), in [0, 1].
    """
    scaled = logits.astype(np.float64) / calibration.temperature
    if activation == "softmax":
        raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)
    shifted = scaled + calibration.bias
    small = np.exp(-np.abs(shifted))
    return np.where(shifted >= 0, 1.0, small) / (1.0 + small)


def positive(values: Probabilities, labels: Sequence[Label], activation: Activation) -> Probabilities:
    """Probability that a study is positive, from the probabilities of its labels.

    Labels under softmax exclude each other, so those of the positive labels are added; under sigmoid they do not, and
    the highest is taken, which is a lower bound of the probability of any. Where a fracture is taken for granted
    (``Manifest.assumes_fracture``), it is the probability of the label that is named.

    Args:
        values: shape (N, labels).
        labels: of the bundle, in the order of the logits.
        activation: of the bundle.

    Returns:
        Shape (N,), in [0, 1].
    """
    chosen = values[:, [label.positive for label in labels]]
    added = activation == "softmax" and not labels_assume_fracture(labels, activation)
    return np.minimum(chosen.sum(axis=1), 1.0) if added else chosen.max(axis=1)
