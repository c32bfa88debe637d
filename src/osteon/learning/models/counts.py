"""Parameters and multiply-adds of an architecture, without computing anything: on PyTorch's meta device."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True, slots=True)
class Counts:
    """How large a network is.

    Attributes:
        parameters: weights and biases that can learn.
        multiply_adds: of one case, to its logits: those of convolutions, linear layers and attention. Papers often write
            them as FLOPs; norms, activations and additions are not counted, by their custom.
    """

    parameters: int
    multiply_adds: int


def counts(network: nn.Module, image: Tensor) -> Counts:
    """Count a network for cases like the one given; on the meta device both cost nothing.

    Args:
        network: on any device.
        image: one case (1, C, H, W), or (1, V, C, H, W) with V images at once, on the same device.
    """
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Counts(parameters, multiply_adds(network, image))


def multiply_adds(network: nn.Module, image: Tensor) -> int:
    """Multiply-adds of one forward pass in evaluation mode."""
    learning = network.training
    network.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(image)
    network.train(learning)
    return counter.get_total_flops() // 2
