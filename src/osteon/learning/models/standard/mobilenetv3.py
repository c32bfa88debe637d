"""MobileNetV3 (Howard et al. 2019), whose last convolution comes after the global average."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from osteon.learning.models.backbones.backbone import load_backbone
from osteon.learning.models.gradcam import GradCam
from osteon.learning.models.network import Outputs
from osteon.learning.recipe import Standard


class MobileNetV3(GradCam):
    """Backbone, global average, 1 x 1 convolution, hard swish, dropout, logits."""

    def __init__(self, architecture: Standard, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        self.backbone, self.weights_source, self.pretrained = load_backbone(architecture.model, channels, empty=empty)
        self.dropout = nn.Dropout(architecture.dropout)
        self.output = nn.Linear(cast("int", self.backbone.head_hidden_size), labels)

    @property
    def _wide(self) -> nn.Conv2d:
        """The convolution behind the average; it has published weights and belongs to the backbone."""
        return cast("nn.Conv2d", self.backbone.conv_head)

    def features(self, image: Tensor) -> Tensor:
        """Last features (N, K, h, w), before the average."""
        return self.backbone.forward_features(image)  # pyright: ignore[reportCallIssue]

    def head(self, features: Tensor) -> Outputs:
        """Logits from the pooled features; no local logits."""
        return Outputs(self.output(self.dropout(functional.hardswish(self._hidden(features)))), None)

    def head_gradient(self, features: Tensor) -> Tensor:
        """The chain rule through output, hard swish, convolution and average."""
        # x relu6(x + 3) / 6 rises by (2 x + 3) / 6 between -3 and 3, by 0 below and by 1 above.
        hidden = self._hidden(features)
        slope = torch.where(hidden.abs() < 3.0, (2.0 * hidden + 3.0) / 6.0, (hidden > 0).to(hidden.dtype))
        by_pooled = (self.output.weight.unsqueeze(0) * slope.unsqueeze(1)) @ self._wide.weight.flatten(1)
        return by_pooled / (features.shape[2] * features.shape[3])

    def dense_layers(self) -> list[nn.Module]:
        """The output layer."""
        return [self.output]

    def _hidden(self, features: Tensor) -> Tensor:
        """The hidden layer (N, hidden) before its hard swish."""
        return self._wide(features.mean((2, 3), keepdim=True)).flatten(1)
