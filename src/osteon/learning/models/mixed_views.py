"""A published network that is shown both views of a study as one picture: readings of PediURF's baselines, which "mix" the views.

``channels``: frontal view, lateral view and their mean are the three channels. ``mean``: the mean of both pictures, pixel by
pixel. ``side by side``: the frontal view in the left half of the picture and the lateral in the right, each at half its width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from osteon.core.errors import RecipeError
from osteon.learning.models.network import Explanation, Network, Outputs
from osteon.learning.models.standard import standard
from osteon.learning.models.trained import Trainable
from osteon.learning.recipe import MixedViews, Standard

COLOURS = 3
"""Channels that the views take the places of."""


class MixedViewsClassifier(Network):
    """The network on the mixed picture."""

    def __init__(self, architecture: MixedViews, labels: int, channels: int, *, empty: bool = False) -> None:
        """Build the network.

        Raises:
            RecipeError: the views are to be channels, and there are not three of them.
        """
        super().__init__()
        if architecture.mix == "channels" and channels != COLOURS:
            raise RecipeError(
                "the views cannot be channels of this input",
                expected=f"preprocessing.channels={COLOURS}",
                got=str(channels),
            )
        self.network = standard(Standard(architecture.model, architecture.dropout), labels, channels, empty=empty)
        self.map_method = self.network.map_method
        self.weights_source, self.pretrained = self.network.weights_source, self.network.pretrained
        self._mix = architecture.mix

    @property
    def backbone(self) -> nn.Module:  # pyright: ignore[reportIncompatibleVariableOverride] - that of the network
        """That of the network."""
        return self.network.backbone

    def mixed(self, image: Tensor) -> Tensor:
        """One picture (N, C, H, W) of both views (N, 2, C, H, W)."""
        if self._mix == "mean":
            return image.mean(1)
        if self._mix == "side by side":
            return functional.avg_pool2d(torch.cat([image[:, 0], image[:, 1]], 3), (1, 2))
        # Images are grey, so that all channels of a view are the same.
        views = image[:, :, 0]
        return torch.cat([views, views.mean(1, keepdim=True)], 1)

    def features(self, image: Tensor) -> Tensor:
        """Last features of the mixed picture."""
        return self.network.features(self.mixed(image))

    def pooled(self, features: Tensor) -> Tensor:
        """Mean (N, K) of the last features."""
        return self.network.pooled(features)

    def forward(self, image: Tensor) -> Outputs:
        """Logits of both views (N, 2, C, H, W)."""
        return self.network(self.mixed(image))

    def explain(self, image: Tensor) -> Explanation:
        """Logits, the map of each label in each view (N, labels, 2, h, w), and the pooled features.

        Where the views lie on each other they share one map; side by side each has its half of it.
        """
        said = self.network.explain(self.mixed(image))
        if self._mix == "side by side":
            doubled = said.maps.unsqueeze(-1).expand(-1, -1, -1, -1, 2).flatten(3)  # halves of an odd width, too
            maps = torch.stack(doubled.chunk(2, dim=3), 2)
        else:
            maps = said.maps.unsqueeze(2).expand(-1, -1, 2, -1, -1)
        return Explanation(said.logits, maps, said.pooled)

    def learning_parts(self, trainable: Trainable) -> list[nn.Module]:
        """Those of the network."""
        return self.network.learning_parts(trainable)

    def freeze(self, trainable: Trainable) -> None:
        """Let only the named layers of the network's backbone learn, and its head."""
        self.network.pretrained = self.pretrained  # weights may have been put into the backbone since
        self.network.freeze(trainable)

    def head_parameters(self) -> list[nn.Parameter]:
        """Parameters of the network's new layers."""
        return self.network.head_parameters()

    def dense_layers(self) -> list[nn.Module]:
        """The network's output layers."""
        return self.network.dense_layers()
