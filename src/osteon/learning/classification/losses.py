"""The loss functions of classifiers."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from osteon.learning.classification.batches import Example
from osteon.learning.compute.distributed import place, total
from osteon.learning.models import Network, Outputs
from osteon.learning.recipe import Loss
from osteon.learning.recipe.data import Activation


def image_loss(logits: Tensor, target: Tensor, activation: Activation, label_smoothing: float) -> Tensor:
    """Mean cross-entropy of logits (N, L) and targets (N, L); unknown targets (NaN) are left out.

    Of several processes each has a part of the batch: the mean of what they return is the mean over the whole batch. The
    other losses are computed alike.
    """
    known = ~torch.isnan(target)
    if activation == "softmax":
        rows = known.all(1)
        summed = functional.cross_entropy(logits[rows], target[rows], label_smoothing=label_smoothing, reduction="sum")
        return place().world * summed / total(rows.sum()).clamp_min(1)
    smooth = target.nan_to_num() * (1 - label_smoothing) + label_smoothing / 2
    each = functional.binary_cross_entropy_with_logits(logits, smooth, reduction="none")
    return place().world * (each * known).sum() / total(known.sum()).clamp_min(1)


def box_loss(local: Tensor, example: Example, gamma: float) -> Tensor:
    """Focal loss (Lin et al. 2017, equation 4) of local logits (N, 1, h, w) against the places of the boxes.

    Divided by the number of places with a box, so that large empty images do not outweigh the few that matter.
    """
    logits, target = local[:, 0], example.places
    cross = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    share = torch.sigmoid(logits)
    wrong = share * (1 - target) + (1 - share) * target
    placed = example.placed.view(-1, 1, 1)
    summed = (cross * wrong**gamma * placed).sum()
    return place().world * summed / (total((target * placed).sum()) + 1.0)


def objective(
    network: Network, outputs: Outputs, example: Example, loss: Loss | None, activation: Activation
) -> dict[str, Tensor]:
    """The parts of the loss by name, and their sum as ``loss``.

    Raises:
        TypeError: there is no loss, because the recipe is a detector's.
    """
    if loss is None:
        raise TypeError("expected the loss of a classifier's recipe")
    parts = {"image_loss": image_loss(outputs.logits.float(), example.target, activation, loss.label_smoothing)}
    if loss.box_weight and outputs.local is not None:
        parts["box_loss"] = loss.box_weight * box_loss(outputs.local.float(), example, loss.focal_gamma)
    if loss.l2:
        parts["l2_loss"] = loss.l2 * network.l2()
    return {"loss": torch.stack(list(parts.values())).sum(), **parts}
