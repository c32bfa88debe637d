"""A small perceptron on the embedding of a self-supervised network, as fractuvision builds it (section 4.1.1).

    z = P mean_x A(x) + c,    h_0 = z,    h_i = BatchNorm(relu(W_i h_{i-1} + b_i)),    logits = W h_n + b

``P`` is the 1 x 1 convolution by which Lightly's encoder ends in its embedding. The map is Grad-CAM at the embedding of
each place, P A(x) + c.
"""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn

from osteon.learning.models.backbones.backbone import load_backbone
from osteon.learning.models.gradcam import GradCam
from osteon.learning.models.method import Method
from osteon.learning.models.network import Outputs
from osteon.learning.recipe import EmbeddedMlp


class Embedder(nn.Module):
    """A backbone that ends in an embedding of each place; the mean over places is the image's. Pre-training learns it."""

    def __init__(self, body: nn.Module, embedding: int) -> None:
        super().__init__()
        self.body = body
        self.projection = nn.Conv2d(cast("int", body.num_features), embedding, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Embeddings (N, embedding, h, w) of images (N, C, H, W)."""
        return self.projection(self.body.forward_features(image))  # pyright: ignore[reportCallIssue]


class Block(nn.Module):
    """Linear layer, ReLU, batch norm, dropout."""

    def __init__(self, inputs: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.norm = nn.BatchNorm1d(outputs)
        self.dropout = nn.Dropout(dropout)

    def forward(self, values: Tensor) -> Tensor:
        """Values (N, inputs) to (N, outputs)."""
        return self.dropout(self.norm(torch.relu(self.linear(values))))

    def slope(self, values: Tensor) -> Tensor:
        """Slope (N, outputs) of batch norm, with its running statistics, and ReLU behind the linear layer."""
        norm = self.norm
        rise = norm.weight / (cast("Tensor", norm.running_var) + norm.eps).sqrt()
        return rise * (self.linear(values) > 0).to(values.dtype)


class EmbeddedClassifier(GradCam):
    """Embedding, its mean, blocks, logits."""

    map_method = Method("Grad-CAM at the embedding of each place", "Selvaraju et al. 2017")

    def __init__(self, architecture: EmbeddedMlp, labels: int, channels: int) -> None:
        super().__init__()
        # The embedding comes from a pre-training as a whole, by ``build(start=...)``: a trained body under an untrained
        # projection would be frozen with it.
        body = load_backbone(architecture.model, channels, empty=True).module
        self.backbone = Embedder(body, architecture.embedding)
        self.weights_source, self.pretrained = "random: no pre-training was given", False
        widths = [architecture.embedding, *[architecture.hidden] * architecture.blocks]
        self.blocks = nn.ModuleList(
            Block(inputs, outputs, architecture.dropout) for inputs, outputs in pairwise(widths)
        )
        self.output = nn.Linear(widths[-1], labels)

    def features(self, image: Tensor) -> Tensor:
        """Embedding (N, embedding, h, w) of each place."""
        return self.backbone(image)

    def head(self, features: Tensor) -> Outputs:
        """Logits from the mean embedding; no local logits."""
        values = features.mean((2, 3))
        for block in self.blocks:
            values = block(values)
        return Outputs(self.output(values), None)

    def head_gradient(self, features: Tensor) -> Tensor:
        """The chain rule back through the blocks and the mean."""
        values = features.mean((2, 3))
        slopes: list[tuple[Block, Tensor]] = []
        for part in self.blocks:
            block = cast("Block", part)
            slopes.append((block, block.slope(values)))
            values = block(values)
        gradient = self.output.weight.unsqueeze(0)
        for block, slope in reversed(slopes):
            gradient = (gradient * slope.unsqueeze(1)) @ block.linear.weight
        # Without blocks it would be the same for all images.
        return gradient.expand(features.shape[0], -1, -1) / (features.shape[2] * features.shape[3])

    def dense_layers(self) -> list[nn.Module]:
        """The linear layers of the blocks and the output layer."""
        return [*(cast("Block", block).linear for block in self.blocks), self.output]
