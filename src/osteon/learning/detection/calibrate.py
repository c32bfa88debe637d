"""What a bundle with a detector fixes on validation data: confidences, thresholds of boxes and of images, the fusion."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import Bundle
from osteon.bundle.manifest import BoxPoint, BoxPoints, Fusion
from osteon.core.calibration import Calibration
from osteon.core.errors import DataError
from osteon.data.files.names import as_path
from osteon.imaging import load
from osteon.inference.engine import InferenceEngine
from osteon.inference.fusion import IDENTITY, averaged, logit, rescaled
from osteon.inference.networks.detect import Boxes as ImageBoxes
from osteon.inference.networks.detect import BoxNetwork
from osteon.learning.bundling.calibration import ImageCalibration
from osteon.learning.detection.batches import detection_of
from osteon.learning.detection.validation import TrueBoxes
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Track
from osteon.learning.inputs.network_input import inputs_of
from osteon.learning.recipe import BoxRule, Recipe
from osteon.stats.calibration import fit_sigmoid
from osteon.stats.detection.boxes import Boxes, Matches, boxes, match
from osteon.stats.operating import operating_points, youden

_log = logging.getLogger(__name__)

IOU = 0.5
"""Overlap from which a box is right."""

ALONE = 0.5
"""Confidence that a box must exceed where the classifier calls an image normal (Nguyen et al. 2021, section 2.3)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ValidationDetections:
    """What a session finds in the images of a part.

    Attributes:
        found: by image.
        truth: marked boxes, in pixels of the network's input.
        inputs: the first of them (n, C, H, W), for comparisons.
        positive: bool (N,), whether a positive label is marked in an image.
    """

    found: tuple[ImageBoxes, ...]
    truth: TrueBoxes
    inputs: NDArray[np.float32]
    positive: NDArray[np.bool_]


def run_validation(
    session: BoxNetwork, cases: Cases, truth: TrueBoxes, recipe: Recipe, track: Track, keep: int
) -> ValidationDetections:
    """Run a session over the files of the cases, one at a time, as in inference.

    Args:
        session: of the graph.
        cases: whose files are read.
        truth: their marked boxes, in pixels of the network's input.
        recipe: names the preprocessing.
        track: shows progress.
        keep: how many inputs to keep.

    Raises:
        InputError: a file cannot be read.
    """
    found: list[ImageBoxes] = []
    inputs: list[NDArray[np.float32]] = []
    for values in inputs_of(cases, recipe, track):
        found += session.run(values)
        if len(inputs) < keep:
            inputs.append(values)
    return ValidationDetections(tuple(found), truth, np.concatenate(inputs), cases.positive)


def gathered(found: Sequence[ImageBoxes]) -> Boxes:
    """Boxes of several images in one table; images are numbered in their order."""
    return boxes(
        np.concatenate([np.full(len(image.scores), row) for row, image in enumerate(found)]),
        np.concatenate([image.classes for image in found]),
        np.concatenate([image.corners for image in found]),
        np.concatenate([image.scores for image in found]),
    )


def fit_confidence(matches: Matches) -> Calibration:
    """Scores to the chance that a box is right, from boxes that are and are not; as they are where nothing fits."""
    hit = matches.hit[:, 0]
    try:
        return fit_sigmoid(hit.astype(np.int8), logit(matches.found.score))
    except DataError as error:
        _log.warning("the scores of boxes are left as the network gives them: %s", error.problem)
        return IDENTITY


def box_points(matches: Matches, calibration: Calibration, rule: BoxRule) -> BoxPoints:
    """The two thresholds of boxes on their confidence.

    *Doubt* is the highest threshold at which boxes still hit the wanted share of the marked ones, or the lowest there is
    where they never do. *Definite* is the lowest from which on the wanted share is right, not below *doubt*.

    Args:
        matches: of validation images; its first threshold of overlap says what is right.
        calibration: scores to confidences.
        rule: the recipe's.
    """
    confidence = rescaled(matches.found.score, calibration)
    hits = np.cumsum(matches.hit[:, 0])
    count = np.arange(1, len(hits) + 1)
    marked, images = max(int(matches.positives.sum()), 1), matches.images
    # A threshold takes all boxes of one confidence or none.
    ends = np.flatnonzero(np.append(np.diff(confidence) != 0, True)) if len(hits) else np.zeros(0, np.intp)
    if not len(ends):
        nothing = BoxPoint(threshold=1.0, rule="no box was found on validation", sensitivity=0.0, false_alarms=0.0)
        return BoxPoints(doubt=nothing, definite=nothing)
    sensitivity, precision = hits[ends] / marked, hits[ends] / count[ends]
    enough = np.flatnonzero(sensitivity >= rule.doubt_sensitivity)
    low = int(enough[0]) if len(enough) else len(ends) - 1
    doubt_rule = f"highest threshold with box sensitivity >= {rule.doubt_sensitivity:g} on validation"
    if not len(enough):
        doubt_rule = f"all boxes: no threshold has box sensitivity >= {rule.doubt_sensitivity:g} on validation"
    sure = np.flatnonzero(precision[: low + 1] >= rule.definite_precision)
    high = int(sure[-1]) if len(sure) else 0
    definite_rule = f"lowest threshold with precision >= {rule.definite_precision:g} on validation, not below doubt"
    if not len(sure):
        definite_rule = (
            f"the highest confidence: no threshold has precision >= {rule.definite_precision:g} on validation"
        )

    def point(position: int, rule_text: str) -> BoxPoint:
        end = int(ends[position])
        following = float(confidence[end + 1]) if end + 1 < len(confidence) else 0.0
        return BoxPoint(
            threshold=(float(confidence[end]) + following) / 2,
            rule=rule_text,
            sensitivity=float(sensitivity[position]),
            false_alarms=float((count[end] - hits[end]) / images),
        )

    return BoxPoints(doubt=point(low, doubt_rule), definite=point(high, definite_rule))


def matched(validation: ValidationDetections, labels: int) -> Matches:
    """Found and marked boxes of the images, matched as COCO does, without found ones that count neither way."""
    matches = match(
        validation.truth.single,
        gathered(validation.found),
        images=len(validation.found),
        classes=labels,
        crowds=validation.truth.crowds,
        thresholds=(IOU,),
    )
    counted = ~matches.ignored[:, 0]
    return replace(
        matches,
        found=matches.found.select(counted),
        hit=matches.hit[counted],
        ignored=matches.ignored[counted],
    )


def best_confidence(found: Sequence[ImageBoxes], calibration: Calibration, positive: Sequence[int]) -> Floats:
    """Confidence of the best box of a positive label in each image (N,); 0 where there is none."""
    best = np.zeros(len(found))
    for row, image in enumerate(found):
        right = np.isin(image.classes, positive)
        if right.any():
            best[row] = rescaled(image.scores[right], calibration).max()
    return best


def fit_image(positive: NDArray[np.bool_], probability: Floats, recipe: Recipe) -> ImageCalibration:
    """Calibration of a probability of images, and the two thresholds of the call.

    Raises:
        DataError: there is one class only, or the probabilities rank no better than chance.
    """
    truth = positive.astype(np.int8)
    calibration = fit_sigmoid(truth, logit(probability))
    points = operating_points(
        truth,
        rescaled(probability, calibration),
        sensitivity=recipe.operating.doubt_sensitivity,
        specificity=recipe.operating.definite_specificity,
    )
    return ImageCalibration(calibration, points)


def fit_fusion(
    positive: NDArray[np.bool_], classifier: Floats, best: Floats, recipe: Recipe
) -> tuple[Fusion, ImageCalibration, NDArray[np.bool_]]:
    """The fusion of a classifier and a detector, and the thresholds of their common call.

    Images that the classifier refuses are left out.

    Args:
        positive: whether a positive label is marked in an image (N,).
        classifier: calibrated probability of each image, NaN where it was refused.
        best: confidence of the best box of each image.
        recipe: of the detector.

    Returns:
        Fusion, calibration and thresholds, and which images were read.
    """
    read = ~np.isnan(classifier)
    truth, probability = positive[read], classifier[read]
    weight = detection_of(recipe).rule.fusion
    image = fit_image(truth, averaged(probability, best[read], weight), recipe)
    chosen = youden(truth.astype(np.int8), probability)
    fusion = Fusion(
        threshold=chosen.threshold,
        rule=f"{chosen.rule}, of the classifier alone",
        alone=ALONE,
        weight=weight,
        calibration=image.calibration,
    )
    return fusion, image, read


def unfitted_fusion(recipe: Recipe) -> Fusion:
    """The fusion of networks that rank no better than chance: the middle as threshold, nothing calibrated."""
    weight = detection_of(recipe).rule.fusion
    return Fusion(threshold=0.5, rule="none: no better than chance", alone=ALONE, weight=weight, calibration=IDENTITY)


def classifier_probability(bundle: Bundle, cases: Cases, track: Track) -> Floats:
    """Probability of the classifier of a bundle for each image (N,); NaN where it refuses one."""
    engine = InferenceEngine(bundle)
    probability: list[float] = []
    for images in track(cases.views, "Reading validation images with the classifier", len(cases)):
        path = as_path(cases.root, cases.images[images[0]])
        probability.append(engine.read_study(load(path)[:1], str(path)).image_probabilities[0])
    return np.array(probability, np.float64)
