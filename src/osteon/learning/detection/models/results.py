"""From a head's scores of many boxes to the few that a detector gives out."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from osteon.learning.detection.boxes import DetectedBoxes, nms
from osteon.learning.recipe import BoxRule

CANDIDATES: Final = 3
"""Boxes that enter suppression for each that may leave it."""


def clip_to_image(boxes: Tensor, image: Tensor) -> Tensor:
    """Boxes (..., 4) cut to the images (N, C, H, W)."""
    rows, columns = image.shape[-2:]
    return torch.minimum(boxes.clamp_min(0), boxes.new_tensor([columns, rows, columns, rows]))


def select_boxes(found: DetectedBoxes, rule: BoxRule) -> DetectedBoxes:
    """The boxes that the rule gives out, of boxes with falling scores: above its threshold, after suppression."""
    sure = (found.scores >= rule.score_threshold).to(found.scores.dtype)
    return nms(found._replace(scores=found.scores * sure), rule.nms_iou, rule.max_detections)


def top_k_of_each_class(boxes: Tensor, scores: Tensor, count: int) -> DetectedBoxes:
    """The highest scores of places and labels together, where each label has a box of its own.

    Args:
        boxes: (N, P, labels, 4).
        scores: (N, P, labels).
        count: at most as many rows.
    """
    flat = scores.flatten(1)
    top, rows = flat.topk(min(count, flat.shape[-1]), -1)
    return DetectedBoxes(
        boxes.flatten(1, 2).gather(1, rows.unsqueeze(-1).expand(*rows.shape, 4)), top, rows % scores.shape[-1]
    )


def rows_of(features: Tensor, values: int) -> Tensor:
    """Maps (N, A values, h, w) of A anchors a place to rows (N, h w A, values), in single precision."""
    images, _, height, width = features.shape
    apart = features.float().reshape(images, -1, values, height, width)
    return apart.permute(0, 3, 4, 1, 2).reshape(images, -1, values)
