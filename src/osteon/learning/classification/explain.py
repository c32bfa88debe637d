"""The network as it is exported: logits, maps and novelty in one forward pass."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from osteon.learning.models import Network


class Explained(nn.Module):
    """A network with the outputs of a bundle's graph.

    Args:
        network: trained.
        novelty: fitted to its features, where the bundle refuses images unlike the training images.
        mirrored: average the outputs for the image and its mirror image; novelty is that of the image.
    """

    def __init__(self, network: Network, novelty: Novelty | None = None, *, mirrored: bool = False) -> None:
        super().__init__()
        self.network = network
        self.novelty = novelty
        self.mirrored = mirrored

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Images to logits (N, L), maps (N, L, h, w) or (N, L, V, h, w) and, where it is known, novelty (N,)."""
        if not self.mirrored:
            said = self.network.explain(image)
            logits, maps, pooled = said.logits, said.maps, said.pooled
        else:
            # One batch of both: the threads of the CPU are used better than in two passes.
            said, count = self.network.explain(torch.cat([image, image.flip(-1)])), image.shape[0]
            logits = (said.logits[:count] + said.logits[count:]) / 2
            maps = (said.maps[:count] + said.maps[count:].flip(-1)) / 2
            pooled = said.pooled[:count]
        return (logits, maps) if self.novelty is None else (logits, maps, self.novelty(pooled))


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

    def forward(self, pooled: Tensor) -> Tensor:
        """Distances (N,) of mean features (N, K)."""
        return ((pooled - self.mean) @ self.whitening).square().sum(1)
