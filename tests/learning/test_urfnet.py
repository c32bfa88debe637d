"""URFNet: the gradient of its attention, what its two views share, and the paper's counts."""

from __future__ import annotations

from typing import Literal

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.learning.models import Network, build
from osteon.learning.recipe import PairedResNet


def urfnet(fusion: Literal["cross-attention", "concatenation"] = "cross-attention") -> Network:
    torch.manual_seed(0)
    return build(PairedResNet("resnet18", fusion, 16, 24, 0.3), 3, 1, empty=True).eval()


@pytest.mark.parametrize("fusion", ["cross-attention", "concatenation"])
def test_the_gradient_that_is_written_out_equals_autograd(fusion: Literal["cross-attention", "concatenation"]) -> None:
    network = urfnet(fusion).double()
    with torch.no_grad():
        for layer in (network.query, network.key) if fusion == "cross-attention" else ():
            layer.weight.mul_(10)  # an attention that chooses, so that its softmax matters
    features = torch.randn(3, 2, 512, 3, 4, dtype=torch.float64, requires_grad=True)
    written = network.head_gradient(features).detach()
    logits = network.head(features).logits
    for label in range(3):
        (expected,) = torch.autograd.grad(logits[:, label].sum(), features, retain_graph=True)
        assert float((written[:, label] - expected.mean((3, 4))).abs().max()) < 1e-15


def test_both_views_go_through_one_backbone() -> None:
    network = urfnet()
    film = torch.randn(2, 1, 64, 96)
    with torch.inference_mode():
        features = network.features(torch.stack([film, film], 1))
    assert torch.equal(features[:, 0], features[:, 1])


def test_a_view_changes_what_the_other_contributes_only_by_attention() -> None:
    front, side, other = torch.randn(3, 2, 1, 64, 64).unbind()
    for fusion, listens in (("cross-attention", True), ("concatenation", False)):
        network = urfnet(fusion).double()
        with torch.no_grad():
            network.hidden.bias.fill_(10.0)  # no ReLU at work: what remains between the views is attention
            one = network.head_gradient(network.features(torch.stack([front, side], 1).double()))
            two = network.head_gradient(network.features(torch.stack([front, other], 1).double()))
        assert (not torch.allclose(one[:, :, 0], two[:, :, 0], rtol=0, atol=1e-12)) is listens


def test_each_view_has_its_map() -> None:
    with torch.inference_mode():
        said = urfnet().explain(torch.randn(2, 2, 1, 64, 96))
    assert said.logits.shape == (2, 3)
    assert said.maps.shape == (2, 3, 2, 2, 3)
    assert said.pooled.shape == (2, 512)
