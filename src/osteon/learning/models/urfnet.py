"""URFNet (Tang et al. 2025): one ResNet for the front and the side view of a forearm, and cross-attention between the views.

The paper says: identical streams, adaptive pooling, queries, keys and values projected from the combined features, scaled
dot-product attention by which each view attends to the other, fully connected layers. What it leaves open is chosen here so
that parameters and multiply-adds come out as it states them (21.45 M, 7.36 G): both streams share their weights, the places
of the 7 x 7 maps are the tokens, and what a view attends to in the other is concatenated with its own mean features.

    z = [mean A_1, mean A_2, m_1, m_2],   m_v = mean_i sum_j softmax_j(q_vi . k_wj / sqrt d) v_wj,   w the other view
    logits = W_2 relu(W_1 z + b_1) + b_2

Other readings of "combined" and of the pooling are in ``attention.py``; with joined channels there is one m in place of two.
Fusion by concatenation (the paper's Table 3) leaves m_1 and m_2 out. The map of each view is Grad-CAM at the backbone's last
features; the gradient is written out, so that the exported graph needs no backward pass.
"""

from __future__ import annotations

from typing import Any, Final, cast

import torch
from torch import Tensor, nn

from osteon.learning.models.attention import ViewAttention
from osteon.learning.models.backbones.backbone import load_backbone
from osteon.learning.models.gradcam import GradCam
from osteon.learning.models.method import Method
from osteon.learning.models.network import Outputs
from osteon.learning.recipe import PairedResNet

PROJECTIONS: Final = ("query", "key", "value")
"""Layers that stood beside the attention in weights of older versions."""


class URFNet(GradCam):
    """Shared backbone, cross-attention between the two views, two fully connected layers."""

    map_method = Method("Grad-CAM at the last features of each view", "Selvaraju et al. 2017")

    def __init__(self, architecture: PairedResNet, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        self.backbone, self.weights_source, self.pretrained = load_backbone(architecture.model, channels, empty=empty)
        width = cast("int", self.backbone.num_features)
        self.attention: ViewAttention | None = None
        attended = 0
        if architecture.fusion == "cross-attention":
            depth = architecture.attention
            self.attention = ViewAttention(width, depth, architecture.attends_to, architecture.pooling)
            attended = self.attention.outputs * depth
        self.dropout_first = nn.Dropout(architecture.dropout)
        self.hidden = nn.Linear(2 * width + attended, architecture.hidden)
        self.dropout_second = nn.Dropout(architecture.dropout)
        self.output = nn.Linear(architecture.hidden, labels)
        self.register_load_state_dict_pre_hook(_projections_of_older_versions)

    def features(self, image: Tensor) -> Tensor:
        """Last features (N, 2, K, H / 32, W / 32) of both views (N, 2, C, H, W)."""
        flat = self.backbone.forward_features(image.flatten(0, 1))  # pyright: ignore[reportCallIssue]
        return flat.unflatten(0, (-1, 2))

    def head(self, features: Tensor) -> Outputs:
        """Logits of each case; no local logits."""
        return Outputs(self.output(self.dropout_second(torch.relu(self._hidden(features)))), None)

    def head_gradient(self, features: Tensor) -> Tensor:
        """The chain rule through both layers, both means and the attention, without dropout: (N, labels, 2, K)."""
        count = features.shape[3] * features.shape[4]
        active = (self._hidden(features) > 0).to(features.dtype)
        by_joint = (self.output.weight.unsqueeze(0) * active.unsqueeze(1)) @ self.hidden.weight
        width = features.shape[2]
        by_mean = by_joint[:, :, : 2 * width].unflatten(2, (2, width)) / count
        if self.attention is None:
            return by_mean
        by_attended = by_joint[:, :, 2 * width :].unflatten(2, (self.attention.outputs, -1))
        return by_mean + self.attention.gradient(features, by_attended)

    def dense_layers(self) -> list[nn.Module]:
        """The two fully connected layers."""
        return [self.hidden, self.output]

    def _hidden(self, features: Tensor) -> Tensor:
        """The hidden layer (N, hidden) before its ReLU."""
        parts = [features.mean((3, 4))]
        if self.attention is not None:
            parts.append(self.attention(features))
        return self.hidden(self.dropout_first(torch.cat([part.flatten(1) for part in parts], 1)))


def _projections_of_older_versions(_module: nn.Module, state: dict[str, Any], prefix: str, *_others: object) -> None:
    """A hook of ``Module.load_state_dict``: the projections belong to the attention."""
    for layer in PROJECTIONS:
        for name in [name for name in state if name.startswith(f"{prefix}{layer}.")]:
            state[f"{prefix}attention.{name.removeprefix(prefix)}"] = state.pop(name)
