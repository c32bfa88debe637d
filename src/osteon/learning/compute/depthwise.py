"""Depthwise convolutions that learn quickly on processors.

In bfloat16 on a processor oneDNN has no fast kernels for the gradients of some depthwise convolutions: that of the input takes
about thirty times the forward pass where the stride is 2, that of 5 x 5 weights about forty times, and both together are two
thirds of a training step of EfficientNet-Lite. The gradient of the input is itself a depthwise convolution, with the kernel
turned round (for stride 2 one for each of the four parities of a place), and has fast kernels; that of large weights is quicker
in single precision, which is more exact besides. `benchmarks/depthwise.py` measures both.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

_LARGE: Final = 5  # sides of kernels from which single precision is quicker for the gradient of weights


class DepthwiseConv2d(nn.Conv2d):
    """A depthwise convolution of square kernels and stride 1 or 2, with the gradients of this module on processors.

    What it computes forward, its parameters and their names are those of ``nn.Conv2d``.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - PyTorch's name
        """As ``nn.Conv2d``: (N, C, H, W) gives (N, C, H', W')."""
        image, weight = input, self.weight
        if torch.is_autocast_enabled("cpu") and image.device.type == "cpu":
            kind = torch.get_autocast_dtype("cpu")
            image, weight = image.to(kind), weight.to(kind)
        slow = image.device.type == "cpu" and image.dtype == torch.bfloat16
        if not (slow and self.training and torch.is_grad_enabled()):
            return super().forward(input)
        stride, padding = self.stride[0], int(self.padding[0])
        return cast("Tensor", _Depthwise.apply(image, weight, stride, padding))


def with_quick_gradients(network: nn.Module) -> None:
    """Let the depthwise convolutions of a network learn quickly on processors; weights, names and outputs stay as they are."""
    for module in network.modules():
        if type(module) is nn.Conv2d and _supported(module):
            module.__class__ = DepthwiseConv2d


def _supported(module: nn.Conv2d) -> bool:
    size, stride, padding = module.kernel_size, module.stride, module.padding
    return (
        1 < module.groups == module.in_channels == module.out_channels
        and size[0] == size[1] in (3, 5, 7)
        and stride[0] == stride[1] in (1, 2)
        and not isinstance(padding, str)
        and padding[0] == padding[1] < size[0]
        and tuple(module.dilation) == (1, 1)
        and module.padding_mode == "zeros"
        and module.bias is None
    )


class _Depthwise(torch.autograd.Function):
    """x (N, C, H, W) and w (C, 1, k, k) give (N, C, H', W')."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(image, weight)
        ctx.stride, ctx.padding = stride, padding
        return functional.conv2d(image, weight, None, stride, padding, 1, weight.shape[0])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        image, weight = ctx.saved_tensors
        gradient = gradients[0].contiguous(memory_format=torch.channels_last)
        of_image = of_weight = None
        if ctx.needs_input_grad[0]:
            of_image = _of_image(gradient, weight, image.shape, ctx.stride, ctx.padding)
        if ctx.needs_input_grad[1]:
            of_weight = _of_weight(gradient, image, weight, ctx.stride, ctx.padding)
        return of_image, of_weight, None, None


def _of_image(gradient: Tensor, weight: Tensor, shape: torch.Size, stride: int, padding: int) -> Tensor:
    """Gradient (N, C, H, W) of the input.

    y[o] = sum_u w[u] x[s o + u - p], so the gradient at place s i + a sums w[u] g[i + (a + p - u) / s] over the u for which the
    division leaves nothing: for each a a convolution of g with a part of the kernel.
    """
    result = torch.empty(shape, dtype=gradient.dtype, memory_format=torch.channels_last)
    sides = gradient.shape[2:]
    for down in range(stride):
        rows = _part(down, weight.shape[2], shape[2], sides[0], stride, padding)
        for right in range(stride):
            columns = _part(right, weight.shape[3], shape[3], sides[1], stride, padding)
            kernel = weight[:, :, rows.taps][:, :, :, columns.taps].flip(2, 3)
            padded = functional.pad(gradient, (columns.before, columns.after, rows.before, rows.after))
            part = functional.conv2d(padded, kernel, groups=weight.shape[0])
            result[:, :, down::stride, right::stride] = part
    return result


class _Part(NamedTuple):
    """What of a kernel's side acts on the places s i + a of a side, and by how much the gradient is padded (or cut) for it."""

    taps: list[int]
    before: int
    after: int


def _part(start: int, size: int, side: int, given: int, stride: int, padding: int) -> _Part:
    taps = [tap for tap in range(size) if (start + padding - tap) % stride == 0]
    first, last = (start + padding - taps[-1]) // stride, (start + padding - taps[0]) // stride
    places = (side - start + stride - 1) // stride
    return _Part(taps, -first, places + last - given)


def _of_weight(gradient: Tensor, image: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """Gradient (C, 1, k, k) of the weights."""
    if weight.shape[2] >= _LARGE:
        gradient, image, kernel = gradient.float(), image.float(), weight.float()
    else:
        kernel = weight
    found = torch.ops.aten.convolution_backward(
        gradient,
        image,
        kernel,
        None,
        [stride, stride],
        [padding, padding],
        [1, 1],
        False,
        [0, 0],
        weight.shape[0],
        [False, True, False],
    )
    return found[1].to(weight.dtype)
