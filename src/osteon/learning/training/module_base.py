"""What phases of classifiers and of detectors have in common: seeds of dropout, logs, optimiser and schedule."""

from __future__ import annotations

import math
from typing import Any

import lightning
import torch
from torch import Tensor

from osteon.core.errors import RecipeError
from osteon.learning.compute.distributed import place
from osteon.learning.models import Trained
from osteon.learning.recipe import Recipe
from osteon.learning.training.schedule import optimizer_of, schedule_of


def diverged(where: str) -> RecipeError:
    """The error of training that led to NaN or infinity."""
    return RecipeError(
        f"training diverged: the loss {where}, or an output of the network after it, is NaN or infinite",
        hint="Lower the learning rate (--set optimizer.lr=..., --set optimizer.head_lr=...), or clip gradients "
        "(--set optimizer.clip=1.0).",
    )


class Learning(lightning.LightningModule):
    """One phase of a recipe.

    Attributes:
        network: that is trained.
        recipe: of the training.

    Args:
        network: as above.
        recipe: as above.
        phase: number of the phase.
        seed: of the run.
        validated: number of validation cases.
    """

    def __init__(self, network: Trained, recipe: Recipe, phase: int, seed: int, validated: int) -> None:
        super().__init__()
        self.network = network
        self.recipe = recipe
        self._phase = phase
        self._seed = seed
        self._validated = validated
        self._here = place()
        self._finite: Tensor | None = None

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:  # noqa: ARG002 - Lightning's signature
        """Seed dropout by the epoch, so that a resumed run is the same as an uninterrupted one.

        Before the first batch and not before the epoch: between these two a loader uses a random number, in an epoch that
        follows another but not in one that a run is resumed with.
        """
        if batch_idx:
            return
        own = (self._here.rank,) if self._here.rank else ()  # other cases, other masks
        torch.manual_seed(hash((self._seed, self._phase, self.current_epoch, *own)) % 2**63)
        self._finite = None

    def log_parts(self, parts: dict[str, Tensor]) -> Tensor:
        """Log the parts of the loss and return their sum, ``loss``."""
        finite = torch.isfinite(parts["loss"].detach())
        # Checked once in an epoch: a check at every step would make the GPU wait for the CPU.
        self._finite = finite if self._finite is None else self._finite & finite
        for name, value in parts.items():
            self.log(
                f"train_{name}",
                value,
                on_step=False,
                on_epoch=True,
                prog_bar=name == "loss",
                batch_size=1,  # all batches are equally large, though a process may load one case more than another
                sync_dist=self._here.world > 1,
            )
        return parts["loss"]

    def on_validation_epoch_start(self) -> None:
        """Stop if a loss of the epoch was NaN or infinite.

        Raises:
            RecipeError: one was.
        """
        if self._finite is not None and not bool(self._finite):
            raise diverged(f"of phase {self.recipe.phases[self._phase].name}, epoch {self.current_epoch}")

    def check_finite(self, values: Tensor) -> None:
        """Check outputs of validation cases.

        Raises:
            RecipeError: some of it is NaN or infinite.
        """
        if not bool(torch.isfinite(values).all()):
            raise diverged(f"of phase {self.recipe.phases[self._phase].name}, epoch {self.current_epoch}")

    def log_figures(self, figures: dict[str, float]) -> None:
        """Log the figures of the validation part, which all processes have; undefined ones are left out."""
        for name, value in figures.items():
            if math.isnan(value):
                continue
            self.log(name, value, prog_bar=name == self.recipe.selection.metric, sync_dist=self._here.world > 1)

    def configure_optimizers(self) -> Any:
        """The recipe's optimiser over the parameters that are trained in this phase."""
        recipe = self.recipe
        head = {id(parameter) for parameter in self.network.head_parameters()}
        trained = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        rate = recipe.phases[self._phase].rate
        groups = [
            {"params": [p for p in trained if id(p) not in head], "lr": rate * recipe.optimizer.lr},
            {"params": [p for p in trained if id(p) in head], "lr": rate * recipe.optimizer.head_lr},
        ]
        groups = [group for group in groups if group["params"]]
        optimizer = optimizer_of(groups, recipe.optimizer)
        schedule = schedule_of(optimizer, recipe.schedule, int(self.trainer.estimated_stepping_batches))
        return {"optimizer": optimizer} if schedule is None else {"optimizer": optimizer, "lr_scheduler": schedule}
