"""EfficientFormer (Li et al. 2022): convolutions, attention at the end, tokens averaged, two linear outputs averaged.

The second output is the one that its paper distils; behind the published weights both are used alike.
"""

from __future__ import annotations

from math import isqrt
from typing import cast

import torch
from timm.models.efficientformer import Attention
from torch import Tensor, nn

from osteon.core.errors import RecipeError
from osteon.learning.models.backbones.backbone import load_backbone
from osteon.learning.models.gradcam import GradCam
from osteon.learning.models.network import Outputs
from osteon.learning.recipe import Standard


class EfficientFormer(GradCam):
    """Backbone, global average of the normed tokens, dropout, mean of two linear layers."""

    def __init__(self, architecture: Standard, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        self.backbone, self.weights_source, self.pretrained = load_backbone(architecture.model, channels, empty=empty)
        for block in self.backbone.modules():
            if isinstance(mixer := getattr(block, "token_mixer", None), Attention):
                block.token_mixer = GridAttention(mixer)
        width = cast("int", self.backbone.num_features)
        self.dropout = nn.Dropout(architecture.dropout)
        self.output = nn.Linear(width, labels)
        self.output_distilled = nn.Linear(width, labels)

    def features(self, image: Tensor) -> Tensor:
        """Last tokens, laid out as features (N, K, h, w).

        Raises:
            RecipeError: the images are not square.
        """
        if image.shape[2] != image.shape[3]:
            raise RecipeError(
                "EfficientFormer cannot take this input", expected="square images", got=str(tuple(image.shape[2:]))
            )
        tokens = self.backbone.forward_features(image)  # pyright: ignore[reportCallIssue]
        side = isqrt(tokens.shape[1])
        return tokens.transpose(1, 2).unflatten(2, (side, side))

    def head(self, features: Tensor) -> Outputs:
        """Logits from the averaged tokens; no local logits."""
        pooled = self.dropout(features.mean((2, 3)))
        return Outputs((self.output(pooled) + self.output_distilled(pooled)) / 2, None)

    def head_gradient(self, features: Tensor) -> Tensor:
        """The mean of the output weights, shared out over the places."""
        weight = (self.output.weight + self.output_distilled.weight) / 2
        return weight.unsqueeze(0).expand(features.shape[0], -1, -1) / (features.shape[2] * features.shape[3])

    def dense_layers(self) -> list[nn.Module]:
        """The two output layers."""
        return [self.output, self.output_distilled]


class GridAttention(nn.Module):
    """The attention of timm's EfficientFormer for square grids of any size.

    The published one is fixed to 7 x 7 places. A bias for each distance of rows and columns is learnt up to 6; distances
    beyond it share the last. Names of the parameters are those of timm.
    """

    def __init__(self, published: Attention) -> None:
        super().__init__()
        self.qkv = published.qkv
        self.proj = published.proj
        self.attention_biases = published.attention_biases
        self._heads = published.num_heads
        self._widths = [published.key_dim, published.key_dim, published.val_dim]
        self._scale = published.scale
        self._side = isqrt(published.attention_biases.shape[1])

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens (N, T, K) to tokens (N, T, K)."""
        query, key, value = self.qkv(tokens).unflatten(2, (self._heads, -1)).transpose(1, 2).split(self._widths, 3)
        share = torch.softmax(query @ key.transpose(2, 3) * self._scale + self._biases(tokens.shape[1]), 3)
        return self.proj((share @ value).transpose(1, 2).flatten(2))

    def _biases(self, count: int) -> Tensor:
        """Bias (heads, T, T) of each pair of places."""
        side = isqrt(count)
        place = torch.arange(count, device=self.attention_biases.device)
        rows, columns = place // side, place % side
        down = (rows[:, None] - rows).abs().clamp(max=self._side - 1)
        across = (columns[:, None] - columns).abs().clamp(max=self._side - 1)
        return self.attention_biases[:, down * self._side + across]
