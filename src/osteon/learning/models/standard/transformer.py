"""Vision transformers: ViT (Dosovitskiy et al. 2021), DeiT (Touvron et al. 2021), DINOv2 (Oquab et al. 2024).

ViT and DeiT read the class token; only that one is computed in the last block, which saves most of it. The head of DINOv2
reads the class token and the mean of the others, side by side, as its image classifier does.

The map is attention weighted by its gradient (Chefer et al. 2021, equation 5), at the last block: how much attending to a place
raises the logit. With the attention a_hrj of head h, from the token r that is read to the place j:

    map_j = mean_h sum_r ReLU(a_hrj dlogit/da_hrj)

It differs from label to label, which attention rollout does not. The gradient is written out in ``last_block.py``.
"""

from __future__ import annotations

from typing import Final, cast

import torch
from timm.models.vision_transformer import Block
from timm.models.vision_transformer import VisionTransformer as Backbone
from torch import Tensor, nn
from torch.nn import functional

from osteon.core.errors import RecipeError
from osteon.learning.models.backbones.backbone import load_backbone
from osteon.learning.models.method import Method
from osteon.learning.models.network import Explanation, Network, Outputs
from osteon.learning.models.standard.last_block import LastBlock
from osteon.learning.recipe import Standard

_READ_ALL: Final = ("vit_small_patch14_dinov2", "vit_large_patch14_dinov2")
"""Networks whose head reads the mean of all places beside the class token."""


class VisionTransformer(Network):
    """Backbone, tokens that are read, dropout, logits."""

    map_method = Method("attention of the last block, weighted by its gradient", "Chefer et al. 2021")

    def __init__(self, architecture: Standard, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        self.backbone, self.weights_source, self.pretrained = load_backbone(architecture.model, channels, empty=empty)
        self._reads_all = architecture.model in _READ_ALL
        self.dropout = nn.Dropout(architecture.dropout)
        self.output = nn.Linear(self._tokens.num_features * (2 if self._reads_all else 1), labels)

    def features(self, image: Tensor) -> Tensor:
        """Tokens (N, 1 + h w, K) that enter the last block, the class token first.

        Raises:
            RecipeError: a side of the images is no multiple of the patch.
        """
        grid = self._grid(image)
        patches = cast("nn.Conv2d", self._tokens.patch_embed.proj)(image).flatten(2).transpose(1, 2)
        first = cast("Tensor", self._tokens.cls_token).expand(image.shape[0], -1, -1)
        return self._tokens.blocks[:-1](torch.cat([first, patches], 1) + self._positions(grid))

    def head(self, features: Tensor) -> Outputs:
        """Logits from the tokens; no local logits."""
        return Outputs(self.answer(features, self.last_block.attention(features)), None)

    def answer(self, features: Tensor, attention: Tensor) -> Tensor:
        """Logits (N, labels) from the tokens that enter the last block and its attention (N, heads, R, 1 + h w)."""
        read = self.last_block.answer(features, attention)
        joint = torch.cat([read[:, 0], read[:, 1:].mean(1)], 1) if self._reads_all else read[:, 0]
        return self.output(self.dropout(joint))

    def attention_gradient(self, features: Tensor, attention: Tensor) -> Tensor:
        """Gradient of each logit by the attention, without dropout: (N, labels, heads, R, 1 + h w)."""
        by_answer = self.output.weight.unsqueeze(1)
        if self._reads_all:
            places = features.shape[1] - 1
            by_first, by_mean = by_answer.chunk(2, 2)
            by_answer = torch.cat([by_first, by_mean.expand(-1, places, -1) / places], 1)
        return self.last_block.attention_gradient(features, attention, by_answer)

    def explain(self, image: Tensor) -> Explanation:
        """Logits, the map (N, labels, h, w) of each label, and the mean tokens (N, K)."""
        tokens = self.features(image)
        attention = self.last_block.attention(tokens)
        gain = torch.relu(attention.unsqueeze(1) * self.attention_gradient(tokens, attention))
        maps = gain.sum(3).mean(2)[:, :, 1:].unflatten(2, self._grid(image))
        return Explanation(self.answer(tokens, attention), maps, self.pooled(tokens))

    def pooled(self, features: Tensor) -> Tensor:
        """Mean (N, K) of the tokens."""
        return features.mean(1)

    def dense_layers(self) -> list[nn.Module]:
        """The output layer."""
        return [self.output]

    def forward(self, image: Tensor) -> Outputs:
        """Logits of images (N, C, H, W)."""
        return self.head(self.features(image))

    @property
    def last_block(self) -> LastBlock:
        """The block whose attention is explained."""
        return LastBlock(
            cast("Block", self._tokens.blocks[-1]), cast("nn.LayerNorm", self._tokens.norm), self._reads_all
        )

    @property
    def _tokens(self) -> Backbone:
        return cast("Backbone", self.backbone)

    def _grid(self, image: Tensor) -> tuple[int, int]:
        rows, columns = cast("tuple[int, int]", self._tokens.patch_embed.patch_size)
        height, width = image.shape[2:]
        if height % rows or width % columns:
            raise RecipeError(
                "this transformer cannot take this input",
                expected=f"sides that are multiples of {rows} and {columns}",
                got=f"{height} x {width}",
            )
        return height // rows, width // columns

    def _positions(self, grid: tuple[int, int]) -> Tensor:
        """Position embeddings (1, 1 + h w, K), resampled where the input has another size than the backbone's own."""
        own = cast("tuple[int, int]", self._tokens.patch_embed.grid_size)
        positions = cast("Tensor", self._tokens.pos_embed)
        if grid == own:
            return positions
        table = positions[:, 1:].transpose(1, 2).unflatten(2, own)
        table = functional.interpolate(table, grid, mode="bicubic").flatten(2).transpose(1, 2)
        return torch.cat([positions[:, :1], table], 1)
