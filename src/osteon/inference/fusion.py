"""The joint result of a classifier and a detector (decision fusion).

The rule for boxes is that of VinDr-SpineXR (Nguyen et al. 2021, section 2.3); averaging the classifier's probability with
the best box is its counterpart for images (section 4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.manifest import Activation, Fusion
from osteon.core.calibration import Calibration
from osteon.core.records import Finding

LEAST: Final = 1e-6
"""Confidences are kept this far from 0 and 1 before their logit is taken."""

IDENTITY: Final = Calibration(temperature=1.0)
"""Leaves values as they are."""


def logit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds of values in [0, 1], kept ``LEAST`` away from both ends."""
    inside = np.clip(values, LEAST, 1.0 - LEAST)
    return np.log(inside) - np.log1p(-inside)


def rescaled(values: NDArray[np.float64], calibration: Calibration) -> NDArray[np.float64]:
    """``sigmoid(logit(value) / temperature + bias)``; exactly the values where that changes nothing.

    Args:
        values: in [0, 1], any shape.
        calibration: of scores or of mixed probabilities.
    """
    if calibration == IDENTITY:
        return values
    return 1.0 / (1.0 + np.exp(-(logit(values) / calibration.temperature + calibration.bias)))


def best(findings: Iterable[Finding], positive: Collection[str]) -> float:
    """The highest confidence among boxes of positive labels, 0 where there is none."""
    return max((finding.score for finding in findings if finding.label in positive), default=0.0)


def survives(
    confidence: NDArray[np.float64], probability: NDArray[np.float64] | float, fusion: Fusion
) -> NDArray[np.bool_]:
    """Whether boxes survive the decision rule.

    Args:
        confidence: of the boxes, shape (n,).
        probability: calibrated, by the classifier alone, of the image of each box, shape (n,), or of all of them.
        fusion: of the bundle.
    """
    return (confidence > fusion.alone) | (np.asarray(probability) >= fusion.threshold)


def kept(findings: Sequence[Finding], probability: float, fusion: Fusion | None) -> tuple[Finding, ...]:
    """The boxes of one image that survive the decision rule.

    Args:
        findings: of the image.
        probability: calibrated probability of it by the classifier alone.
        fusion: of the bundle; None keeps all.
    """
    if fusion is None:
        return tuple(findings)
    stay = survives(np.array([finding.score for finding in findings]), probability, fusion)
    return tuple(finding for finding, stays in zip(findings, stay.tolist(), strict=True) if stays)


def mixed(probability: float, box: float, fusion: Fusion | None) -> float:
    """The probability of an image by both networks.

    Args:
        probability: calibrated, by the classifier alone.
        box: confidence of the best box of a positive label, 0 where there is none.
        fusion: of the bundle; None leaves the classifier's probability.
    """
    if fusion is None:
        return probability
    together = averaged(np.array([probability]), np.array([box]), fusion.weight)
    return float(rescaled(together, fusion.calibration)[0])


def averaged(probability: NDArray[np.float64], box: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """The mean of what both networks say of images (n,), before it is calibrated; ``weight`` is that of the boxes (n,)."""
    return (1.0 - weight) * probability + weight * box


def shared(
    labels: NDArray[np.float64], positive: Collection[int], before: float, after: float, activation: Activation
) -> NDArray[np.float64]:
    """Probabilities of an image's labels once that of a fracture has changed.

    Those of positive labels keep their proportions and follow it; of labels that exclude each other the rest is shared
    among the others in theirs. So the labels agree with the probability of a fracture as they did before.

    Args:
        labels: by the classifier alone, shape (labels,).
        positive: places of the positive labels.
        before: probability of a fracture by the classifier alone.
        after: by both networks.
        activation: of the classifier.
    """
    if before == after:
        return labels
    chosen = np.isin(np.arange(len(labels)), list(positive))
    changed = labels.copy()
    changed[chosen] = labels[chosen] * (after / before) if before > 0 else after / max(chosen.sum(), 1)
    if activation == "softmax":
        rest = 1.0 - before
        changed[~chosen] = labels[~chosen] * ((1 - after) / rest) if rest > 0 else (1 - after) / max((~chosen).sum(), 1)
    return np.clip(changed, 0.0, 1.0)
