"""AlexNet (Krizhevsky 2014) and VGG (Simonyan & Zisserman 2014): two dense layers on the flattened 6 x 6 or 7 x 7 features.

    logits = W_3 relu(W_2 relu(W_1 a + b_1) + b_2) + b_3,    a the features, averaged to the grid and flattened

Grad-CAM needs the gradient by ``a`` summed over its places only. The sum goes into W_1 first, which then has K columns in place
of 49 K, and the product starts at the labels, of which there are few.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from osteon.learning.models.backbones.backbone import load_backbone
from osteon.learning.models.gradcam import GradCam
from osteon.learning.models.network import Outputs
from osteon.learning.recipe import Standard


class DenseClassifier(GradCam):
    """Features, fixed grid, two dense layers with ReLU and dropout, logits. The dense layers belong to the backbone."""

    def __init__(self, architecture: Standard, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        self.backbone, self.weights_source, self.pretrained = load_backbone(architecture.model, channels, empty=empty)
        dense = [part for part in self._classifier if isinstance(part, nn.Linear)]
        for part in self._classifier:
            if isinstance(part, nn.Dropout):
                part.p = architecture.dropout
        self._places = [index for index, part in enumerate(self._classifier) if isinstance(part, nn.Linear)]
        self.output = nn.Linear(dense[-1].out_features, labels)

    @property
    def _classifier(self) -> nn.Sequential:
        return cast("nn.Sequential", self.backbone.classifier)

    @property
    def _dense(self) -> tuple[nn.Linear, nn.Linear]:
        first, second = (cast("nn.Linear", self._classifier[place]) for place in self._places)
        return first, second

    def features(self, image: Tensor) -> Tensor:
        """Last features (N, K, h, w), after pooling, before the fixed grid."""
        return cast("nn.Sequential", self.backbone.features)(image)

    def head(self, features: Tensor) -> Outputs:
        """Logits from the flattened features; no local logits."""
        return Outputs(self.output(self._classifier(self._flat(features))), None)

    def head_gradient(self, features: Tensor) -> Tensor:
        """The chain rule through both dense layers; every place of the grid is a mean over features, whose weights sum to 1."""
        first, second = self._dense
        hidden = first(self._flat(features))
        deep = second(torch.relu(hidden))
        summed = first.weight.unflatten(1, (features.shape[1], -1)).sum(2)
        by_deep = self.output.weight.unsqueeze(0) * (deep > 0).to(deep.dtype).unsqueeze(1)
        by_hidden = (by_deep @ second.weight) * (hidden > 0).to(hidden.dtype).unsqueeze(1)
        return by_hidden @ summed / (features.shape[2] * features.shape[3])

    def dense_layers(self) -> list[nn.Module]:
        """The two dense layers and the output layer."""
        return [*self._dense, self.output]

    def _flat(self, features: Tensor) -> Tensor:
        grid = cast("nn.AdaptiveAvgPool2d", self.backbone.avgpool)
        # Left out where it changes nothing, as at the input side of the papers.
        return (features if features.shape[2:] == grid.output_size else grid(features)).flatten(1)
