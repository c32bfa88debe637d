"""The graph that is exported: logits and the Grad-CAM map of every label in one forward pass."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from osteon.learning.models import Network


class Explained(nn.Module):
    """A network with the gradient through its head written out as part of the graph.

    Grad-CAM (Selvaraju et al. 2017): ``map = ReLU(sum_k weight_k A_k)``, ``weight_k`` the gradient of the logit by channel
    ``A_k`` of the explained layer, averaged over places. The head's gradient has a closed form, so no backward pass is needed.
    """

    def __init__(self, network: Network, novelty: Novelty | None = None) -> None:
        super().__init__()
        self.network = network
        self.novelty = novelty

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Images (N, C, H, W) to logits (N, L), maps (N, L, h, w) and, where it is known, novelty (N,)."""
        features = self.network.features(image)
        logits = self.network.head(features).logits
        weights = self.network.head_gradient(features)
        maps = torch.relu(torch.einsum("nlk,nkhw->nlhw", weights, self.network.explained(features)))
        if self.novelty is None:
            return logits, maps
        return logits, maps, self.novelty(features)


class Novelty(nn.Module):
    """How far an image lies from the training radiographs: the Mahalanobis distance of its mean features.

    After Lee et al. 2018 (*A Simple Unified Framework for Detecting Out-of-Distribution Samples*), with one Gaussian for all
    radiographs and a covariance shrunk towards its diagonal. 1 is the mean over the training images.
    """

    mean: Tensor
    whitening: Tensor

    def __init__(self, mean: Tensor, whitening: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("whitening", whitening)

    @classmethod
    def fit(cls, pooled: Tensor, shrinkage: float = 0.1) -> Novelty:
        """Fit to the mean features (N, K) of the training images."""
        mean = pooled.mean(0)
        centred = (pooled - mean).double()
        covariance = centred.T @ centred / max(1, len(pooled) - 1)
        diagonal = torch.diag(covariance.diagonal().clamp_min(1e-8))
        covariance = (1 - shrinkage) * covariance + shrinkage * diagonal
        values, vectors = torch.linalg.eigh(covariance)
        whitening = (vectors / values.clamp_min(1e-8).sqrt()).float()
        squared = ((pooled - mean) @ whitening).square().sum(1).mean()
        return cls(mean, whitening / squared.sqrt())

    def forward(self, features: Tensor) -> Tensor:
        """Distances (N,) of features (N, K, h, w)."""
        return ((features.mean((2, 3)) - self.mean) @ self.whitening).square().sum(1)
