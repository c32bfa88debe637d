"""Training of detectors: steps, and average precision on validation data."""

from __future__ import annotations

import torch
from torch import Tensor

from osteon.learning.compute.distributed import interleaved
from osteon.learning.detection.batches import Batch
from osteon.learning.detection.boxes import DetectedBoxes
from osteon.learning.detection.models import Detector
from osteon.learning.detection.validation import TrueBoxes, box_figures, joined
from osteon.learning.recipe import Recipe
from osteon.learning.training.module_base import Learning


class BoxTraining(Learning):
    """One phase of a detector's recipe.

    Args:
        network: that is trained.
        recipe: of the training.
        phase: number of the phase.
        seed: of the run.
        truth: boxes of the validation images, in pixels of the network's input.
        validated: number of validation images.
    """

    network: Detector

    def __init__(
        self, network: Detector, recipe: Recipe, phase: int, seed: int, truth: TrueBoxes, validated: int
    ) -> None:
        super().__init__(network, recipe, phase, seed, validated)
        self._truth = truth
        self._seen: list[DetectedBoxes] = []

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:  # noqa: ARG002 - Lightning's signature
        """One step; logs the parts of the loss."""
        parts = self.network.losses(batch.image, batch.truth)
        return self.log_parts({"loss": torch.stack(list(parts.values())).sum(), **parts})

    def validation_step(self, batch: Batch, batch_idx: int) -> None:  # noqa: ARG002 - Lightning's signature
        """Collect boxes; the figures are of the whole part."""
        self._seen.append(joined([self.network.detect(batch.image)]))

    def on_validation_epoch_end(self) -> None:
        """Log the figures of the validation part."""
        mine = joined(self._seen)
        self._seen.clear()
        found = DetectedBoxes(*(interleaved(column, self._validated) for column in mine))
        self.check_finite(found.scores)
        self.log_figures(box_figures(self._truth, found, self.recipe.task.labels))
