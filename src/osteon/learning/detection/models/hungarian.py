"""Which proposal learns which true box: the pairs that cost least together (Carion et al. 2020; Kuhn 1955)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from osteon.learning.detection.boxes import Truth, giou
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
def paired(logits: Tensor, boxes: Tensor, size: Tensor, truth: Truth, settings: SparseDetector) -> Pairs:
    """Give each true box the proposal by which all pairs of its image cost least together.

    A pair costs what it would add to the loss: focal loss of the label, distance of the corners as shares of the image, and
    generalised overlap.

    Args:
        logits: (N, Q, labels).
        boxes: (N, Q, 4).
        size: (4,), width, height, width, height of the images.
        truth: of N images; more boxes than proposals leave those of the highest cost without.
        settings: the weights.
    """
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for number, (own_logits, own_boxes, true_boxes, classes) in enumerate(
        zip(logits, boxes, truth.boxes, truth.classes, strict=True)
    ):
        known = (classes >= 0).nonzero().squeeze(-1)
        cost = costs(own_logits, own_boxes, true_boxes[known], classes[known], size, settings)
        proposal, row = (torch.from_numpy(part).to(known.device) for part in linear_sum_assignment(cost.cpu().numpy()))
        found.append((torch.full_like(proposal, number), proposal, known[row]))
    return Pairs(*(torch.cat(column) for column in zip(*found, strict=True)))


def costs(
    logits: Tensor, boxes: Tensor, true_boxes: Tensor, classes: Tensor, size: Tensor, settings: SparseDetector
) -> Tensor:
    """What each pair of proposal and true box of one image costs: (Q, labels), (Q, 4), (M, 4), (M,) to (Q, M)."""
    share = torch.sigmoid(logits)
    true = settings.alpha * (1 - share) ** settings.gamma * -(share + 1e-8).log()
    false = (1 - settings.alpha) * share**settings.gamma * -(1 - share + 1e-8).log()
    label = (true - false)[:, classes]
    distance = torch.cdist(boxes / size, true_boxes / size, p=1)
    _, overlap = giou(boxes.unsqueeze(1), true_boxes.unsqueeze(0))
    return settings.class_weight * label + settings.l1_weight * distance - settings.giou_weight * overlap
