"""What every detector gives to training and to export."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from osteon.learning.detection.boxes import DetectedBoxes, Truth
from osteon.learning.models.method import Method
from osteon.learning.models.trained import Trained


class Detector(Trained, ABC):
    """A network that finds boxes; its losses are part of it, as they are part of what papers call a detector.

    Attributes:
        method: name and source of the architecture, for the model card.
    """

    method: Method

    @abstractmethod
    def losses(self, image: Tensor, truth: Truth) -> dict[str, Tensor]:
        """The parts of the loss by name, each ready to be summed.

        Of several processes each has a part of the batch: the mean of what they return is that of the whole batch.

        Args:
            image: (N, C, H, W).
            truth: boxes in pixels of the input.
        """

    @abstractmethod
    def detect(self, image: Tensor) -> DetectedBoxes:
        """The boxes of images (N, C, H, W), after suppression, ``max_detections`` rows for each image."""

    def forward(self, image: Tensor) -> DetectedBoxes:
        """See ``detect``; this is what is exported."""
        return self.detect(image)
