"""What learns and what rests, where weights come from, and how many parameters there are."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from safetensors.torch import save_file

from osteon.core.errors import RecipeError
from osteon.learning.models import build
from osteon.learning.models.backbones.pretrained import VARIABLE
from osteon.learning.recipes import find

ELBOW = find("mobilenet_elbow").architecture
LOCATOR = find("fracatlas").architecture


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights that holds MobileNetV2 of widths 0.75 and 1.0 (random, but there)."""
    import timm

    for name in ("mobilenetv2_075", "mobilenetv2_100"):
        state = timm.create_model(name, pretrained=False).state_dict()
        save_file(state, tmp_path / f"{name}_imagenet.safetensors")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def learning(network: torch.nn.Module) -> set[str]:
    return {name for name, parameter in network.named_parameters() if parameter.requires_grad}


@pytest.mark.usefixtures("stored")
def test_the_frozen_phase_trains_the_head_alone() -> None:
    network = build(ELBOW, 2, 3)
    network.freeze("head")
    assert learning(network) == {"hidden.weight", "hidden.bias", "output.weight", "output.bias"}


@pytest.mark.usefixtures("stored")
def test_the_last_thirty_layers_as_keras_counts_them() -> None:
    network = build(ELBOW, 2, 3)
    network.freeze("last 30")
    backbone = {name for name in learning(network) if name.startswith("backbone.")}
    assert {name.split(".")[1] for name in backbone} == {"blocks", "conv_head", "bn2"}
    # Three blocks of three convolutions with their batch norms, one batch norm before them, one convolution after.
    convolutions = [name for name in backbone if "conv" in name]
    norms = [name for name in backbone if ".bn" in name and name.endswith("weight")]
    assert len(convolutions) == 10
    assert len(norms) == 11
    assert "backbone.blocks.5.0.bn3.weight" in backbone
    assert "backbone.blocks.5.0.conv_pwl.weight" not in backbone


@pytest.mark.usefixtures("stored")
def test_frozen_layers_keep_their_batch_statistics() -> None:
    network = build(ELBOW, 2, 3)
    network.freeze("last 30")
    network.train()
    frozen, moving = network.get_submodule("backbone.bn1"), network.get_submodule("backbone.bn2")
    before = frozen.running_mean.clone(), moving.running_mean.clone()
    network(torch.randn(8, 3, 64, 64))
    assert torch.equal(frozen.running_mean, before[0])
    assert not torch.equal(moving.running_mean, before[1])


def test_from_a_random_start_everything_learns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    network = build(ELBOW, 2, 3)
    assert not network.pretrained
    network.freeze("head")
    assert all(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.usefixtures("stored")
def test_one_channel_gives_what_three_equal_ones_give() -> None:
    three, one = build(LOCATOR, 1, 3).eval(), build(LOCATOR, 1, 1).eval()
    one.load_state_dict({k: v for k, v in three.state_dict().items() if "stem" not in k}, strict=False)
    grey = torch.randn(2, 1, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(three.features(grey.expand(-1, 3, -1, -1)), one.features(grey), atol=1e-4)


def test_the_locator_has_no_partial_phase() -> None:
    with pytest.raises(RecipeError, match="head or all"):
        build(LOCATOR, 1, 1).learning_parts("last 30")


def test_parameters_of_the_paper() -> None:
    # Keras's MobileNetV2 of width 0.75 without its top has 1,382,064 weights, 26,640 of them running statistics.
    backbone = build(ELBOW, 2, 3).backbone
    assert sum(parameter.numel() for parameter in backbone.parameters()) == 1_355_424
