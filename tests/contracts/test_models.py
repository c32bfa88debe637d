"""Every architecture: it learns, explains itself by the right gradient, and its graph says what PyTorch says.

Networks are checked at a small input, where all but the largest take a second; the largest, and the graphs of those whose family
is already represented, are marked slow. Of the largest transformers, and in the graphs that are not slow, two blocks are checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

import onnxruntime
from pydantic import TypeAdapter

from osteon.learning.classification.onnx import graph_of
from osteon.learning.models import Network, build
from osteon.learning.models.ensemble import AveragedEnsemble
from osteon.learning.models.gradcam import GradCam
from osteon.learning.models.locator import Locator
from osteon.learning.models.mixed_views import MixedViewsClassifier
from osteon.learning.models.standard.transformer import VisionTransformer
from osteon.learning.recipe import (
    Architecture,
    EmbeddedMlp,
    Ensemble,
    MixedViews,
    MobileNetClassifier,
    MobileNetLocator,
    PairedResNet,
    Standard,
)
from osteon.learning.recipe.published import PUBLISHED, Family, find

PARITY = 1e-4
LABELS = 3
LARGE = {
    "vgg16", "vgg19", "densenet169", "densenet201", "vit_base_patch16_224", "vit_large_patch16_224",
    "deit_base_patch16_224", "efficientformer_l3", "vit_large_patch14_dinov2",
}  # fmt: skip
GRAPHS = {
    "locator_lite0", "alexnet", "mobilenetv3_small_100", "efficientformer_l1", "vit_small_patch14_dinov2", "urfnet", "ensemble",
}  # fmt: skip
"""One of each family, the ensemble for two of them; the graphs of the others are slow."""


@dataclass(frozen=True)
class Case:
    """An architecture and the input that it is checked at."""

    name: str
    architecture: Architecture
    shape: tuple[int, ...]

    def network(self, *, shallow: bool = False) -> Network:
        """The network with weights that are not at their start, so that neither maps nor gradients are flat.

        Args:
            shallow: with two blocks of a transformer. They are alike: two of the 12 or 24 show as much, in a tenth of the time.
        """
        torch.manual_seed(0)
        network = build(self.architecture, LABELS, self.shape[-3], empty=True)
        for part in network.modules() if shallow or self.name in LARGE else ():
            if isinstance(part, VisionTransformer):
                part.backbone.blocks = part.backbone.blocks[-2:]
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                if name.endswith("gamma"):  # layer scale starts near zero
                    parameter.uniform_(0.5, 1.5)
                if name.endswith(("pos_embed", "attention_biases")):
                    parameter.normal_(0, 0.5)
            for module in network.modules():
                if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
                    module.weight.uniform_(0.7, 1.3)
                    module.bias.uniform_(-0.3, 0.5)
                    module.momentum = 1.0
            network.train()(
                self.images(4, seed=9)
            )  # statistics of real features, without which they fade from layer to layer
            for layer in network.dense_layers():
                layer.weight.mul_(4)
        return network

    def images(self, number: int, seed: int = 0) -> torch.Tensor:
        """Noise (number, ...) of the input's shape."""
        return torch.randn(number, *self.shape, generator=torch.Generator().manual_seed(seed))


def published(name: str) -> Case:
    # Three patches in one direction and two in the other; EfficientFormer takes squares only.
    sides = {"efficientformer_l1": (96, 96), "efficientformer_l3": (96, 96)}
    patch = 14 if "dinov2" in name else 16  # sides of 64 and 96 are multiples of all strides
    return Case(name, Standard(name, 0.1), (1, *sides.get(name, (4 * patch, 6 * patch))))


CASES = (
    *(published(entry.name) for entry in PUBLISHED),
    Case("urfnet", PairedResNet("resnet18", "cross-attention", 16, 24, 0.1), (2, 1, 64, 96)),
    Case("concatenation", PairedResNet("resnet18", "concatenation", 16, 24, 0.1), (2, 1, 64, 96)),
    *(
        Case(f"mixed_{mix.replace(' ', '_')}", MixedViews("resnet18", 0.1, mix), (2, 3, 64, 96))
        for mix in ("channels", "mean", "side by side")
    ),
    Case("elbow", MobileNetClassifier(0.35, 32, 0.1, 0.1), (3, 64, 96)),
    Case("locator", MobileNetLocator(0.35, 32, 48, 0.1), (1, 64, 96)),
    Case("locator_lite0", MobileNetLocator(1.0, 32, 48, 0.1, "tf_efficientnet_lite0"), (1, 64, 96)),
    Case("embedded_mlp", EmbeddedMlp("resnet18", 32, 2, 24, 0.1), (1, 64, 96)),
    Case(
        "ensemble", Ensemble((Standard("resnet18", 0.1), Standard("vit_tiny_patch16_224", 0.1)), "softmax"),
        (1, 64, 96),
    ),
)  # fmt: skip

SIZED = [pytest.param(case, id=case.name, marks=[pytest.mark.slow] * (case.name in LARGE)) for case in CASES]
GRAPHED = [pytest.param(case, id=case.name, marks=[pytest.mark.slow] * (case.name not in GRAPHS)) for case in CASES]


def test_the_graph_of_each_family_is_tried() -> None:
    tried = [case.architecture for case in CASES if case.name in GRAPHS]
    assert {find(name).family for one in tried for name in one.published} == set(get_args(Family))


@pytest.mark.long
@pytest.mark.parametrize("case", SIZED)
def test_learns_and_explains(case: Case) -> None:
    network = case.network()
    images = case.images(4)
    # Training: finite logits, and a gradient for every parameter.
    logits = network.train()(images).logits
    assert logits.shape == (4, LABELS)
    (torch.logsumexp(logits, 1) * torch.arange(1.0, 5.0)).sum().backward()
    still = [name for name, parameter in network.named_parameters() if parameter.grad is None]
    assert not still
    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters())
    network.zero_grad(set_to_none=True)
    # Reading: the same logits with and without the map, one map for each label.
    network.eval()
    with torch.inference_mode():
        said, plain = network.explain(images), network(images).logits
        pooled = network.pooled(network.features(images))
    assert torch.allclose(said.logits, plain, atol=1e-5 * float(plain.abs().max()))
    assert torch.allclose(said.pooled, pooled, atol=1e-5)
    assert said.maps.shape[:2] == (4, LABELS)
    assert said.maps.ndim == (5 if len(case.shape) == 4 else 4)
    assert float(said.maps.min()) >= 0
    assert network.map_method
    # The maps differ between images, and between labels.
    assert float(said.maps.amax()) > 0
    assert float(said.maps.std(0).amax()) > 0
    assert float(said.maps.std(1).amax()) > 0
    check_gradient(network.double(), images.double())


def check_gradient(network: Network, images: torch.Tensor) -> None:
    """The gradient that is written out equals that of autograd, in double precision."""
    if isinstance(network, MixedViewsClassifier):
        check_gradient(network.network, network.mixed(images))
        return
    if isinstance(network, AveragedEnsemble):
        for member in network.members:
            check_gradient(member, images)
        return
    with torch.no_grad():
        features = network.features(images)
    if isinstance(network, VisionTransformer):
        attention = network.last_block.attention(features).detach().requires_grad_()
        written = network.attention_gradient(features, attention).detach()
        logits = network.answer(features, attention)
        expected = [torch.autograd.grad(one, attention, retain_graph=True)[0] for one in logits.sum(0)]
    else:
        assert isinstance(network, GradCam)
        if isinstance(network, Locator):
            return  # explained at another layer: see tests/learning/test_saliency.py
        features.requires_grad_()
        written = network.head_gradient(features).detach()
        logits = network.head(features).logits
        expected = [torch.autograd.grad(one, features, retain_graph=True)[0].mean((-2, -1)) for one in logits.sum(0)]
    difference = (written - torch.stack(expected, 1)).abs().max()
    assert float(difference) <= 1e-9 * float(written.abs().max())
    assert float(written.abs().max()) > 0


@pytest.mark.long
@pytest.mark.parametrize("case", GRAPHED)
def test_graph_says_what_pytorch_says_for_any_number_of_cases(case: Case) -> None:
    network = case.network(shallow=case.name in GRAPHS).eval()
    session = onnxruntime.InferenceSession(graph_of(network, None, case.images(2)))
    for number in (1, 3):
        images = case.images(number, seed=number)
        with torch.inference_mode():
            expected = network.explain(images)
        logits, maps = session.run(["logits", "maps"], {"image": images.numpy()})
        # Relative where values are above 1, so that a lively network is not held to more than its precision.
        for got, wanted in ((logits, expected.logits.numpy()), (maps, expected.maps.numpy())):
            assert got.shape == wanted.shape
            assert np.abs(got - wanted).max() <= PARITY * max(1.0, float(np.abs(wanted).max()))
        assert float(np.abs(maps).max()) > 10 * PARITY


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_its_record_is_kept_and_comes_back_equal(case: Case) -> None:
    adapter = TypeAdapter[Architecture](Architecture)
    assert adapter.validate_json(adapter.dump_json(case.architecture)) == case.architecture
