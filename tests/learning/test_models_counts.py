"""Parameters and multiply-adds against those that papers and libraries publish."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = [pytest.mark.learn, pytest.mark.long]

import timm
from torchvision.models import get_model_weights

from osteon.learning.list_models import counted, find, named, sizes
from osteon.learning.models import build
from osteon.learning.models.counts import Counts, counts, multiply_adds
from osteon.learning.recipe import Standard
from osteon.learning.recipe.published import PUBLISHED

TORCHVISION = {
    "alexnet": "alexnet",
    "vgg16": "vgg16",
    "vgg19": "vgg19",
    "resnet18": "resnet18",
    "resnet34": "resnet34",
    "resnet50": "resnet50",
    "densenet121": "densenet121",
    "densenet169": "densenet169",
    "densenet201": "densenet201",
    "mobilenetv2_100": "mobilenet_v2",
    "efficientnet_b0": "efficientnet_b0",
}
"""Ours, and the same network in torchvision, whose weights state their counts at 224 px and 1000 classes."""

PAPERS = {
    # Touvron et al. 2021, Table 1; Li et al. 2022, Table 1 (EfficientFormer); Howard et al. 2019, Table 3.
    "deit_tiny_patch16_224": (5.7, None),
    "deit_small_patch16_224": (22.0, None),
    "deit_base_patch16_224": (86.6, None),
    "efficientformer_l1": (12.3, 1.3),
    "efficientformer_l3": (31.3, 3.9),
    "mobilenetv3_small_100": (2.5, 0.056),
    "vit_large_patch16_224": (304.0, None),
}
"""Million parameters and thousand million multiply-adds, as the papers round them."""


@cache
def of(name: str) -> Counts:
    """At the 1000 classes and three channels that papers and libraries publish them for."""
    with torch.device("meta"):
        return counts(build(Standard(name, 0.0), 1000, 3, empty=True), torch.empty(1, 3, 224, 224))


def test_urfnet_of_the_paper() -> None:
    # 21.45 M parameters and 7.36 G per pair of views at 224 px ("Illustrative deep learning examples").
    size = counted(find("urfnet"))
    assert size.parameters == pytest.approx(21.45e6, rel=0.005)
    assert size.multiply_adds == pytest.approx(7.36e9, rel=0.005)


@pytest.mark.parametrize(("name", "theirs"), TORCHVISION.items())
def test_as_torchvision_states_them(name: str, theirs: str) -> None:
    stated = get_model_weights(theirs)["IMAGENET1K_V1"].meta
    size = of(name)
    assert size.parameters == stated["num_params"]
    assert size.multiply_adds == pytest.approx(stated["_ops"] * 1e9, rel=0.006)


@pytest.mark.parametrize("name", PAPERS)
def test_as_the_papers_state_them(name: str) -> None:
    parameters, operations = PAPERS[name]
    size = of(name)
    assert size.parameters == pytest.approx(parameters * 1e6, rel=0.02)
    if operations:
        assert size.multiply_adds == pytest.approx(operations * 1e9, rel=0.02)


@pytest.mark.parametrize("entry", [e for e in PUBLISHED if e.library == "timm"], ids=lambda entry: entry.name)
def test_as_many_parameters_as_in_its_library(entry) -> None:
    with torch.device("meta"):
        sized = {"img_size": 224} if entry.family == "transformer" else {}
        theirs = timm.create_model(entry.name, num_classes=1000, **sized)
    wider = 1000 * theirs.num_features if "dinov2" in entry.name else 0  # its head reads the mean token, too
    assert of(entry.name).parameters == sum(p.numel() for p in theirs.parameters()) + wider


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "vit_base_patch16_224"])
def test_a_transformer_saves_what_is_not_read(name: str) -> None:
    with torch.device("meta"):
        theirs = timm.create_model(name)
        whole = multiply_adds(theirs, torch.empty(1, 3, 224, 224))
    width, tokens = theirs.num_features, 197
    # Of each token but one: query and projection, two layers of the perceptron, and its attention to all.
    saved = (tokens - 1) * (2 * width**2 + 8 * width**2 + 2 * tokens * width)
    assert of(name).multiply_adds == whole - saved


def test_of_the_meta_device_nothing_is_computed() -> None:
    with torch.device("meta"):
        network = build(Standard("vit_large_patch16_224", 0.0), 2, 3, empty=True)
    assert all(parameter.is_meta for parameter in network.parameters())


def test_training_goes_on_as_it_was() -> None:
    network = build(Standard("mobilenetv2_035", 0.1), 2, 1, empty=True).train()
    before = network.get_submodule("backbone.bn1").running_mean.clone()
    counts(network, torch.randn(1, 1, 64, 64))
    assert network.training
    assert torch.equal(before, network.get_submodule("backbone.bn1").running_mean)


def test_every_scale_is_that_of_the_published_weights() -> None:
    for entry in PUBLISHED:
        if entry.library == "timm" and entry.weights:
            config = timm.models.get_pretrained_cfg(f"{entry.name}.{entry.weights}")
            assert config is not None
            assert (config.mean[0] == 0.5) is (entry.scale == "[-1, 1]")
    assert len({entry.name for entry in PUBLISHED}) == len(PUBLISHED)


def test_what_was_counted_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "cache" / "models.json"
    chosen = [find("resnet18"), find("urfnet")]
    first = sizes(chosen, kept)
    written = kept.read_bytes()
    assert sizes(chosen[::-1], kept) == first[::-1]
    assert kept.read_bytes() == written
    kept.write_text("{ not json")
    assert sizes(chosen, kept) == first


def test_every_network_of_a_recipe_is_listed_once() -> None:
    listed = named()
    assert len({one.name for one in listed}) == len(listed)
    assert {entry.name for entry in PUBLISHED} <= {one.name for one in listed}
    assert find("urfnet").papers == ("pediurf",)
    assert {"pediurf", "vindr_spinexr"} <= set(find("densenet121").papers)
