"""What a bundle fixes on validation data: calibration, operating points, and the limit of novelty."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.manifest import Label, labels_assume_fracture
from osteon.core.calibration import Calibration
from osteon.core.errors import DataError
from osteon.core.operating import OperatingPoint, OperatingPoints
from osteon.inference.networks.calibrate import Probabilities, positive, probabilities
from osteon.inference.networks.session import Network as Session
from osteon.learning.bundling.calibration import ImageCalibration
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Track
from osteon.learning.inputs.network_input import inputs_of
from osteon.learning.recipe import Recipe
from osteon.stats.calibration import fit_sigmoid, fit_softmax
from osteon.stats.operating import operating_points
from osteon.stats.ranking import auroc

_log = logging.getLogger(__name__)

NOVELTY_MARGIN: Final = 2.0
"""How far beyond the quantile of the validation images the limit of novelty lies. A real image of another device (the tibia of
the NEMA samples) lies at 1.5 times that quantile, their chest image at 3.4 times, gradients and noise beyond."""


@dataclass(frozen=True)
class ValidationOutputs:
    """What a session gives for some cases.

    Attributes:
        logits: (N, labels).
        novelty: (N,), or None.
        inputs: the first of the network's inputs (n, C, H, W), or (n, V, C, H, W), for comparisons.
    """

    logits: NDArray[np.float32]
    novelty: NDArray[np.float32] | None
    inputs: NDArray[np.float32]


def run_validation(session: Session, cases: Cases, recipe: Recipe, track: Track, keep: int) -> ValidationOutputs:
    """Run a session over the files of the cases, one at a time, as in inference.

    Args:
        session: of the bundle.
        cases: whose files are read.
        recipe: names the preprocessing.
        track: shows progress.
        keep: how many inputs to keep.

    Raises:
        InputError: a file cannot be read.
    """
    logits: list[NDArray[np.float32]] = []
    novelty: list[NDArray[np.float32]] = []
    inputs: list[NDArray[np.float32]] = []
    for values in inputs_of(cases, recipe, track):
        outputs = session.run(values)
        logits.append(outputs.logits)
        if outputs.novelty is not None:
            novelty.append(outputs.novelty)
        if len(inputs) < keep:
            inputs.append(values)
    return ValidationOutputs(
        np.concatenate(logits), np.concatenate(novelty) if novelty else None, np.concatenate(inputs)
    )


def calibrate(
    outputs: ValidationOutputs,
    cases: Cases,
    recipe: Recipe,
    labels: tuple[Label, ...],
    *,
    allow_uncalibrated: bool = False,
) -> ImageCalibration:
    """Calibration, thresholds and the limit of novelty, all from validation data.

    Args:
        outputs: of the validation cases.
        cases: that were shown.
        recipe: of the network.
        labels: of the bundle.
        allow_uncalibrated: leave the probabilities as they are where they cannot be calibrated.

    Raises:
        DataError: the data do not allow it: one class only, or a network that ranks no better than chance.
    """
    known = ~np.isnan(cases.targets).any(1)
    if not known.any():
        raise DataError("no validation case has a known label")
    logits, targets = outputs.logits[known].astype(np.float64), cases.targets[known]
    try:
        calibration = _calibration(logits, targets, recipe)
    except DataError as error:
        if not allow_uncalibrated:
            raise
        _log.warning("probabilities are left as the network gives them: %s", error.problem)
        calibration = Calibration(temperature=1.0)
    each = probabilities(outputs.logits[known], calibration, recipe.task.shares)
    probability = positive(each, labels, recipe.task.shares)
    points = _points(cases.positive[known], each, targets, probability, recipe, labels)
    limit = None
    if outputs.novelty is not None and recipe.indicated.novelty_share > 0:
        limit = NOVELTY_MARGIN * float(np.quantile(outputs.novelty, 1.0 - recipe.indicated.novelty_share))
    return ImageCalibration(calibration, points, limit)


def skill(
    outputs: ValidationOutputs, fixed: ImageCalibration, cases: Cases, recipe: Recipe, labels: tuple[Label, ...]
) -> tuple[str, float]:
    """How well a session does on cases, in one figure: ``AUROC``, or ``accuracy`` where all cases are positive.

    Args:
        outputs: of the cases.
        fixed: on them.
        cases: that were shown.
        recipe: of the network.
        labels: of the bundle.
    """
    known = ~np.isnan(cases.targets).any(1)
    each = probabilities(outputs.logits[known], fixed.calibration, recipe.task.shares)
    truth = cases.positive[known]
    if truth.all() or not truth.any():
        return "accuracy", float((each.argmax(1) == cases.targets[known].argmax(1)).mean())
    return "AUROC", auroc(truth.astype(np.int8), positive(each, labels, recipe.task.shares))


def _calibration(logits: Probabilities, targets: NDArray[np.float32], recipe: Recipe) -> Calibration:
    """Logits (N, labels) and targets to a calibration.

    Raises:
        DataError: nothing fits, or the labels are independent of each other.
    """
    if recipe.task.activation == "softmax":
        return fit_softmax(targets.argmax(1), logits)
    if logits.shape[1] == 1:
        return fit_sigmoid(targets[:, 0], logits[:, 0])
    raise DataError("calibration of several independent labels is not supported", expected="one label, or softmax")


def _points(
    positive: NDArray[np.bool_],
    each: Probabilities,
    targets: NDArray[np.float32],
    probability: Probabilities,
    recipe: Recipe,
    labels: tuple[Label, ...],
) -> OperatingPoints:
    """The thresholds; where a fracture is taken for granted they tell right answers from wrong ones."""
    truth = positive
    if labels_assume_fracture(labels, recipe.task.shares):
        truth = each.argmax(1) == targets.argmax(1)
        if truth.all():
            lowest = float(probability.min())
            rule = f"lowest probability of {len(truth)} validation answers, all of them right"
            point = OperatingPoint(threshold=lowest, rule=rule, sensitivity=1.0, specificity=1.0)
            return OperatingPoints(doubt=point, definite=point)
    return operating_points(
        truth,
        probability,
        sensitivity=recipe.operating.doubt_sensitivity,
        specificity=recipe.operating.definite_specificity,
    )
