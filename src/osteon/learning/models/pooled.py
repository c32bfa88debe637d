"""Convolutional networks that average their last features and end in one linear layer: ResNet, DenseNet, MobileNet, ..."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from osteon.core.errors import RecipeError
from osteon.learning.models.network import Network, Outputs, Trainable
from osteon.learning.models.trunk import feature_trunk
from osteon.learning.recipe import Standard


class PooledClassifier(Network):
    """Trunk, global average, dropout, logits."""

    map_method = "Grad-CAM at the last features (Selvaraju et al. 2017)"

    def __init__(self, architecture: Standard, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        self.trunk, self.weights_source = feature_trunk(architecture.model, channels, empty=empty)
        self.dropout = nn.Dropout(architecture.dropout)
        self.output = nn.Linear(cast("int", self.trunk.num_features), labels)

    def features(self, image: Tensor) -> Tensor:
        """Last features (N, K, h, w)."""
        return self.trunk.forward_features(image)  # pyright: ignore[reportCallIssue]

    def head(self, features: Tensor) -> Outputs:
        """Logits from the pooled features; no local logits."""
        return Outputs(self.output(self.dropout(features.mean((2, 3)))), None)

    def head_gradient(self, features: Tensor) -> Tensor:
        """The output weights, shared out over the places."""
        count = features.shape[2] * features.shape[3]
        return self.output.weight.unsqueeze(0).expand(len(features), -1, -1) / count

    def learning_parts(self, trainable: Trainable) -> list[nn.Module]:
        """All of the trunk or nothing of it.

        Raises:
            RecipeError: a part of the trunk is asked for; this network has no such phase.
        """
        if trainable == "last 30":
            raise RecipeError("this network cannot train a part of its trunk", expected="head or all", got=trainable)
        return [self.trunk] if trainable == "all" else []

    def dense_layers(self) -> list[nn.Module]:
        """The output layer."""
        return [self.output]
