"""Arithmetic of boxes as tensors: overlaps, and non-maximum suppression.

All boxes are ``(x0, y0, x1, y1)`` in pixels of the network's input.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor

STEPS: Final = 12
"""Steps of ``nms``: as many as boxes in the longest row of which each overlaps the next, and no chain is cut."""

TINY: Final = 1e-6
"""Area in square pixels that keeps a division from zero."""


CROWD: Final = -2
"""In place of a label: the box is a crowd, several findings that nobody marked one by one. Nothing is learnt in it."""

IN_CROWD: Final = 0.7
"""Share of a box's area that lies in a crowd, from which it is taken to be in it (Girshick et al. 2018, *Detectron*,
``TRAIN.CROWD_FILTER_THRESH``)."""


class DetectedBoxes(NamedTuple):
    """Boxes that a detector gives out.

    Attributes:
        boxes: (N, K, 4).
        scores: (N, K) in [0, 1], falling; 0 where there is no box.
        classes: (N, K) int64.
    """

    boxes: Tensor
    scores: Tensor
    classes: Tensor


class Truth(NamedTuple):
    """Boxes that are marked, filled up so that all images have as many rows.

    Attributes:
        boxes: (N, M, 4).
        classes: (N, M) int64; -1 where there is no box, ``CROWD`` where it is no single finding.
    """

    boxes: Tensor
    classes: Tensor


def areas(boxes: Tensor) -> Tensor:
    """Areas (...) of boxes (..., 4); 0 for turned ones."""
    sides = (boxes[..., 2:] - boxes[..., :2]).clamp_min(0)
    return sides[..., 0] * sides[..., 1]


def overlaps(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union of each with each: boxes (..., A, 4) and (..., B, 4) to (..., A, B)."""
    first, second = first.unsqueeze(-2), second.unsqueeze(-3)
    shared = _shared(first, second)
    return shared / (areas(first) + areas(second) - shared).clamp_min(TINY)


def giou(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Overlap and generalised overlap (Rezatofighi et al. 2019) of boxes row by row: (..., 4) and (..., 4) to (...) each.

    The latter lies in (-1, 1]; it falls with the distance of boxes that do not touch.
    """
    shared = _shared(first, second)
    union = (areas(first) + areas(second) - shared).clamp_min(TINY)
    low, high = torch.minimum(first[..., :2], second[..., :2]), torch.maximum(first[..., 2:], second[..., 2:])
    hull = (high - low).clamp_min(0).prod(-1).clamp_min(TINY)
    overlap = shared / union
    return overlap, overlap - (hull - union) / hull


@torch.no_grad()
def in_crowds(boxes: Tensor, crowds: Tensor) -> Tensor:
    """Whether boxes (..., A, 4) lie in one of crowds (..., B, 4): (..., A) bool.

    A crowd has no side of its own to compare with, so what counts is the share of a box that lies in it, as in COCO's
    evaluation.
    """
    first, second = boxes.unsqueeze(-2), crowds.unsqueeze(-3)
    return (_shared(first, second) >= IN_CROWD * areas(first).clamp_min(TINY)).any(-1)


@torch.no_grad()
def ignored(boxes: Tensor, truth: Truth) -> Tensor:
    """Whether boxes (N, P, 4) lie in crowds of their images, so that they are no examples of nothing: (N, P) bool."""
    inside = torch.zeros(boxes.shape[:-1], dtype=torch.bool, device=boxes.device)
    for row in (truth.classes == CROWD).any(1).nonzero().squeeze(-1).tolist():  # few images have one
        inside[row] = in_crowds(boxes[row], truth.boxes[row][truth.classes[row] == CROWD])
    return inside


def nms(found: DetectedBoxes, iou: float, max_detections: int) -> DetectedBoxes:
    """Drop each box that overlaps a better one of its label which is not dropped itself: greedy suppression.

    Written as a fixed point of matrix products (Zheng et al. 2021, Cluster-NMS), which gives the same boxes as the loop over
    them, for a whole batch, in PyTorch and ONNX alike.

    Args:
        found: with falling scores.
        iou: above which two boxes are taken for the same finding.
        max_detections: rows of the result.
    """
    same = found.classes.unsqueeze(-1) == found.classes.unsqueeze(-2)
    count = found.scores.shape[-1]
    better = torch.ones(count, count, dtype=torch.bool, device=found.scores.device).triu(1)
    drops = ((overlaps(found.boxes, found.boxes) > iou) & same & better).to(found.scores.dtype)
    kept = torch.ones_like(found.scores)
    for _ in range(STEPS):
        kept = ((kept.unsqueeze(-2) @ drops).squeeze(-2) < 0.5).to(kept.dtype)
    return best(DetectedBoxes(found.boxes, found.scores * kept, found.classes), max_detections)


def best(found: DetectedBoxes, count: int) -> DetectedBoxes:
    """The boxes of the highest scores, in falling order, filled up with nothing where there are fewer."""
    there = min(count, found.scores.shape[-1])
    scores, rows = found.scores.topk(there, -1)
    boxes = found.boxes.gather(-2, rows.unsqueeze(-1).expand(*rows.shape, 4))
    classes = found.classes.gather(-1, rows)
    if there == count:
        return DetectedBoxes(boxes, scores, classes)
    pad = count - there
    return DetectedBoxes(
        torch.nn.functional.pad(boxes, (0, 0, 0, pad)),
        torch.nn.functional.pad(scores, (0, pad)),
        torch.nn.functional.pad(classes, (0, pad)),
    )


def top_k(boxes: Tensor, scores: Tensor, count: int) -> DetectedBoxes:
    """The highest scores of places and labels together.

    Args:
        boxes: (N, P, 4), one for each place.
        scores: (N, P, labels).
        count: at most as many rows.
    """
    labels = scores.shape[-1]
    flat = scores.flatten(1)
    top, rows = flat.topk(min(count, flat.shape[-1]), -1)
    place = rows // labels
    return DetectedBoxes(boxes.gather(1, place.unsqueeze(-1).expand(*place.shape, 4)), top, rows % labels)


def _shared(first: Tensor, second: Tensor) -> Tensor:
    low, high = torch.maximum(first[..., :2], second[..., :2]), torch.minimum(first[..., 2:], second[..., 2:])
    sides = (high - low).clamp_min(0)
    return sides[..., 0] * sides[..., 1]
