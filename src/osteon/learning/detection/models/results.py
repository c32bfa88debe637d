"""From what a head says of many boxes to the few that a detector gives out."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from osteon.learning.detection.boxes import Found, suppressed
from osteon.learning.recipe import BoxRule

CANDIDATES: Final = 3
"""Boxes that enter suppression for each that may leave it."""


def bounded(boxes: Tensor, image: Tensor) -> Tensor:
    """Boxes (..., 4) cut to the images (N, C, H, W)."""
    rows, columns = image.shape[-2:]
    return torch.minimum(boxes.clamp_min(0), boxes.new_tensor([columns, rows, columns, rows]))


def given(found: Found, rule: BoxRule) -> Found:
    """What the rule leaves over of boxes with falling scores: those sure enough, suppressed, of a fixed number."""
    sure = (found.scores >= rule.least).to(found.scores.dtype)
    return suppressed(found._replace(scores=found.scores * sure), rule.overlap, rule.most)


def strongest_of_each(boxes: Tensor, scores: Tensor, most: int) -> Found:
    """The highest scores of places and labels together, where each label has a box of its own.

    Args:
        boxes: (N, P, labels, 4).
        scores: (N, P, labels).
        most: at most as many rows.
    """
    flat = scores.flatten(1)
    top, rows = flat.topk(min(most, flat.shape[-1]), -1)
    return Found(boxes.flatten(1, 2).gather(1, rows.unsqueeze(-1).expand(*rows.shape, 4)), top, rows % scores.shape[-1])


def rows_of(features: Tensor, values: int) -> Tensor:
    """Maps (N, A values, h, w) of A anchors a place to rows (N, h w A, values), in single precision."""
    count, _, height, width = features.shape
    apart = features.float().reshape(count, -1, values, height, width)
    return apart.permute(0, 3, 4, 1, 2).reshape(count, -1, values)
