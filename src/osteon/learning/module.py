"""The Lightning module: steps, figures on validation data, optimiser and schedule."""

from __future__ import annotations

from typing import Any

import lightning
import numpy as np
import torch
from torch import Tensor

from osteon.evaluation.ranking import auroc, average_precision
from osteon.learning.batches import Example
from osteon.learning.distributed import interleaved, place
from osteon.learning.models import Network
from osteon.learning.objective import objective
from osteon.learning.recipe import Recipe
from osteon.learning.schedule import optimizer_of, schedule_of


class Training(lightning.LightningModule):
    """One phase of a recipe.

    Attributes:
        network: what learns.
        recipe: how.

    Args:
        network: as above.
        recipe: as above.
        phase: number of the phase.
        seed: of the run.
        validated: number of validation cases.
    """

    def __init__(self, network: Network, recipe: Recipe, phase: int, seed: int, validated: int) -> None:
        super().__init__()
        self.network = network
        self.recipe = recipe
        self._phase = phase
        self._seed = seed
        self._validated = validated
        self._here = place()
        self._seen: list[tuple[Tensor, Tensor]] = []

    def on_train_epoch_start(self) -> None:
        """Seed dropout by the epoch, so that a resumed run goes on as it would have gone on."""
        own = (self._here.rank,) if self._here.rank else ()  # other cases, other masks
        torch.manual_seed(hash((self._seed, self._phase, self.current_epoch, *own)) % 2**63)

    def training_step(self, batch: Example, batch_idx: int) -> Tensor:  # noqa: ARG002 - Lightning's signature
        """One step; logs the parts of the loss."""
        recipe = self.recipe
        parts = objective(self.network, self.network(batch.image), batch, recipe.loss, recipe.task.activation)
        for name, value in parts.items():
            self.log(
                f"train_{name}",
                value,
                on_step=False,
                on_epoch=True,
                prog_bar=name == "loss",
                batch_size=1,  # all batches are equally large, though a process may show one case more than another
                sync_dist=self._here.world > 1,
            )
        return parts["loss"]

    def validation_step(self, batch: Example, batch_idx: int) -> None:  # noqa: ARG002 - Lightning's signature
        """Collect logits; the figures are of the whole part, not means over batches."""
        self._seen.append((self.network(batch.image).logits.float().cpu(), batch.target.cpu()))

    def on_validation_epoch_end(self) -> None:
        """Log the figures that the recipe may select by; all processes have the same."""
        columns = (torch.cat(column) for column in zip(*self._seen, strict=True))
        logits, targets = (interleaved(column, self._validated) for column in columns)
        self._seen.clear()
        for name, value in validation_figures(logits, targets, self.recipe).items():
            self.log(name, value, prog_bar=name == self.recipe.selection.metric, sync_dist=self._here.world > 1)

    def configure_optimizers(self) -> Any:
        """The recipe's optimiser over what learns in this phase."""
        recipe = self.recipe
        head = {id(parameter) for parameter in self.network.head_parameters()}
        learning = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        rate = recipe.phases[self._phase].rate
        groups = [
            {"params": [p for p in learning if id(p) not in head], "lr": rate * recipe.optimizer.lr},
            {"params": [p for p in learning if id(p) in head], "lr": rate * recipe.optimizer.head_lr},
        ]
        groups = [group for group in groups if group["params"]]
        optimizer = optimizer_of(groups, recipe.optimizer)
        schedule = schedule_of(optimizer, recipe.schedule, int(self.trainer.estimated_stepping_batches))
        return {"optimizer": optimizer} if schedule is None else {"optimizer": optimizer, "lr_scheduler": schedule}


def positive_probability(logits: Tensor, recipe: Recipe) -> Tensor:
    """Probability (N,) that a positive label holds, before calibration.

    The sum of the positive classes' shares for softmax, the largest of the positive labels for sigmoid.
    """
    chosen = [index for index, label in enumerate(recipe.task.labels) if label in recipe.task.positive]
    if recipe.task.activation == "softmax":
        return torch.softmax(logits, 1)[:, chosen].sum(1)
    return torch.sigmoid(logits[:, chosen]).amax(1)


def validation_figures(logits: Tensor, targets: Tensor, recipe: Recipe) -> dict[str, float]:
    """Figures of the validation part: logits and targets (N, L), unknown targets left out."""
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
        # One class alone cannot be ranked: half marks, so that a first run on a tiny part does not fail.
        "val_auroc": float(auroc(truth, score)) if both else 0.5,
        "val_average_precision": float(average_precision(truth, score)) if both else float(truth.mean()),
    }
