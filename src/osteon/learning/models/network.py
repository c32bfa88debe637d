"""What every classifier gives to training and to export."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from osteon.learning.models.method import Method
from osteon.learning.models.trained import Trained


class Outputs(NamedTuple):
    """Outputs in training.

    Attributes:
        logits: (N, labels).
        local: (N, labels, h, w) logits of each place, or None where the network has none.
    """

    logits: Tensor
    local: Tensor | None


class Explanation(NamedTuple):
    """Outputs in inference.

    Attributes:
        logits: (N, labels).
        maps: (N, labels, h, w), not negative, not normalised; (N, labels, V, h, w) where it sees V images at once.
        pooled: (N, K), the mean features, by which the novelty of the images is judged.
    """

    logits: Tensor
    maps: Tensor
    pooled: Tensor


class Network(Trained, ABC):
    """A classifier that explains itself by a map, in the same forward pass.

    Most are a ``GradCam``; transformers and ensembles make their maps in another way.

    Attributes:
        map_method: what the map is, for the model card.
    """

    map_method: Method

    @abstractmethod
    def features(self, image: Tensor) -> Tensor:
        """Last features (N, K, h, w) of images (N, C, H, W); the map rests on these.

        With V images at once: (N, V, K, h, w) of images (N, V, C, H, W). Transformers have tokens (N, T, K).
        """

    @abstractmethod
    def explain(self, image: Tensor) -> Explanation:
        """Logits, the map of each label, and the pooled features of images (N, C, H, W) or (N, V, C, H, W)."""

    @abstractmethod
    def forward(self, image: Tensor) -> Outputs:
        """Logits of images (N, C, H, W), or (N, V, C, H, W) with V images at once."""

    def pooled(self, features: Tensor) -> Tensor:
        """Mean (N, K) of the last features over places, and over the images of a case."""
        mean = features.mean((-2, -1))
        return mean if mean.ndim == 2 else mean.mean(1)

    @abstractmethod
    def dense_layers(self) -> list[nn.Module]:
        """The output layers, whose weights an L2 penalty shrinks."""

    def l2(self) -> Tensor:
        """Sum of the squared weights of the dense layers, as Keras's kernel regulariser counts them."""
        return torch.stack(
            [w.square().sum() for layer in self.dense_layers() for w in layer.parameters() if w.ndim > 1]
        ).sum()
