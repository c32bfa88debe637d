"""The map in the graph is the map of the ``grad-cam`` library, for every head that is exported."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.image import scale_cam_image
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from osteon.learning.classification.explain import Explained
from osteon.learning.models import Network, build
from osteon.learning.models.locator import Locator
from osteon.learning.recipe import Architecture, EmbeddedMlp, MobileNetClassifier, MobileNetLocator, Standard

HEADS = {
    "classifier, two classes": (
        MobileNetClassifier(width=0.35, hidden=32, dropout_first=0.7, dropout_second=0.5),
        2,
        3,
    ),
    "classifier, three classes": (
        MobileNetClassifier(width=0.5, hidden=128, dropout_first=0.7, dropout_second=0.5),
        3,
        3,
    ),
    "linear": (Standard("mobilenetv2_035", 0.3), 3, 1),
    "convolution after the average": (Standard("mobilenetv3_small_100", 0.3), 2, 1),
    "dense layers on the grid": (Standard("alexnet", 0.5), 2, 1),
    "blocks on an embedding": (EmbeddedMlp("resnet18", 32, 2, 24, 0.65), 2, 1),
    "locator": (MobileNetLocator(width=0.35, fusion=32, features=48, dropout=0.3), 1, 1),
    "locator, two labels": (MobileNetLocator(width=0.35, fusion=32, features=48, dropout=0.3), 2, 1),
}


class Logits(torch.nn.Module):
    """What the library wants: one tensor out, and a layer to hook."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.last = torch.nn.Identity()

    def forward(self, image):  # noqa: D102
        network, features = self.network, self.network.features(image)
        layer = self.last(network.explained(features))
        if not isinstance(network, Locator):
            return network.head(layer).logits
        # The same logit, written as a function of the places' probabilities.
        places = torch.logsumexp(torch.logit(layer).flatten(2), 2)
        return places - math.log(4) + network.overall(features.mean((2, 3)))


def lively(architecture: Architecture, labels: int, channels: int) -> Network:
    """A network whose batch norms and weights are not at their start, so that a map is not flat."""
    torch.manual_seed(0)
    network = build(architecture, labels, channels, empty=True)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.5, 1.0)
                module.momentum = 1.0
        network.train()(torch.randn(8, channels, 96, 128))
    return network.eval()


@pytest.mark.parametrize("head", HEADS)
def test_equals_the_grad_cam_library(head: str) -> None:
    architecture, labels, channels = HEADS[head]
    network = lively(architecture, labels, channels)
    images = torch.randn(4, channels, 96, 128)
    with torch.inference_mode():
        logits, maps = Explained(network)(images)
    assert logits.shape == (4, labels)
    compared = 0
    for label in range(labels):
        wrapped = Logits(network)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library's own deprecations
            with GradCAM(model=wrapped, target_layers=[wrapped.last]) as library:
                expected = library(input_tensor=images, targets=[ClassifierOutputTarget(label)] * 4)
        # The library scales each layer to [0, 1] at the size of the image, and then their mean again.
        ours = scale_cam_image(scale_cam_image(maps[:, label].numpy(), (128, 96)))
        assert np.abs(ours - expected).max() <= 1e-4
        compared += int((expected.max(axis=(1, 2)) > 0.5).sum())
    # A test of empty maps would show nothing.
    assert compared >= labels


@pytest.mark.parametrize("head", [name for name in HEADS if name.startswith("locator")])
def test_the_logit_of_the_places_is_the_network_s_own(head: str) -> None:
    network = lively(*HEADS[head])
    images = torch.randn(2, 1, 64, 96)
    with torch.inference_mode():
        assert torch.allclose(Logits(network)(images), network(images).logits, atol=1e-3)


def test_the_locator_sees_where_the_evidence_is() -> None:
    network = lively(*HEADS["locator"])
    features = torch.zeros(1, 48, 6, 8)
    features[0, int(network.local.weight[0, :, 0, 0].argmax()), 2, 5] = 3.0
    with torch.inference_mode():
        place = (network.head_gradient(features)[0] * network.explained(features)[0]).squeeze()
    assert divmod(int(place.argmax()), 8) == (2, 5)
