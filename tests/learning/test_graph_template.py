"""A graph that was traced once, filled with the weights of other networks of its architecture."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.core.errors import BundleError
from osteon.learning.bundling.graph_template import GraphTemplate
from osteon.learning.classification.explain import Explained
from osteon.learning.classification.onnx import PARITY
from osteon.learning.models import build
from osteon.learning.recipe import Architecture, PairedResNet, Standard

pytestmark = [
    pytest.mark.learn,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.onnx, of its own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

SIDE = 64
PAIRED = PairedResNet("mobilenetv2_035", "cross-attention", 16, 16, 0.0, "other view", None)
ARCHITECTURES = [
    pytest.param(Standard("mobilenetv2_035", 0.0), (), id="mobilenetv2"),
    *(
        pytest.param(architecture, views, id=name, marks=pytest.mark.slow)
        for name, architecture, views in (
            ("urfnet", PAIRED, (2,)),
            ("transformer", Standard("vit_tiny_patch16_224", 0.0), ()),
            ("efficientformer", Standard("efficientformer_l1", 0.0), ()),
            ("densenet", Standard("densenet121", 0.0), ()),
        )
    ),
]


def network_of(architecture: Architecture, seed: int) -> Explained:
    """A network with random weights, also in its norms and head."""
    torch.manual_seed(seed)
    network = Explained(build(architecture, 3, 3, empty=True)).eval()
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if value.dtype == torch.float32 and "running_var" not in name:
                value.add_(0.02 * torch.randn_like(value))
    return network


@pytest.mark.parametrize(("architecture", "views"), ARCHITECTURES)
def test_it_answers_as_the_network_whose_weights_it_has(architecture: Architecture, views: tuple[int, ...]) -> None:
    first, second = (network_of(architecture, seed) for seed in (1, 2))
    images = torch.randn(2, *views, 3, SIDE, SIDE)
    template = GraphTemplate.of(first, torch.zeros_like(images), ["logits", "maps"])
    with torch.inference_mode():
        wanted = [network(images) for network in (first, second)]
    assert float((wanted[0][0] - wanted[1][0]).abs().max()) > 10 * PARITY, "they differ"
    for network, expected in zip((first, second), wanted, strict=True):
        session = onnxruntime.InferenceSession(template.filled(network))
        for got, value in zip(session.run(["logits", "maps"], {"image": images.numpy()}), expected, strict=True):
            assert np.abs(got - value.numpy()).max() <= PARITY * max(1.0, float(value.abs().max()))


def test_weights_of_another_architecture_are_refused() -> None:
    def linear(outputs: int) -> torch.nn.Module:
        return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(9, outputs))

    template = GraphTemplate.of(linear(2), torch.zeros(2, 1, 3, 3), ["values"])
    with pytest.raises(BundleError, match="do not fit"):
        template.filled(linear(3))
    with pytest.raises(BundleError, match="no such weight"):
        template.filled(torch.nn.Linear(9, 2))
