"""URFNet: the gradient of its attention, what its two views share, and the paper's counts."""

from __future__ import annotations

from typing import Literal, cast

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.learning.models import build
from osteon.learning.models.attention import Reading, ViewAttention
from osteon.learning.models.urfnet import URFNet
from osteon.learning.recipe import PairedResNet

Fusion = Literal["cross-attention", "concatenation"]
READINGS: tuple[Reading, ...] = ("other view", "both views", "joined channels")


def urfnet(fusion: Fusion = "cross-attention", reading: Reading = "other view", pooling: int | None = None) -> URFNet:
    torch.manual_seed(0)
    record = PairedResNet("resnet18", fusion, 16, 24, 0.3, attends_to=reading, pooling=pooling)
    return cast("URFNet", build(record, 3, 1, empty=True).eval())


def attention(reading: Reading, pooling: int | None = None) -> ViewAttention:
    torch.manual_seed(0)
    made = ViewAttention(32, 16, reading, pooling).double()
    with torch.no_grad():
        for layer in (made.query, made.key):
            layer.weight.mul_(10)
    return made


CASES = [
    ("concatenation", "other view", None),
    *(("cross-attention", reading, pooling) for reading in READINGS for pooling in (None, 1, 2)),
]


@pytest.mark.parametrize(("fusion", "reading", "pooling"), CASES)
def test_the_gradient_that_is_written_out_equals_autograd(
    fusion: Fusion, reading: Reading, pooling: int | None
) -> None:
    network = urfnet(fusion, reading, pooling).double()
    with torch.no_grad():
        for layer in () if network.attention is None else (network.attention.query, network.attention.key):
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


@pytest.mark.parametrize(
    ("reading", "inputs", "outputs"), [("other view", 512, 2), ("both views", 512, 2), ("joined channels", 1024, 1)]
)
def test_parameters_of_the_fusion_itself(reading: Reading, inputs: int, outputs: int) -> None:
    with_attention, without = urfnet("cross-attention", reading), urfnet("concatenation")
    projections = 3 * (inputs * 16 + 16)
    assert with_attention.attention is not None
    assert sum(one.numel() for one in with_attention.attention.parameters()) == projections
    # Besides, the hidden layer of 24 units takes in what is attended to.
    sizes = [sum(one.numel() for one in network.parameters()) for network in (with_attention, without)]
    assert sizes[0] - sizes[1] == projections + 24 * outputs * 16
    assert not [name for name, _ in without.named_parameters() if name.startswith("attention")]


@pytest.mark.parametrize("pooling", [None, 1, 2])
@pytest.mark.parametrize(
    ("reading", "listens"),
    [
        # Queries of the own view, keys and values of the other.
        ("other view", ((True, True), (True, True))),
        ("both views", ((True, True), (True, True))),
        ("joined channels", ((True, True),)),
    ],
)
def test_which_view_each_mean_depends_on(
    reading: Reading, listens: tuple[tuple[bool, bool], ...], pooling: int | None
) -> None:
    made = attention(reading, pooling)
    features = torch.randn(1, 2, 32, 4, 4, dtype=torch.float64, requires_grad=True)
    means = made(features)
    assert means.shape == (1, len(listens), 16)
    for number, expected in enumerate(listens):
        (by,) = torch.autograd.grad(means[0, number].sum(), features, retain_graph=True)
        found = tuple(bool((by[0, view].abs() > 1e-12).any()) for view in range(2))
        if reading == "other view" and pooling == 1:  # one place to attend to leaves nothing to choose
            assert found == tuple(view != number for view in range(2))
        else:
            assert found == expected


def test_a_view_takes_values_of_itself_only_where_both_are_one_sequence() -> None:
    features = torch.randn(1, 2, 32, 4, 4, dtype=torch.float64)
    silent = features.clone()
    silent[:, 1] = 0.0  # the other view is black
    for reading, expected in (("other view", True), ("both views", False)):
        made = attention(reading)
        with torch.no_grad():
            made.value.bias.zero_()
        assert bool((made(silent)[0, 0].abs() < 1e-12).all()) is expected


def test_pooling_to_the_size_of_the_maps_changes_nothing() -> None:
    features = torch.randn(1, 2, 32, 7, 7, dtype=torch.float64)
    for reading in READINGS:
        assert torch.equal(attention(reading)(features), attention(reading, 7)(features))
        assert not torch.allclose(attention(reading)(features), attention(reading, 1)(features))


def test_weights_of_older_versions_are_read() -> None:
    network = urfnet()
    older = {name.removeprefix("attention."): value + 1 for name, value in network.state_dict().items()}
    assert "query.weight" in older
    network.load_state_dict(older)
    assert network.attention is not None
    assert torch.equal(network.attention.query.weight, older["query.weight"])
