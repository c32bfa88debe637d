"""Features of a published network at several strides, and the pyramid that carries what the deep ones know to the fine ones."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional


def separable(inputs: int, outputs: int, kernel: int = 3) -> nn.Sequential:
    """A depthwise separable convolution without its last norm and activation."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, kernel, padding=kernel // 2, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.ReLU6(),
        nn.Conv2d(inputs, outputs, 1, bias=False),
    )


class Pyramid(nn.Module):
    """A light feature pyramid (Lin et al. 2017): 1 x 1 convolutions, sums from coarse to fine, a separable convolution.

    Args:
        channels: of the features, from fine to coarse; each has half the side of the one before.
        width: channels of all levels.
    """

    def __init__(self, channels: Sequence[int], width: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(
            nn.Sequential(nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)) for inputs in channels
        )
        self.smooth = nn.ModuleList(
            nn.Sequential(nn.ReLU6(), separable(width, width, 5), nn.BatchNorm2d(width), nn.ReLU6()) for _ in channels
        )

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Levels (N, width, h, w), from fine to coarse, of features from fine to coarse."""
        sums = [lateral(level) for lateral, level in zip(self.lateral, features, strict=True)]
        for level in range(len(sums) - 2, -1, -1):
            sums[level] = sums[level] + functional.interpolate(sums[level + 1], scale_factor=2.0, mode="nearest")
        return [smooth(level) for smooth, level in zip(self.smooth, sums, strict=True)]
