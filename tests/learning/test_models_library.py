"""A published network under our head says what its library's network says, with the weights that are found for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = [pytest.mark.learn, pytest.mark.long]

import timm
import torchvision
from safetensors.torch import load_file, save_file

from osteon.core.errors import DataError, RecipeError
from osteon.learning.models import build
from osteon.learning.models.backbones.pretrained import VARIABLE
from osteon.learning.recipe import EmbeddedMlp, MobileNetLocator, Standard
from osteon.learning.recipe.published import Family, find
from osteon.learning.recipes import find as find_recipe

LABELS = 5
NETWORKS = {
    "resnet18": "fc",
    "densenet121": "classifier",
    "mobilenetv2_035": "classifier",
    "mobilenetv3_small_100": "classifier",
    "efficientnet_b0": "classifier",
    "tf_efficientnet_lite0": "classifier",
    "vit_tiny_patch16_224": "head",
    "efficientformer_l1": "head",
    "alexnet": "classifier.6",
}
"""One of each family, and the name of its last layer."""


def library(name: str) -> torch.nn.Module:
    torch.manual_seed(0)
    if find(name).library == "torchvision":
        return torchvision.models.get_model(name, weights=None, num_classes=LABELS).eval()
    network = timm.create_model(name, num_classes=LABELS).eval()
    with torch.no_grad():
        for key, parameter in network.named_parameters():
            if key.endswith("gamma"):
                parameter.uniform_(0.5, 1.5)
            if key.endswith(("attention_biases", "pos_embed", "head_dist.bias")):
                parameter.normal_(0, 0.5)
    return network


def test_each_family_is_compared() -> None:
    assert {find(name).family for name in NETWORKS} == set(get_args(Family))


@pytest.mark.parametrize("name", NETWORKS)
def test_says_what_the_library_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = library(name)
    save_file(theirs.state_dict(), tmp_path / f"{name}_imagenet.safetensors")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    ours = build(Standard(name, 0.0), LABELS, 3).eval()
    assert ours.pretrained
    assert ours.weights_source.startswith(f"{name}_imagenet")
    ours.output.load_state_dict(theirs.get_submodule(NETWORKS[name]).state_dict())
    if name.startswith("efficientformer"):
        ours.output_distilled.load_state_dict(theirs.head_dist.state_dict())
    images = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        expected, got = theirs(images), ours(images).logits
        assert torch.allclose(got, expected, atol=1e-4)
        assert float(expected.std(0).max()) > 0
        # One channel gives what three equal ones give.
        grey = build(Standard(name, 0.0), LABELS, 1).eval()
        grey.output.load_state_dict(ours.output.state_dict())
        film = torch.randn(2, 1, 224, 224)
        assert torch.allclose(
            grey.pooled(grey.features(film)), ours.pooled(ours.features(film.expand(-1, 3, -1, -1))), atol=1e-4
        )


@pytest.mark.parametrize("name", ["tf_efficientnet_lite0", "tf_efficientnet_lite2"])
def test_published_weights_of_networks_for_integers_say_what_the_library_says(
    name: str, published_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = published_weights / f"{name}_imagenet_fp16.safetensors"
    if not file.is_file():
        pytest.skip(f"needs {file.name} in the folder of published weights")
    monkeypatch.setenv(VARIABLE, str(published_weights))
    theirs = timm.create_model(name).eval()
    theirs.load_state_dict({key: value.float() for key, value in load_file(file).items()})
    for shape in ((64, 96), (224, 160)):
        image = torch.rand(1, 1, *shape) * 2 - 1
        ours = build(MobileNetLocator(1.0, 16, 16, 0.0, name), 1, 1).eval()
        assert ours.pretrained
        assert file.name in ours.weights_source
        stages = theirs.blocks(theirs.bn1(theirs.conv_stem(image.expand(-1, 3, -1, -1))))
        with torch.inference_mode():
            levels = ours.backbone.levels(image)
        assert {stride: level.shape[-1] for stride, level in levels.items()} == {
            s: shape[1] // s for s in (4, 8, 16, 32)
        }
        assert torch.allclose(levels[32], stages, atol=1e-3 * float(stages.detach().abs().max()))
        assert float(stages.detach().std()) > 0


def test_the_map_of_a_transformer_is_that_of_hooks_and_autograd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "vit_tiny_patch16_224"
    theirs = library(name)
    save_file(theirs.state_dict(), tmp_path / f"{name}_imagenet.safetensors")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    ours = build(Standard(name, 0.0), LABELS, 3).eval()
    ours.output.load_state_dict(theirs.head.state_dict())
    seen: list[torch.Tensor] = []
    attend = theirs.blocks[-1].attn
    attend.fused_attn = False
    attend.attn_drop.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    images = torch.randn(2, 3, 224, 224)
    logits = theirs(images)
    with torch.inference_mode():
        maps = ours.explain(images).maps
    for label in range(LABELS):
        (gradient,) = torch.autograd.grad(logits[:, label].sum(), seen[0], retain_graph=True)
        expected = torch.relu(seen[0].detach() * gradient)[:, :, 0, 1:].mean(1).unflatten(1, (14, 14))
        assert torch.allclose(maps[:, label], expected, atol=1e-4 * float(expected.max()))


def test_positions_of_a_larger_grid_are_resampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "vit_small_patch14_dinov2"
    theirs = timm.create_model(name)
    with torch.no_grad():
        # A ramp from top to bottom: resampled, it is still one.
        theirs.pos_embed[:, 1:] = torch.linspace(-1, 1, 37).repeat_interleave(37).view(1, -1, 1)
    save_file(theirs.state_dict(), tmp_path / f"{name}_imagenet.safetensors")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    ours = build(Standard(name, 0.0), 2, 1)
    table = ours.backbone.pos_embed[0, 1:, 0].unflatten(0, (16, 16))
    assert torch.allclose(table, torch.linspace(-1, 1, 16)[:, None].expand(-1, 16), atol=0.05)
    assert bool((table[1:, 0] > table[:-1, 0]).all())


def test_a_transformer_takes_another_size_and_refuses_half_a_patch() -> None:
    network = build(Standard("vit_tiny_patch16_224", 0.0), 2, 1, empty=True).eval()
    with torch.inference_mode():
        assert network.explain(torch.randn(1, 1, 64, 96)).maps.shape == (1, 2, 4, 6)
        with pytest.raises(RecipeError, match="multiples of 16"):
            network(torch.randn(1, 1, 64, 100))


def test_an_efficientformer_takes_another_size_and_refuses_oblongs() -> None:
    network = build(Standard("efficientformer_l1", 0.0), 2, 1, empty=True).eval()
    with torch.inference_mode():
        # Beyond the 7 x 7 places of its attention, too.
        assert network.explain(torch.randn(1, 1, 288, 288)).maps.shape == (1, 2, 9, 9)
        with pytest.raises(RecipeError, match="square"):
            network(torch.randn(1, 1, 64, 96))


def test_where_nothing_is_published_or_reached_it_starts_at_random(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "no weights of mobilenetv2_035 are published" in build(Standard("mobilenetv2_035", 0.0), 2, 3).weights_source
    reached = build(Standard("alexnet", 0.0), 2, 3)
    assert reached.weights_source.startswith("random: weights of alexnet could not be fetched")
    assert not reached.pretrained


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(RecipeError, match="there is no network"):
        build(Standard("resnet35", 0.0), 2, 3)


def test_a_recipe_s_input_is_a_multiple_of_the_patch() -> None:
    recipe = replace(find_recipe("mobilenet_elbow"), architecture=Standard("vit_small_patch14_dinov2", 0.0))
    with pytest.raises(RecipeError, match="multiples of 14"):
        replace(recipe, preprocessing=replace(recipe.preprocessing, height=256))


MLP = EmbeddedMlp("resnet18", embedding=32, blocks=2, hidden=16, dropout=0.65)


def test_the_embedding_comes_from_a_pre_training_and_rests(tmp_path: Path) -> None:
    torch.manual_seed(0)
    taught = build(MLP, 2, 1, empty=True)
    save_file(taught.backbone.state_dict(), tmp_path / "embedding.safetensors")
    network = build(MLP, 2, 1, start=tmp_path / "embedding.safetensors")
    assert network.weights_source == "pre-training, embedding.safetensors"
    network.freeze("head")
    learning = {name.split(".")[0] for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert learning == {"blocks", "output"}
    images = torch.randn(4, 1, 64, 64)
    network.train()
    network(images).logits.sum().backward()
    assert torch.equal(network.backbone(images), network.backbone(images))
    with torch.inference_mode():
        assert torch.equal(network.backbone(images), taught.eval().backbone(images))
    # Two blocks of a linear layer and the output are shrunk by the L2 penalty.
    assert len(network.dense_layers()) == 3
    assert network.features(images).shape[1] == 32


def test_without_a_pre_training_all_of_it_learns() -> None:
    network = build(MLP, 2, 1)
    network.freeze("head")
    assert not network.pretrained
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_any_backbone_can_start_from_a_file(tmp_path: Path) -> None:
    record = MobileNetLocator(0.35, 32, 48, 0.1)
    taught = build(record, 1, 1, empty=True)
    save_file(taught.backbone.state_dict(), tmp_path / "trunk.safetensors")
    network = build(record, 3, 1, start=tmp_path / "trunk.safetensors")
    assert network.pretrained
    for key, value in taught.backbone.state_dict().items():
        assert torch.equal(network.backbone.state_dict()[key], value)


def test_weights_of_another_backbone_are_refused(tmp_path: Path) -> None:
    save_file(build(MLP, 2, 1).backbone.state_dict(), tmp_path / "embedding.safetensors")
    with pytest.raises(DataError, match="do not fit"):
        build(MLP, 2, 3, start=tmp_path / "embedding.safetensors")
    with pytest.raises(DataError, match="cannot be read"):
        build(MLP, 2, 1, start=tmp_path / "missing.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"no weights")
    with pytest.raises(DataError, match="cannot be read"):
        build(MLP, 2, 1, start=tmp_path / "broken.safetensors")
