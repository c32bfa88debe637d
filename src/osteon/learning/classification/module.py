"""Training of classifiers: steps, and figures on validation data."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from osteon.learning.classification.batches import Example
from osteon.learning.classification.consistency import consistency_loss
from osteon.learning.classification.losses import objective
from osteon.learning.compute.distributed import interleaved
from osteon.learning.models import Network
from osteon.learning.recipe import Recipe
from osteon.learning.training.module_base import Learning
from osteon.stats.ranking import auroc, average_precision


class Training(Learning):
    """One phase of a classifier's recipe.

    Args:
        network: that is trained.
        recipe: of the training.
        phase: number of the phase.
        seed: of the run.
        validated: number of validation cases.
    """

    network: Network

    def __init__(self, network: Network, recipe: Recipe, phase: int, seed: int, validated: int) -> None:
        super().__init__(network, recipe, phase, seed, validated)
        self._seen: list[tuple[Tensor, Tensor]] = []

    def training_step(self, batch: Example, batch_idx: int) -> Tensor:  # noqa: ARG002 - Lightning's signature
        """One step; logs the parts of the loss."""
        recipe = self.recipe
        outputs = self.network(batch.image)
        self.log_training("accuracy", training_accuracy(outputs.logits.detach(), batch.target, recipe))
        parts = objective(self.network, outputs, batch, recipe.loss, recipe.task.activation)
        if recipe.loss is not None and recipe.loss.consistency:
            same = recipe.loss.consistency * consistency_loss(self.network, batch.image, outputs.logits)
            parts = {**parts, "consistency_loss": same, "loss": parts["loss"] + same}
        return self.log_parts(parts)

    def validation_step(self, batch: Example, batch_idx: int) -> None:  # noqa: ARG002 - Lightning's signature
        """Collect logits; the figures are of the whole part, not means over batches."""
        self._seen.append((self.network(batch.image).logits.float().cpu(), batch.target.cpu()))

    def on_validation_epoch_end(self) -> None:
        """Log the figures of the validation part."""
        columns = (torch.cat(column) for column in zip(*self._seen, strict=True))
        logits, targets = (interleaved(column, self._validated) for column in columns)
        self._seen.clear()
        self.check_finite(logits)
        self.log_figures(validation_figures(logits, targets, self.recipe))


def training_accuracy(logits: Tensor, targets: Tensor, recipe: Recipe) -> Tensor:
    """Share of a batch's known labels that are called right, as of the validation part: with augmentation and dropout."""
    known = (~torch.isnan(targets).any(1)).float()
    if recipe.task.activation == "softmax":
        right = (logits.argmax(1) == targets.nan_to_num().argmax(1)).float()
    else:
        right = ((logits > 0) == (targets > 0.5)).float().mean(1)
    return (right * known).sum() / known.sum().clamp(min=1)


def positive_probability(logits: Tensor, recipe: Recipe) -> Tensor:
    """Probability (N,) that a positive label holds, before calibration.

    The sum of the positive classes' shares for softmax, the largest of the positive labels for sigmoid.
    """
    chosen = [index for index, label in enumerate(recipe.task.labels) if label in recipe.task.positive]
    if recipe.task.activation == "softmax":
        return torch.softmax(logits, 1)[:, chosen].sum(1)
    return torch.sigmoid(logits[:, chosen]).amax(1)


def validation_figures(logits: Tensor, targets: Tensor, recipe: Recipe) -> dict[str, float]:
    """Figures of the validation part: logits and targets (N, L), unknown targets left out.

    With one class only, AUROC and average precision are NaN.
    """
    known = ~torch.isnan(targets).any(1)
    logits, targets = logits[known], targets[known]
    chosen = [index for index, label in enumerate(recipe.task.labels) if label in recipe.task.positive]
    truth = targets[:, chosen].amax(1).numpy().astype(np.int8)
    score = positive_probability(logits, recipe).double().numpy()
    if recipe.task.activation == "softmax":
        right = (logits.argmax(1) == targets.argmax(1)).double().mean()
        loss = torch.nn.functional.cross_entropy(logits, targets)
    else:
        right = ((logits > 0) == (targets > 0.5)).double().mean()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets)
    both = 0 < truth.sum() < len(truth)
    return {
        "val_loss": float(loss),
        "val_accuracy": float(right),
        "val_auroc": float(auroc(truth, score)) if both else float("nan"),
        "val_average_precision": float(average_precision(truth, score)) if both else float("nan"),
    }
