"""Heads that classify all anchors at once and regress their boxes: what RetinaNet and EfficientDet learn and give out."""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import sigmoid_focal_loss

from osteon.learning.compute.distributed import place, total
from osteon.learning.detection.boxes import DetectedBoxes, Truth, top_k
from osteon.learning.detection.models.anchors import IGNORE, decode, encode, match_anchors
from osteon.learning.detection.models.results import CANDIDATES, clip_to_image, select_boxes
from osteon.learning.recipe import BoxRule, EfficientDetector, RetinaDetector

PRIOR: Final = -4.6
"""Logit of an anchor before training: one in a hundred (Lin et al. 2017, section 4.1)."""

SMOOTH_L1_BETA = 0.1  # difference below which the loss of the sides is square


class AnchorPredictions(NamedTuple):
    """Of all anchors, in single precision.

    Attributes:
        logits: (N, P, labels).
        deltas: (N, P, 4), relative to the anchors.
        anchors: (P, 4).
    """

    logits: Tensor
    deltas: Tensor
    anchors: Tensor


def dense_losses(
    predictions: AnchorPredictions, truth: Truth, settings: RetinaDetector | EfficientDetector
) -> dict[str, Tensor]:
    """Focal loss of the labels and smooth distance of the sides, both over the number of anchors that learn a box."""
    rows = match_anchors(predictions.anchors, truth, settings.anchors)
    positive = rows >= 0
    count = total(positive.sum().float()).clamp_min(1)
    classes = truth.classes.gather(1, rows.clamp_min(0))
    target = torch.zeros_like(predictions.logits)
    image_row, place_row = positive.nonzero(as_tuple=True)
    target[image_row, place_row, classes[positive]] = 1.0
    focal = sigmoid_focal_loss(predictions.logits, target, settings.alpha, settings.gamma)
    aim = encode(truth.boxes[image_row, rows[positive]], predictions.anchors[place_row])
    distance = functional.smooth_l1_loss(predictions.deltas[positive], aim, reduction="sum", beta=SMOOTH_L1_BETA)
    world = place().world
    return {
        "score_loss": world * (focal * (rows != IGNORE).unsqueeze(-1)).sum() / count,
        "side_loss": world * settings.box_weight * distance / count,
    }


def dense_boxes(predictions: AnchorPredictions, image: Tensor, rule: BoxRule) -> DetectedBoxes:
    """The best boxes of all anchors, after non-maximum suppression.

    Args:
        predictions: of the images.
        image: (N, C, H, W).
        rule: of the boxes that are given out.
    """
    boxes = clip_to_image(decode(predictions.deltas, predictions.anchors), image)
    return select_boxes(top_k(boxes, torch.sigmoid(predictions.logits), CANDIDATES * rule.max_detections), rule)
