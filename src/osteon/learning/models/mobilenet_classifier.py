"""MobileNetV2 with a dense head on pooled features, as the elbow paper builds it (section III.D)."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from osteon.learning.models.backbones.backbone import mobilenet_backbone
from osteon.learning.models.gradcam import GradCam
from osteon.learning.models.network import Outputs
from osteon.learning.models.trained import Trainable
from osteon.learning.recipe import MobileNetClassifier


class Classifier(GradCam):
    """Backbone, global average, dropout, dense layer, dropout, logits."""

    def __init__(self, architecture: MobileNetClassifier, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        self.backbone, self.weights_source, self.pretrained = mobilenet_backbone(
            architecture.width, channels, empty=empty
        )
        self.dropout_first = nn.Dropout(architecture.dropout_first)
        self.hidden = nn.Linear(cast("int", self.backbone.num_features), architecture.hidden)
        self.dropout_second = nn.Dropout(architecture.dropout_second)
        self.output = nn.Linear(architecture.hidden, labels)

    def features(self, image: Tensor) -> Tensor:
        """Features of the last convolution, after its ReLU6: (N, K, H / 32, W / 32)."""
        return self.backbone.forward_features(image)  # pyright: ignore[reportCallIssue]

    def head(self, features: Tensor) -> Outputs:
        """Logits from the pooled features; no local logits."""
        hidden = torch.relu(self.hidden(self.dropout_first(features.mean((2, 3)))))
        return Outputs(self.output(self.dropout_second(hidden)), None)

    def head_gradient(self, features: Tensor) -> Tensor:
        """The chain rule through output, ReLU, dense layer and average, without dropout."""
        active = (self.hidden(features.mean((2, 3))) > 0).to(features.dtype)
        by_pooled = (self.output.weight.unsqueeze(0) * active.unsqueeze(1)) @ self.hidden.weight
        return by_pooled / (features.shape[2] * features.shape[3])

    def learning_parts(self, trainable: Trainable) -> list[nn.Module]:
        """The backbone's parts that learn.

        The last 30 layers as Keras counts them: the batch norm that closes block 13, blocks 14 to 16, and the last
        convolution with its batch norm and ReLU.
        """
        if trainable == "all":
            return [self.backbone]
        if trainable == "head":
            return []
        part = self.backbone.get_submodule
        return [part(name) for name in ("blocks.5.0.bn3", "blocks.5.1", "blocks.5.2", "blocks.6", "conv_head", "bn2")]

    def dense_layers(self) -> list[nn.Module]:
        """The two dense layers."""
        return [self.hidden, self.output]
