"""Quantisation-aware training, and graphs quantised to INT8."""

from __future__ import annotations

import copy
from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

import onnx
import onnxruntime
from onnx import numpy_helper
from torch import nn

from osteon.core.errors import BundleError
from osteon.learning.bundling.onnx_graph import exported
from osteon.learning.bundling.quantise import QuantisationLoss, quantised
from osteon.learning.compute.fake_quant import (
    FLOAT_CONVOLUTIONS,
    FakeQuantisedConv2d,
    fake_quantised,
    fake_quantised_weight,
)

pytestmark = [
    pytest.mark.learn,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.onnx, of its own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def small(seed: int = 0) -> nn.Sequential:
    """Six convolutions with bounds between them, and a mean."""
    torch.manual_seed(seed)
    steps: list[nn.Module] = []
    for inputs, outputs in pairwise((1, 8, 8, 16, 16, 32, 4)):
        steps += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU6()]
    return nn.Sequential(*steps, nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()


def films(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, 1, 24, 24, generator=torch.Generator().manual_seed(seed))


def test_rounds_all_but_the_entrance_and_leaves_the_network_as_it_was() -> None:
    network = small()
    before, exact = {name: value.clone() for name, value in network.state_dict().items()}, network(films(4))
    with fake_quantised(network):
        kinds = [type(one) for one in network.modules() if isinstance(one, nn.Conv2d)]
        assert kinds == [nn.Conv2d] * FLOAT_CONVOLUTIONS + [FakeQuantisedConv2d] * (6 - FLOAT_CONVOLUTIONS)
        assert network.state_dict().keys() == before.keys()
        network.train()(films(16, 1))
        near = network.eval()(films(4))
        assert torch.equal(copy.deepcopy(network)(films(4)), near)
    assert 1e-5 < (near - exact).abs().max() < 0.1 * exact.abs().max()
    assert torch.equal(network(films(4)), exact)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not any(isinstance(one, FakeQuantisedConv2d) for one in network.modules())


def test_ranges_are_learnt_in_training_only_and_hold_nought() -> None:
    network = small()
    with fake_quantised(network):
        last = [one for one in network.modules() if isinstance(one, FakeQuantisedConv2d)][-1]
        network.eval()(films(4))
        assert last.high == np.inf
        network.train()(films(4))
        known = last.high.item()
        assert 0 < known <= 6
        assert last.low == 0
        network.eval()(100 * films(4))
        assert last.high.item() == known


def test_learns_through_the_rounding() -> None:
    network, given = small(), films(32)
    wanted = 1 + 5 * given.mean((1, 2, 3))[:, None].repeat(1, 4)
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    losses: list[float] = []
    with fake_quantised(network):
        for _ in range(60):
            loss = (network.train()(given) - wanted).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]


def test_weights_have_seven_bits_per_output_channel() -> None:
    weight = torch.randn(5, 300, generator=torch.Generator().manual_seed(3)) * torch.tensor(
        [[1.0], [10], [0.1], [3], [0]]
    )
    given = fake_quantised_weight(weight)
    assert all(len(row.unique()) <= 127 for row in given)
    step = weight.abs().amax(1, keepdim=True) / 63
    assert ((given - weight).abs() <= step / 2 + 1e-6).all()


@pytest.fixture(scope="module")
def graphs() -> tuple[bytes, bytes]:
    """The same network in single precision and in int8."""
    plain = exported(small(), films(2), ["values"])
    return plain, quantised(plain, (one[None].numpy() for one in films(24, 5)))


def test_int8_says_nearly_the_same(graphs: tuple[bytes, bytes]) -> None:
    given = films(20, 9).numpy()
    before, after = (onnxruntime.InferenceSession(one).run(None, {"image": given})[0] for one in graphs)
    assert 1e-6 < np.abs(after - before).max() < 0.1 * np.abs(before).max()
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.99


def test_int8_weights_cannot_overflow_and_both_ends_are_exact(graphs: tuple[bytes, bytes]) -> None:
    graph = onnx.load_from_string(graphs[1]).graph
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    whole = [one for one in arrays.values() if one.dtype == np.int8 and one.ndim == 4]
    assert len(whole) == 6 - FLOAT_CONVOLUTIONS - 1
    assert max(int(np.abs(one.astype(int)).max()) for one in whole) <= 64  # 2 x 255 x 64 fits into 16 bits
    assert sum(one.dtype == np.float32 and one.ndim == 4 for one in arrays.values()) == FLOAT_CONVOLUTIONS + 1
    assert not any(node.doc_string or node.metadata_props for node in graph.node)


def test_a_network_without_convolutions_is_refused() -> None:
    plain = exported(nn.Sequential(nn.Flatten(), nn.Linear(576, 2)), films(2), ["values"])
    with pytest.raises(BundleError, match="no convolutions"):
        quantised(plain, iter(()))


def test_too_high_a_price_is_refused() -> None:
    price = QuantisationLoss("AUROC", 0.95, 0.94, 400)
    assert "0.9500 before, 0.9400 after, 400 validation images" in str(price.check(0.02))
    with pytest.raises(BundleError, match="too much AUROC"):
        price.check(0.005)
