"""Features of regions: RoIAlign (He et al. 2017) over the levels of a pyramid."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torchvision.ops import roi_align

from osteon.learning.detection.boxes import areas

GRID: Final = 7
"""Places along each side of a region."""

_CANONICAL = 224.0  # side of a region that is looked at on the level of stride 16 (Lin et al. 2017, equation 1)
_SAMPLES = 2  # along each side of a place


def regions(levels: list[Tensor], strides: tuple[int, ...], boxes: Tensor, image: Tensor) -> Tensor:
    """Features of boxes, each from the level that suits its size.

    Args:
        levels: (N, K, h, w), from fine to coarse, each half as fine as the one before.
        strides: of the levels.
        boxes: (R, 4) in pixels of the input.
        image: (R,), which image each box is of.

    Returns:
        (R, K, ``GRID``, ``GRID``), in single precision.
    """
    finest = torch.log2(torch.tensor(16 / strides[0])).item()
    side = areas(boxes).clamp_min(1.0).sqrt()
    chosen = torch.floor(torch.log2(side / _CANONICAL) + finest + 1e-6).clamp(0, len(levels) - 1)
    located = torch.cat([image.unsqueeze(-1).to(boxes.dtype), boxes], -1)
    # A graph cannot hold as many boxes of a level as there happen to be: it pools all boxes on all levels.
    if torch.compiler.is_exporting():
        every = [_aligned(level, located, stride) for level, stride in zip(levels, strides, strict=True)]
        here = [(chosen == number).to(boxes.dtype).reshape(-1, 1, 1, 1) for number in range(len(levels))]
        return torch.stack([aligned * mask for aligned, mask in zip(every, here, strict=True)]).sum(0)
    result = boxes.new_zeros(len(boxes), levels[0].shape[1], GRID, GRID)
    for number, (level, stride) in enumerate(zip(levels, strides, strict=True)):
        rows = (chosen == number).nonzero().squeeze(-1)
        result = result.index_add(0, rows, _aligned(level, located[rows], stride))
    return result


def _aligned(level: Tensor, located: Tensor, stride: int) -> Tensor:
    return roi_align(level.float(), located, GRID, 1 / stride, _SAMPLES, aligned=True)
