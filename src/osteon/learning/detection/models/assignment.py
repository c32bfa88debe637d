"""Which places learn which box: adaptive training sample selection (Zhang et al. 2020, ATSS)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from osteon.learning.detection.boxes import CROWD, Truth, areas, overlaps


class Places(NamedTuple):
    """Places of all levels of a pyramid, from fine to coarse, row by row.

    Attributes:
        centres: (P, 2), x and y in pixels of the input.
        strides: (P,).
        levels: number of places of each level.
    """

    centres: Tensor
    strides: Tensor
    levels: tuple[int, ...]


class Assigned(NamedTuple):
    """What the places of a batch learn.

    Attributes:
        positive: (N, P) bool, whether a place learns a box.
        boxes: (N, P, 4), which; undefined elsewhere.
        classes: (N, P) int64, its label; 0 elsewhere.
        ignored: (N, P) bool, whether a place without a box lies in a crowd and learns nothing.
    """

    positive: Tensor
    boxes: Tensor
    classes: Tensor
    ignored: Tensor


def places(shapes: Sequence[tuple[int, int]], strides: Sequence[int], device: torch.device) -> Places:
    """Places of levels of some shapes (h, w)."""
    centres: list[Tensor] = []
    steps: list[Tensor] = []
    for (rows, columns), stride in zip(shapes, strides, strict=True):
        y = (torch.arange(rows, device=device) + 0.5) * stride
        x = (torch.arange(columns, device=device) + 0.5) * stride
        grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).reshape(-1, 2)
        centres.append(grid)
        steps.append(torch.full((rows * columns,), float(stride), device=device))
    return Places(torch.cat(centres), torch.cat(steps), tuple(rows * columns for rows, columns in shapes))


@torch.no_grad()
def assign(at: Places, truth: Truth, candidates: int, cell: float) -> Assigned:
    """Let each box be learnt by those near its middle that overlap it better than is usual.

    Of each level the nearest ``candidates`` places stand for squares of ``cell`` strides. Those whose overlap with the box
    reaches the mean plus the deviation of all candidates, and whose centre lies in the box, learn it; the nearest place of
    all always does, so that no box is left out. A place that could learn several boxes learns the smallest. One that learns
    none and whose centre lies in a crowd is ignored.

    Args:
        at: of the pyramid.
        truth: N images, M rows.
        candidates: of each level.
        cell: in strides.
    """
    known = truth.classes >= 0
    middle = (truth.boxes[..., :2] + truth.boxes[..., 2:]) / 2
    distance = torch.cdist(middle, at.centres.expand(len(middle), -1, -1))  # (N, M, P)
    half = (at.strides * cell / 2).unsqueeze(-1)
    overlap = overlaps(truth.boxes, torch.cat([at.centres - half, at.centres + half], -1))
    near: list[Tensor] = []
    start = 0
    for count in at.levels:
        rows = distance[..., start : start + count].topk(min(candidates, count), -1, largest=False).indices
        near.append(rows + start)
        start += count
    chosen = torch.cat(near, -1)
    values = overlap.gather(-1, chosen)
    limit = values.mean(-1, keepdim=True) + values.std(-1, keepdim=True)
    reach = torch.zeros_like(overlap, dtype=torch.bool).scatter(-1, chosen, values >= limit)
    x, y = at.centres.unbind(-1)
    x0, y0, x1, y1 = truth.boxes.unsqueeze(-2).unbind(-1)
    inside = (x > x0) & (x < x1) & (y > y0) & (y < y1)
    reach &= inside
    reach.scatter_(-1, distance.argmin(-1, keepdim=True), value=True)
    reach &= known.unsqueeze(-1)
    cost = torch.where(reach, areas(truth.boxes).unsqueeze(-1), torch.inf)
    smallest, row = cost.min(1)
    boxes = truth.boxes.gather(1, row.unsqueeze(-1).expand(-1, -1, 4))
    classes = truth.classes.gather(1, row).clamp_min(0)
    positive = smallest.isfinite()
    crowded = (inside & (truth.classes == CROWD).unsqueeze(-1)).any(1)
    return Assigned(positive, boxes, classes, crowded & ~positive)
