"""Which proposal learns which true box: the pairs that cost least together (Carion et al. 2020; Kuhn 1955)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from osteon.learning.detection.boxes import Truth, generalised
from osteon.learning.recipe import SparseDetector


class Pairs(NamedTuple):
    """Pairs of a batch.

    Attributes:
        image: (T,), of which image.
        proposal: (T,), row of the proposal.
        truth: (T,), row of the true box.
    """

    image: Tensor
    proposal: Tensor
    truth: Tensor


@torch.no_grad()
def paired(logits: Tensor, boxes: Tensor, size: Tensor, truth: Truth, how: SparseDetector) -> Pairs:
    """Give each true box the proposal by which all pairs of its image cost least together.

    A pair costs what it would add to the loss: focal loss of the label, distance of the corners as shares of the image, and
    generalised overlap.

    Args:
        logits: (N, Q, labels).
        boxes: (N, Q, 4).
        size: (4,), width, height, width, height of the images.
        truth: of N images; more boxes than proposals leave the dearest without.
        how: the weights.
    """
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for number, (own_logits, own_boxes, marked, classes) in enumerate(
        zip(logits, boxes, truth.boxes, truth.classes, strict=True)
    ):
        known = (classes >= 0).nonzero().squeeze(-1)
        cost = costs(own_logits, own_boxes, marked[known], classes[known], size, how)
        proposal, row = (torch.from_numpy(part).to(known.device) for part in linear_sum_assignment(cost.cpu().numpy()))
        found.append((torch.full_like(proposal, number), proposal, known[row]))
    return Pairs(*(torch.cat(column) for column in zip(*found, strict=True)))


def costs(logits: Tensor, boxes: Tensor, marked: Tensor, classes: Tensor, size: Tensor, how: SparseDetector) -> Tensor:
    """What each pair of proposal and true box of one image costs: (Q, labels), (Q, 4), (M, 4), (M,) to (Q, M)."""
    share = torch.sigmoid(logits)
    true = how.alpha * (1 - share) ** how.gamma * -(share + 1e-8).log()
    false = (1 - how.alpha) * share**how.gamma * -(1 - share + 1e-8).log()
    label = (true - false)[:, classes]
    distance = torch.cdist(boxes / size, marked / size, p=1)
    _, overlap = generalised(boxes.unsqueeze(1), marked.unsqueeze(0))
    return how.class_weight * label + how.l1_weight * distance - how.giou_weight * overlap
