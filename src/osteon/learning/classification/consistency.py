"""The same image mirrored, turned or squeezed: a network is to say the same of it.

The squared difference of both probabilities (Sajjadi et al. 2016, *Regularization with stochastic transformations*; Laine and
Aila 2017) is a part of the loss; gradients go through both.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from osteon.learning.models import Network

SQUEEZE: Final = 1.25
"""Largest factor by which a copy is squeezed or stretched, along either axis."""


def consistency_loss(network: Network, image: Tensor, logits: Tensor) -> Tensor:
    """Mean squared difference of probabilities between images and changed copies of them.

    Args:
        network: in training.
        image: (N, C, H, W), black at its lowest value.
        logits: of these images, (N, labels).
    """
    other = network(changed(image)).logits
    difference = torch.sigmoid(logits.float()) - torch.sigmoid(other.float())
    return difference.square().mean()


def changed(image: Tensor) -> Tensor:
    """Copies of images (N, C, H, W), all changed alike and at random: mirrored, turned by a quarter or a half, or squeezed."""
    kind = int(torch.randint(4, ()))
    if kind == 0:
        return image.flip(-1)
    if kind == 1:
        return (
            torch.rot90(image, 1 + 2 * int(torch.randint(2, ())), (-2, -1))
            if image.shape[-1] == image.shape[-2]
            else image.flip(-1)
        )
    if kind == 2:
        return image.flip(-1, -2)
    factor = SQUEEZE ** float(torch.rand(()) * 2 - 1)
    theta = torch.tensor([[1 / factor**0.5, 0.0, 0.0], [0.0, factor**0.5, 0.0]], dtype=image.dtype, device=image.device)
    grid = functional.affine_grid(theta.expand(len(image), 2, 3), list(image.shape), align_corners=False)
    return functional.grid_sample(image, grid.to(image.dtype), padding_mode="border", align_corners=False)
