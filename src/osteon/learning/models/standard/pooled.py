"""Convolutional networks that average their last features and end in one linear layer: ResNet, DenseNet, MobileNet, ..."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from osteon.learning.models.backbones.backbone import load_backbone
from osteon.learning.models.gradcam import GradCam
from osteon.learning.models.network import Outputs
from osteon.learning.recipe import Standard


class PooledClassifier(GradCam):
    """Backbone, global average, dropout, logits."""

    def __init__(self, architecture: Standard, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        self.backbone, self.weights_source, self.pretrained = load_backbone(architecture.model, channels, empty=empty)
        self.dropout = nn.Dropout(architecture.dropout)
        self.output = nn.Linear(cast("int", self.backbone.num_features), labels)

    def features(self, image: Tensor) -> Tensor:
        """Last features (N, K, h, w)."""
        return self.backbone.forward_features(image)  # pyright: ignore[reportCallIssue]

    def head(self, features: Tensor) -> Outputs:
        """Logits from the pooled features; no local logits."""
        return Outputs(self.output(self.dropout(features.mean((2, 3)))), None)

    def head_gradient(self, features: Tensor) -> Tensor:
        """The output weights, shared out over the places."""
        count = features.shape[2] * features.shape[3]
        return self.output.weight.unsqueeze(0).expand(features.shape[0], -1, -1) / count

    def dense_layers(self) -> list[nn.Module]:
        """The output layer."""
        return [self.output]
