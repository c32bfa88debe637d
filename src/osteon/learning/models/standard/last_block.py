"""The last block of a transformer, computed for the tokens that are read, with the gradient by its attention written out.

    u = x_r + s_1 W_o [a_hr v_h + ...] + b_o,    z = u + s_2 MLP(norm_2 u),    y = norm z

with the tokens x that enter the block, those x_r of them that are read, and the attention a_hrj of head h from token r to j.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import cast

import torch
from timm.layers.attention import Attention
from timm.layers.layer_scale import LayerScale
from timm.layers.mlp import Mlp
from timm.models.vision_transformer import Block
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class LastBlock:
    """Parts of timm's last block and the norm behind it.

    Attributes:
        block: of timm's.
        norm: behind the block.
        reads_all: whether all tokens are read, or the first alone; others are not computed.
    """

    block: Block
    norm: nn.LayerNorm
    reads_all: bool

    def attention(self, tokens: Tensor) -> Tensor:
        """Attention (N, heads, R, T) from the R tokens that are read to all T, of tokens (N, T, K)."""
        normed = self._norm_1(tokens)
        query, key = self._projected(self._read(normed), 0), self._projected(normed, 1)
        return torch.softmax(query @ key.transpose(2, 3) / sqrt(key.shape[3]), 3)

    def answer(self, tokens: Tensor, attention: Tensor) -> Tensor:
        """The tokens (N, R, K) that are read, behind the block and its norm."""
        return self.norm(self._behind_mlp(self._behind_attention(tokens, attention)))

    def attention_gradient(self, tokens: Tensor, attention: Tensor, by_answer: Tensor) -> Tensor:
        """Gradient of each logit by the attention, without dropout: (N, labels, heads, R, T).

        Args:
            tokens: (N, T, K).
            attention: (N, heads, R, T).
            by_answer: gradient of each logit by the answer, (labels, R, K), the same for all images.
        """
        near = self._behind_attention(tokens, attention).unsqueeze(1)
        by_deep = _through_norm(self.norm, self._behind_mlp(near), by_answer.unsqueeze(0))
        by_mlp = _through_mlp(self._mlp, self._norm_2(near), by_deep * _factor(self.block.ls2))
        by_near = by_deep + _through_norm(self._norm_2, near, by_mlp)
        by_attended = (by_near * _factor(self.block.ls1)) @ self._projection.weight
        by_heads = by_attended.unflatten(3, (self._attend.num_heads, -1))
        return torch.einsum("nlrhd,nhjd->nlhrj", by_heads, self._value(tokens))

    @property
    def _attend(self) -> Attention:
        return cast("Attention", self.block.attn)

    @property
    def _projection(self) -> nn.Linear:
        return self._attend.proj

    @property
    def _norm_1(self) -> nn.LayerNorm:
        return cast("nn.LayerNorm", self.block.norm1)

    @property
    def _norm_2(self) -> nn.LayerNorm:
        return cast("nn.LayerNorm", self.block.norm2)

    @property
    def _mlp(self) -> Mlp:
        return cast("Mlp", self.block.mlp)

    def _read(self, tokens: Tensor) -> Tensor:
        return tokens if self.reads_all else tokens[:, :1]

    def _value(self, tokens: Tensor) -> Tensor:
        return self._projected(self._norm_1(tokens), 2)

    def _projected(self, normed: Tensor, part: int) -> Tensor:
        """Queries (part 0), keys (1) or values (2) of normed tokens (N, T, K), by heads (N, heads, T, d)."""
        layer = self._attend.qkv
        weight, bias = layer.weight.chunk(3)[part], layer.bias.chunk(3)[part]
        return functional.linear(normed, weight, bias).unflatten(2, (self._attend.num_heads, -1)).transpose(1, 2)

    def _behind_attention(self, tokens: Tensor, attention: Tensor) -> Tensor:
        attended = attention @ self._value(tokens)
        return self._read(tokens) + self.block.ls1(self._projection(attended.transpose(1, 2).flatten(2)))

    def _behind_mlp(self, tokens: Tensor) -> Tensor:
        return tokens + self.block.ls2(self._mlp(self._norm_2(tokens)))


def _through_norm(norm: nn.LayerNorm, tokens: Tensor, gradient: Tensor) -> Tensor:
    """Through a layer norm (Ba et al. 2016): the gradient less its mean and less its part along the normed tokens."""
    centred = tokens - tokens.mean(-1, keepdim=True)
    spread = (centred.square().mean(-1, keepdim=True) + norm.eps).sqrt()
    normed = centred / spread
    scaled = gradient * norm.weight
    along = (scaled * normed).mean(-1, keepdim=True)
    return (scaled - scaled.mean(-1, keepdim=True) - normed * along) / spread


def _through_mlp(mlp: Mlp, tokens: Tensor, gradient: Tensor) -> Tensor:
    """Through a hidden layer with GELU (Hendrycks & Gimpel 2016), which rises by P(x) + x p(x), P and p of the normal."""
    first, second = cast("nn.Linear", mlp.fc1), cast("nn.Linear", mlp.fc2)
    hidden = first(tokens)
    share = (1.0 + torch.erf(hidden / sqrt(2.0))) / 2.0
    slope = share + hidden * torch.exp(-hidden.square() / 2.0) / sqrt(2.0 * pi)
    return ((gradient @ second.weight) * slope) @ first.weight


def _factor(layer: nn.Module) -> Tensor | float:
    """Factor of each channel behind attention or perceptron (layer scale of Touvron et al. 2021); DINOv2 has one."""
    return layer.gamma if isinstance(layer, LayerScale) else 1.0
