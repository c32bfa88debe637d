"""From a trained detector to its ONNX graph, and the check that both find the same boxes."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from osteon.core.errors import BundleError
from osteon.inference.networks.detect import Boxes, BoxNetwork
from osteon.learning.bundling.graph_cache import exported_once
from osteon.learning.bundling.onnx_graph import check_finished, with_weights
from osteon.learning.detection.models import Detector, build
from osteon.learning.recipe import BoxRule, Recipe
from osteon.learning.runs.run import Run
from osteon.stats.detection.boxes import pairwise_iou

CORNERS: Final = 0.5
"""Largest distance of corners, in pixels of the input, that is accepted between PyTorch and ONNX Runtime."""

SCORES: Final = 1e-3
"""Largest difference of scores."""

CROWD: Final = 4
"""An image with more than this fraction of all boxes that can be given out is crowded."""


class Difference(NamedTuple):
    """Largest differences between PyTorch and ONNX Runtime.

    Attributes:
        corners: in pixels of the input.
        scores: of the same boxes.
        boxes: that were compared.
    """

    corners: float
    scores: float
    boxes: int


def trained_detector(run: Run) -> Detector:
    """The detector of a finished run, in evaluation mode.

    Raises:
        DataError: the run is not finished.
    """
    check_finished(run)
    return with_weights(build(run.recipe, empty=True), run)


def detector_graph(network: Detector, recipe: Recipe) -> bytes:
    """The ONNX graph: ``image`` (N, C, H, W) to ``boxes`` (N, K, 4), ``scores`` (N, K) and ``classes`` (N, K).

    An architecture is traced once on a machine.
    """
    preprocessing = recipe.preprocessing
    example = torch.zeros(2, preprocessing.channels, preprocessing.height, preprocessing.width)
    record = (recipe.architecture, recipe.detection)
    return exported_once(network, record, example, ["boxes", "scores", "classes"])


def box_parity(network: Detector, session: BoxNetwork, inputs: NDArray[np.float32], rule: BoxRule) -> Difference:
    """Largest differences of boxes and scores for inputs (N, C, H, W).

    Each box of either, with a score clearly above the least, must have its like in the other. Boxes of equal scores may
    change places, so that they are compared by what they cover. Two things are no difference: where an image has more boxes
    than are looked at, those at the end may stay away from either, so that the least there is the last score; and of two
    boxes that suppress each other, with scores that are equal but for their last digits, each may have kept another.

    Args:
        network: trained.
        session: of its graph.
        inputs: as the inference pipeline prepares them.
        rule: of the boxes that are given out.

    Raises:
        BundleError: they differ by more than ``CORNERS`` or ``SCORES``: the exported graph is not the trained network.
    """
    worst, compared = Difference(0.0, 0.0, 0), 0
    for image in inputs:
        with torch.inference_mode():
            found = network.eval().detect(torch.from_numpy(image[None]))
        there = found.scores[0] > 0
        ours = Boxes(
            found.boxes[0][there].double().numpy(),
            found.scores[0][there].double().numpy(),
            found.classes[0][there].numpy(),
        )
        theirs = session.run(image[None])[0]
        least = max(rule.score_threshold, _last(ours.scores, rule.max_detections)) + SCORES
        for first, second in ((ours, theirs), (theirs, ours)):
            corners, scores, count = _compared(first, second, least, rule.nms_iou)
            worst = Difference(max(worst.corners, corners), max(worst.scores, scores), 0)
            compared += count
    if worst.corners > CORNERS or worst.scores > SCORES:
        raise BundleError(
            "the exported detector does not agree with PyTorch",
            expected=f"corners within {CORNERS} pixels and scores within {SCORES} on {len(inputs)} images",
            got=f"{worst.corners:.2g} pixels, {worst.scores:.2g}",
        )
    return worst._replace(boxes=compared // 2)


def _last(scores: NDArray[np.float64], most: int) -> float:
    """The lowest score of a crowded image, 0 of another.

    Detectors look at so many candidates and no more before they suppress: the last of these may be another one where scores
    are equal but for their last digits. That needs a crowd: where boxes are few, every candidate was looked at.
    """
    return float(scores.min()) if len(scores) > most // CROWD else 0.0


def _compared(first: Boxes, second: Boxes, least: float, overlap: float) -> tuple[float, float, int]:
    """Largest differences of corners and scores of each box of the one from its like in the other, and their number."""
    corners = scores = 0.0
    count = 0
    for row in np.flatnonzero(first.scores > least).tolist():
        same = np.flatnonzero(second.classes == first.classes[row])
        if not len(same):
            return np.inf, 1.0, count + 1
        apart = np.abs(second.corners[same] - first.corners[row]).max(1)
        off = np.abs(second.scores[same] - first.scores[row])
        # The nearest by both: some detectors give out many boxes of one place, with scores of their own.
        like = int(np.argmin(np.maximum(apart / CORNERS, off / SCORES)))
        if apart[like] > CORNERS:
            mine = np.repeat(first.corners[row][None], len(same), axis=0)
            if np.any((pairwise_iou(second.corners[same], mine) > overlap) & (off <= SCORES)):
                continue
        count += 1
        corners, scores = max(corners, float(apart[like])), max(scores, float(off[like]))
    return corners, scores, count
