"""URFNet (Tang et al. 2025): one ResNet for the front and the side view of a forearm, and cross-attention between the views.

The paper says: identical streams, adaptive pooling, queries, keys and values projected from the combined features, scaled
dot-product attention by which each view attends to the other, fully connected layers. What it leaves open is chosen here so
that parameters and multiply-adds come out as it states them (21.45 M, 7.36 G): both streams share their weights, the places
of the 7 x 7 maps are the tokens, and what a view attends to in the other is concatenated with its own mean features.

    z = [mean A_1, mean A_2, m_1, m_2],   m_v = mean_i sum_j softmax_j(q_vi . k_wj / sqrt d) v_wj,   w the other view
    logits = W_2 relu(W_1 z + b_1) + b_2

Fusion by concatenation (the paper's Table 3) leaves m_1 and m_2 out. The map of each view is Grad-CAM at the backbone's last
features; the gradient of the attention is written out below, so that the exported graph needs no backward pass.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from osteon.learning.models.backbones.backbone import load_backbone
from osteon.learning.models.gradcam import GradCam
from osteon.learning.models.network import Outputs
from osteon.learning.recipe import PairedResNet


class _Tokens(NamedTuple):
    """Queries, keys and values of every place of both views, each (N, 2, h w, d)."""

    query: Tensor
    key: Tensor
    value: Tensor


class URFNet(GradCam):
    """Shared backbone, cross-attention between the two views, two fully connected layers."""

    map_method = "Grad-CAM at the last features of each view (Selvaraju et al. 2017)"

    def __init__(self, architecture: PairedResNet, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        self.backbone, self.weights_source, self.pretrained = load_backbone(architecture.model, channels, empty=empty)
        width = cast("int", self.backbone.num_features)
        self.attends = architecture.fusion == "cross-attention"
        depth = architecture.attention if self.attends else 0
        if self.attends:
            self.query = nn.Linear(width, depth)
            self.key = nn.Linear(width, depth)
            self.value = nn.Linear(width, depth)
        self.dropout_first = nn.Dropout(architecture.dropout)
        self.hidden = nn.Linear(2 * (width + depth), architecture.hidden)
        self.dropout_second = nn.Dropout(architecture.dropout)
        self.output = nn.Linear(architecture.hidden, labels)

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
        if not self.attends:
            return by_mean
        by_attended = by_joint[:, :, 2 * width :].unflatten(2, (2, -1)) / count
        return by_mean + self._attention_gradient(features, by_attended) / count

    def dense_layers(self) -> list[nn.Module]:
        """The two fully connected layers."""
        return [self.hidden, self.output]

    def _hidden(self, features: Tensor) -> Tensor:
        """The hidden layer (N, hidden) before its ReLU."""
        parts = [features.mean((3, 4))]
        if self.attends:
            tokens = self._tokens(features)
            attended = torch.softmax(self._scores(tokens), 3) @ tokens.value.flip(1)
            parts.append(attended.mean(2))
        return self.hidden(self.dropout_first(torch.cat([part.flatten(1) for part in parts], 1)))

    def _tokens(self, features: Tensor) -> _Tokens:
        places = features.flatten(3).transpose(2, 3)
        return _Tokens(self.query(places), self.key(places), self.value(places))

    def _scores(self, tokens: _Tokens) -> Tensor:
        """Scores of each place of a view for each place of the other: (N, 2, h w, h w)."""
        return tokens.query @ tokens.key.flip(1).transpose(2, 3) / sqrt(tokens.key.shape[3])

    def _attention_gradient(self, features: Tensor, by_attended: Tensor) -> Tensor:
        """Gradient through the attention, summed over places: (N, labels, 2, K).

        Args:
            features: (N, 2, K, h, w).
            by_attended: gradient of each logit by the attended values of each place, the same for all places of a view:
                (N, labels, 2, d).
        """
        tokens = self._tokens(features)
        scale = 1 / sqrt(tokens.key.shape[3])
        share = torch.softmax(self._scores(tokens), 3)
        # Of the softmax: P (r - sum_j P r), r_j the gain of attending to place j of the other view.
        gain = torch.einsum("nlvd,nvjd->nlvj", by_attended, tokens.value.flip(1))
        mean = torch.einsum("nvij,nlvj->nlvi", share, gain)
        by_score = share.unsqueeze(1) * (gain.unsqueeze(3) - mean.unsqueeze(4)) * scale
        by_query = torch.einsum("nlvij,nvjd->nlvd", by_score, tokens.key.flip(1))
        # Keys and values belong to the view that is attended to.
        by_key = torch.einsum("nlvij,nvid->nlvd", by_score, tokens.query).flip(2)
        by_value = (share.sum((2, 3)).unsqueeze(1).unsqueeze(3) * by_attended).flip(2)
        return by_query @ self.query.weight + by_key @ self.key.weight + by_value @ self.value.weight
