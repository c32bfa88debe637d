"""Heads that tell labels and boxes of all anchors at once: what RetinaNet and EfficientDet learn and give out."""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import sigmoid_focal_loss

from osteon.learning.compute.distributed import place, total
from osteon.learning.detection.boxes import Found, Truth, strongest
from osteon.learning.detection.models.anchors import LEFT_OUT, decoded, encoded, matched
from osteon.learning.detection.models.results import CANDIDATES, bounded, given
from osteon.learning.recipe import BoxRule, EfficientDetector, RetinaDetector

PRIOR: Final = -4.6
"""Logit of an anchor before training: one in a hundred (Lin et al. 2017, section 4.1)."""

_BEND = 0.1  # difference below which the loss of the sides is square


class Said(NamedTuple):
    """Of all anchors, in single precision.

    Attributes:
        logits: (N, P, labels).
        deltas: (N, P, 4), relative to the anchors.
        anchors: (P, 4).
    """

    logits: Tensor
    deltas: Tensor
    anchors: Tensor


def dense_losses(said: Said, truth: Truth, how: RetinaDetector | EfficientDetector) -> dict[str, Tensor]:
    """Focal loss of the labels and smooth distance of the sides, both over the number of anchors that learn a box."""
    rows = matched(said.anchors, truth, how.anchors)
    positive = rows >= 0
    count = total(positive.sum().float()).clamp_min(1)
    classes = truth.classes.gather(1, rows.clamp_min(0))
    target = torch.zeros_like(said.logits)
    image_row, place_row = positive.nonzero(as_tuple=True)
    target[image_row, place_row, classes[positive]] = 1.0
    focal = sigmoid_focal_loss(said.logits, target, how.alpha, how.gamma)
    aim = encoded(truth.boxes[image_row, rows[positive]], said.anchors[place_row])
    distance = functional.smooth_l1_loss(said.deltas[positive], aim, reduction="sum", beta=_BEND)
    world = place().world
    return {
        "score_loss": world * (focal * (rows != LEFT_OUT).unsqueeze(-1)).sum() / count,
        "side_loss": world * how.box_weight * distance / count,
    }


def dense_found(said: Said, image: Tensor, rule: BoxRule) -> Found:
    """The best boxes of all anchors, suppressed.

    Args:
        said: of the images.
        image: (N, C, H, W).
        rule: of the boxes that are given out.
    """
    boxes = bounded(decoded(said.deltas, said.anchors), image)
    return given(strongest(boxes, torch.sigmoid(said.logits), CANDIDATES * rule.most), rule)
