"""Quantisation-aware training (Jacob et al. 2018), so that little is lost when the graph is quantised to INT8.

Weights are fake-quantised per output channel, inputs of convolutions per tensor, with straight-through gradients. The
parameters, and so the files of a run, are the same as without it.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, cast

import torch
from torch import Tensor, nn

FLOAT_CONVOLUTIONS: Final = 3
"""The first convolutions, which stay in single precision in training and in the graph: one of them, the first depthwise
convolution of MobileNetV2, alone makes more than half of the error of a network that is quantised throughout."""

WEIGHT_BITS: Final = 7
"""With 8 bits the products of integers may overflow on CPUs without VNNI, which add pairs of them in 16 bits."""

_LEVELS: Final = 255
_LEAST: Final = 1e-6
_MOMENTUM: Final = 0.05


class _StraightThrough(torch.autograd.Function):
    """Rounding to levels with the gradient of the identity; in place after the first step, which PyTorch's own is not."""

    @staticmethod
    def forward(ctx: object, values: Tensor, step: float, zero: float) -> Tensor:  # noqa: ARG004 - PyTorch's signature
        return (values * (1 / step)).add_(zero).round_().clamp_(0, _LEVELS).sub_(zero).mul_(step)

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> tuple[Tensor, None, None]:  # pyright: ignore[reportIncompatibleMethodOverride] # noqa: ARG004
        return gradient, None, None


class FakeQuantisedConv2d(nn.Conv2d):
    """A convolution whose weights and input are fake-quantised; made of a plain one by :func:`fake_quantised`."""

    low: Tensor
    high: Tensor

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:  # noqa: A002 - PyTorch's name
        if self.training:
            self._observe(input.detach())
        low, high = self.low.item(), self.high.item()
        if high < math.inf:
            step = max(high - low, _LEAST) / _LEVELS
            input = cast("Tensor", _StraightThrough.apply(input, step, float(round(-low / step))))  # noqa: A001
        return super()._conv_forward(input, fake_quantised_weight(weight), bias)

    def _observe(self, values: Tensor) -> None:
        """Update the range of the input; it always holds 0, which zero padding needs exactly."""
        low, high = values.amin().float().clamp_max(0), values.amax().float().clamp_min(0)
        known = bool(torch.isfinite(self.high))
        self.low.copy_(torch.lerp(self.low, low, _MOMENTUM) if known else low)
        self.high.copy_(torch.lerp(self.high, high, _MOMENTUM) if known else high)


def fake_quantised_weight(weight: Tensor) -> Tensor:
    """Weights (outputs, ...) rounded to ``WEIGHT_BITS`` bits, symmetrically, per output channel."""
    most = 2 ** (WEIGHT_BITS - 1) - 1
    scale = weight.detach().abs().flatten(1).amax(1).float().clamp_min(1e-8) / most
    zero = torch.zeros_like(scale, dtype=torch.int32)
    return torch.fake_quantize_per_channel_affine(weight, scale, zero, 0, -most - 1, most)


@contextmanager
def fake_quantised(network: nn.Module) -> Generator[None]:
    """Fake-quantise all convolutions of a network but the first :data:`FLOAT_CONVOLUTIONS`, until the context ends."""
    every = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    changed = [(module, type(module)) for module in every[FLOAT_CONVOLUTIONS:]]
    for module, _ in changed:
        module.__class__ = FakeQuantisedConv2d
        for name in ("low", "high"):
            unknown = torch.full((), torch.inf, device=module.weight.device)
            module.register_buffer(name, unknown, persistent=False)
    try:
        yield
    finally:
        for module, kind in changed:
            module.__class__ = kind
            del cast("FakeQuantisedConv2d", module).low, cast("FakeQuantisedConv2d", module).high
