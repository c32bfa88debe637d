"""Attention between the places of two views, with its gradient written out, so that exported graphs need no backward pass.

    m = mean_i sum_j softmax_j(q_i . k_j / sqrt d) v_j

What the places i and j are is a matter of reading (``attends_to`` of the recipe's record): of a view and of the other; of
both views in one sequence; or of one sequence whose places have the channels of both views.
"""

from __future__ import annotations

from math import sqrt
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

Reading = Literal["other view", "both views", "joined channels"]


class _Tokens(NamedTuple):
    """Queries, keys and values of each sequence, each (N, S, places, d)."""

    query: Tensor
    key: Tensor
    value: Tensor


class ViewAttention(nn.Module):
    """Queries, keys and values of two views, and the mean of what their places attend to.

    Args:
        width: channels of a view's features.
        depth: of queries, keys and values.
        reading: what they are made of.
        pooling: side of the pooled maps; None does not pool.
    """

    def __init__(self, width: int, depth: int, reading: Reading, pooling: int | None) -> None:
        super().__init__()
        self.reading = reading
        self.pooling = pooling
        inputs = 2 * width if reading == "joined channels" else width
        self.query = nn.Linear(inputs, depth)
        self.key = nn.Linear(inputs, depth)
        self.value = nn.Linear(inputs, depth)

    @property
    def outputs(self) -> int:
        """How many means it gives, each as wide as a value."""
        return 1 if self.reading == "joined channels" else 2

    def forward(self, features: Tensor) -> Tensor:
        """Means (N, outputs, d) of features (N, 2, K, h, w)."""
        tokens = self._tokens(features)
        attended = torch.softmax(self._scores(tokens), 3) @ self._others(tokens.value)
        if self.reading == "both views":
            attended = attended.squeeze(1).unflatten(1, (2, -1))
        return attended.mean(2)

    def gradient(self, features: Tensor, by_mean: Tensor) -> Tensor:
        """Gradient of each logit by the features, averaged over places: (N, labels, 2, K).

        Args:
            features: (N, 2, K, h, w).
            by_mean: gradient of each logit by the means: (N, labels, outputs, d).
        """
        tokens = self._tokens(features)
        places = tokens.query.shape[2]
        by_attended = by_mean.unsqueeze(3).expand(-1, -1, -1, places // (by_mean.shape[2] // tokens.query.shape[1]), -1)
        if self.reading == "both views":
            by_attended = by_attended.flatten(2, 3).unsqueeze(2)
        by_attended = by_attended * (self.outputs / (tokens.query.shape[1] * places))
        share = torch.softmax(self._scores(tokens), 3)
        # Of the softmax: P (r - sum_j P r), r_j the gain of attending to place j.
        gain = torch.einsum("nlsid,nsjd->nlsij", by_attended, self._others(tokens.value))
        mean = torch.einsum("nsij,nlsij->nlsi", share, gain)
        by_score = share.unsqueeze(1) * (gain - mean.unsqueeze(4)) / sqrt(tokens.key.shape[3])
        by_query = torch.einsum("nlsij,nsjd->nlsd", by_score, self._others(tokens.key))
        by_key = torch.einsum("nlsij,nsid->nlsjd", by_score, tokens.query)
        by_value = torch.einsum("nsij,nlsid->nlsjd", share, by_attended)
        if self.reading == "both views":
            by_query = torch.einsum("nlsij,nsjd->nlsid", by_score, tokens.key).squeeze(2)
            by_query = by_query.unflatten(2, (2, -1)).sum(3)
            by_key, by_value = (part.squeeze(2).unflatten(2, (2, -1)).sum(3) for part in (by_key, by_value))
        else:
            by_key, by_value = by_key.sum(3), by_value.sum(3)
        if self.reading == "other view":  # keys and values belong to the view that is attended to
            by_key, by_value = by_key.flip(2), by_value.flip(2)
        found = by_query @ self.query.weight + by_key @ self.key.weight + by_value @ self.value.weight
        if self.reading == "joined channels":
            found = found.squeeze(2).unflatten(2, (2, -1))
        # Pooling hands the gradient of a mean to the places under it, whose sum is the same.
        return found / (features.shape[3] * features.shape[4])

    def _tokens(self, features: Tensor) -> _Tokens:
        if self.pooling is not None:
            flat = functional.adaptive_avg_pool2d(features.flatten(0, 1), self.pooling)
            features = flat.unflatten(0, (-1, 2))
        places = features.flatten(3).transpose(2, 3)
        if self.reading == "both views":
            places = places.flatten(1, 2).unsqueeze(1)
        elif self.reading == "joined channels":
            places = places.transpose(1, 2).flatten(2).unsqueeze(1)
        return _Tokens(self.query(places), self.key(places), self.value(places))

    def _others(self, part: Tensor) -> Tensor:
        """Keys or values that each sequence attends to."""
        return part.flip(1) if self.reading == "other view" else part

    def _scores(self, tokens: _Tokens) -> Tensor:
        """Scores of each place for each that it attends to: (N, S, places, places)."""
        return tokens.query @ self._others(tokens.key).transpose(2, 3) / sqrt(tokens.key.shape[3])
