"""Anchors: boxes of fixed shapes at every place of a pyramid, how boxes are encoded relative to them, and what they learn."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Final

import torch
from torch import Tensor

from osteon.learning.detection.boxes import CROWD, Truth, in_crowds, overlaps
from osteon.learning.recipe import Anchors

Weights = tuple[float, float, float, float]
"""Factors of the differences of x, y, width and height."""

ALIKE: Final[Weights] = (1.0, 1.0, 1.0, 1.0)

BACKGROUND: Final = -1
"""In place of the row of a true box: learns that there is none."""

IGNORE: Final = -2
"""In place of the row of a true box: learns nothing."""

_WIDEST = log(1000 / 16)  # of a side's logarithm over its anchor's, so that a mistake early on stays finite
_SIDE = 1e-3  # of a box, in pixels, that its logarithm may be taken


def anchors_of(
    shapes: Sequence[tuple[int, int]], strides: Sequence[int], settings: Anchors, device: torch.device
) -> list[Tensor]:
    """Anchors of each level, (h w A, 4), row by row of the level, in pixels of the input.

    Args:
        shapes: (h, w) of the levels.
        strides: of the levels.
        settings: their shapes.
        device: of the result.
    """
    found: list[Tensor] = []
    ratios = torch.tensor(settings.ratios, device=device).sqrt()
    for (rows, columns), stride in zip(shapes, strides, strict=True):
        sizes = [stride * settings.side * 2 ** (step / settings.octaves) for step in range(settings.octaves)]
        size = torch.tensor(sizes, device=device).unsqueeze(-1)
        half = torch.stack([size / ratios, size * ratios], -1).flatten(0, 1) / 2  # (A, 2), x and y
        y = (torch.arange(rows, device=device) + 0.5) * stride
        x = (torch.arange(columns, device=device) + 0.5) * stride
        centre = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).reshape(-1, 1, 2)
        found.append(torch.cat([centre - half, centre + half], -1).flatten(0, 1))
    return found


def encode(boxes: Tensor, anchors: Tensor, weights: Weights = ALIKE) -> Tensor:
    """Boxes (..., 4) relative to anchors (..., 4): shift over side, logarithm of side over side (Ren et al. 2015)."""
    side, base = (boxes[..., 2:] - boxes[..., :2]).clamp_min(_SIDE), anchors[..., 2:] - anchors[..., :2]
    shift = (boxes[..., :2] + boxes[..., 2:] - anchors[..., :2] - anchors[..., 2:]) / 2 / base
    return torch.cat([shift, torch.log(side / base)], -1) * boxes.new_tensor(weights)


def decode(deltas: Tensor, anchors: Tensor, weights: Weights = ALIKE) -> Tensor:
    """The boxes (..., 4) of what ``encode`` gives."""
    base = anchors[..., 2:] - anchors[..., :2]
    shift, growth = (deltas / deltas.new_tensor(weights)).split(2, -1)
    middle = (anchors[..., :2] + anchors[..., 2:]) / 2 + shift * base
    half = torch.exp(growth.clamp(max=_WIDEST)) * base / 2
    return torch.cat([middle - half, middle + half], -1)


@torch.no_grad()
def match_anchors(anchors: Tensor, truth: Truth, settings: Anchors) -> Tensor:
    """Which row of the true boxes each anchor learns.

    Args:
        anchors: (P, 4).
        truth: of N images.
        settings: the limits.

    Returns:
        (N, P) int64: a row, ``BACKGROUND`` or ``IGNORE``, as those do that lie in a crowd and learn no box.
    """
    # One image after the other: overlaps of all anchors with all boxes of a batch are gigabytes.
    return torch.stack(
        [
            _match_image(anchors, boxes, classes, settings)
            for boxes, classes in zip(truth.boxes, truth.classes, strict=True)
        ]
    )


@torch.no_grad()
def sample(positive: Tensor, negative: Tensor, count: int, share: float) -> Tensor:
    """Sample so many of each row, at random; at most a share of them are positive, the rest is negative.

    Args:
        positive: (N, P) bool.
        negative: (N, P) bool, none of which is positive.
        count: of each row, or fewer where there are not so many.
        share: of positive ones, at most.

    Returns:
        (N, P) bool.
    """
    true = _some(positive, torch.full_like(positive[:, :1], round(count * share), dtype=torch.int64))
    return true | _some(negative, count - true.sum(1, keepdim=True))


def _some(of: Tensor, counts: Tensor) -> Tensor:
    """So many (N, 1) of the true places of each row (N, P), at random."""
    order = torch.where(of, torch.rand(of.shape, device=of.device), 2.0).argsort(1)
    place = torch.empty_like(order).scatter_(1, order, torch.arange(of.shape[1], device=of.device).expand_as(order))
    return of & (place < counts)


def _match_image(anchors: Tensor, boxes: Tensor, classes: Tensor, settings: Anchors) -> Tensor:
    overlap = overlaps(boxes, anchors).where((classes >= 0).unsqueeze(-1), -1.0)  # (M, P)
    best, row = overlap.max(0)
    rows = row.where(best >= settings.matched, IGNORE).where(best >= settings.unmatched, BACKGROUND)
    crowded = in_crowds(anchors, boxes[classes == CROWD])
    rows = rows.where(~crowded | (rows >= 0), IGNORE)
    top = overlap.amax(1, keepdim=True)
    forced = (overlap == top) & (top > 0)
    return forced.to(torch.uint8).argmax(0).where(forced.any(0), rows)
