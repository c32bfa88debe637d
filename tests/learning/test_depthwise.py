"""Gradients of depthwise convolutions, against those of PyTorch in double precision."""

from __future__ import annotations

import copy

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from torch import Tensor, nn

from osteon.learning.compute.depthwise import DepthwiseConv2d, with_quick_gradients

pytestmark = pytest.mark.learn

CASES = [(3, 1, 1), (5, 1, 2), (7, 1, 3), (3, 2, 1), (5, 2, 2), (3, 2, 0), (5, 2, 0), (5, 1, 0), (3, 1, 2)]


def gradients(layer: nn.Conv2d, image: Tensor, upstream: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of the input and of the weights."""
    given = image.clone().requires_grad_()
    layer.zero_grad()
    (layer(given) * upstream).sum().backward()
    assert given.grad is not None
    assert layer.weight.grad is not None
    return given.grad, layer.weight.grad.clone()


@pytest.mark.parametrize(("height", "width"), [(16, 12), (13, 15)])
@pytest.mark.parametrize(("size", "stride", "padding"), CASES)
def test_gradients_are_those_of_the_convolution(size: int, stride: int, padding: int, height: int, width: int) -> None:
    torch.manual_seed(0)
    plain = nn.Conv2d(6, 6, size, stride, padding, groups=6, bias=False).to(torch.bfloat16)
    image = torch.randn(2, 6, height, width, dtype=torch.bfloat16).contiguous(memory_format=torch.channels_last)
    upstream = torch.randn_like(plain(image))
    expected = gradients(copy.deepcopy(plain).double(), image.double(), upstream.double())
    with_quick_gradients(plain)
    assert type(plain) is DepthwiseConv2d
    for got, right in zip(gradients(plain, image, upstream), expected, strict=True):
        assert got.dtype == torch.bfloat16
        # Eight bits of a number: each gradient is rounded, and sums of them a little more.
        assert float((got.double() - right).abs().max()) < 0.02 * float(right.abs().max())


def test_under_autocast_single_precision_stays_what_is_learnt() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 5, 2, 2, groups=8, bias=False))
    plain = copy.deepcopy(network)
    with_quick_gradients(network)
    assert [type(layer) for layer in network] == [nn.Conv2d, DepthwiseConv2d]
    assert network.state_dict().keys() == plain.state_dict().keys()
    image = torch.randn(2, 1, 20, 20)
    found = []
    for one in (plain, network):
        with torch.autocast("cpu", torch.bfloat16):
            out = one(image)
        assert out.dtype == torch.bfloat16
        out.float().square().sum().backward()
        weight = one[1].weight
        assert weight.grad is not None
        assert weight.grad.dtype == torch.float32
        found.append((out, weight.grad, one[0].weight.grad))
    assert torch.equal(found[0][0], found[1][0])
    for one, other in zip(found[0][1:], found[1][1:], strict=True):
        assert float((one - other).abs().max()) < 0.05 * float(one.abs().max())


def test_without_training_and_in_single_precision_it_is_pytorch_s() -> None:
    torch.manual_seed(0)
    plain = nn.Conv2d(4, 4, 3, 2, 1, groups=4, bias=False)
    quick = copy.deepcopy(plain)
    with_quick_gradients(quick)
    image = torch.randn(1, 4, 9, 9)
    upstream = torch.randn_like(plain(image))
    for one, other in zip(gradients(quick, image, upstream), gradients(plain, image, upstream), strict=True):
        assert torch.equal(one, other)
    assert torch.equal(quick.eval().to(torch.bfloat16)(image.bfloat16()), plain.to(torch.bfloat16)(image.bfloat16()))


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 4, 3, 3, 1, groups=4, bias=False),
        nn.Conv2d(4, 4, (3, 5), 1, (1, 2), groups=4, bias=False),
        nn.Conv2d(4, 8, 3, 1, 1, groups=4, bias=False),
        nn.Conv2d(4, 4, 3, 1, 1, groups=2, bias=False),
        nn.Conv2d(4, 4, 3, 1, 2, dilation=2, groups=4, bias=False),
        nn.Conv2d(4, 4, 3, 1, 1, groups=4),
        nn.Conv2d(4, 4, 3, 1, "same", groups=4, bias=False),
        nn.Conv2d(4, 4, 3, 1, 1, groups=4, bias=False, padding_mode="reflect"),
    ],
)
def test_others_stay_as_they_are(layer: nn.Conv2d) -> None:
    with_quick_gradients(layer)
    assert type(layer) is nn.Conv2d
