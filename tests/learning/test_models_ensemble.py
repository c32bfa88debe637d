"""The ensemble says the mean of its members' probabilities."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from safetensors.torch import save_file

from osteon.core.errors import DataError, RecipeError
from osteon.learning.models import assembled, build
from osteon.learning.recipe import Ensemble, Standard
from osteon.learning.recipes import find

MEMBERS = (Standard("mobilenetv2_035", 0.1), Standard("mobilenetv3_small_100", 0.1))


@pytest.mark.parametrize(("activation", "labels"), [("sigmoid", 1), ("sigmoid", 3), ("softmax", 2), ("softmax", 3)])
def test_says_the_mean_probability_and_the_mean_map(activation, labels: int) -> None:
    torch.manual_seed(0)
    network = build(Ensemble(MEMBERS, activation), labels, 1, empty=True).eval()
    with torch.no_grad():
        for layer in network.dense_layers():
            layer.bias.normal_(0, 3)

    def probability(logits: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(logits) if activation == "sigmoid" else torch.softmax(logits, 1)

    images = torch.randn(3, 1, 64, 96)
    with torch.inference_mode():
        said = network.explain(images)
        apart = [member.explain(images) for member in network.members]
    expected = torch.stack([probability(one.logits) for one in apart]).mean(0)
    assert torch.allclose(probability(said.logits), expected, atol=1e-6)
    assert torch.allclose(said.maps, (apart[0].maps + apart[1].maps) / 2, atol=1e-6)
    assert said.pooled.shape == (3, 1280 + 576)


def test_logits_far_out_stay_finite() -> None:
    network = build(Ensemble(MEMBERS, "sigmoid"), 1, 1, empty=True).eval()
    for member, bias in zip(network.members, (200.0, 150.0), strict=True):
        member.output.bias.data.fill_(bias)
    with torch.inference_mode():
        logit = network(torch.zeros(1, 1, 64, 64)).logits
    # log(1 / mean of exp(-200), exp(-150)): the less certain member, and log 2.
    assert float(logit) == pytest.approx(150.0 + 0.6931, abs=0.1)


def test_is_put_together_from_finished_runs(tmp_path: Path) -> None:
    files = []
    apart = [build(member, 2, 1, empty=True).eval() for member in MEMBERS]
    for index, network in enumerate(apart):
        files.append(tmp_path / f"{index}.safetensors")
        save_file(network.state_dict(), files[-1])
    ensemble = build(Ensemble(MEMBERS, "softmax"), 2, 1, empty=True).eval()
    ensemble.load_state_dict(assembled(files))
    images = torch.randn(2, 1, 64, 64)
    with torch.inference_mode():
        for member, network in zip(ensemble.members, apart, strict=True):
            assert torch.equal(member(images).logits, network(images).logits)
    with pytest.raises(DataError, match="cannot be read"):
        assembled([tmp_path / "missing.safetensors"])


def test_phases_reach_the_members() -> None:
    network = build(Ensemble(MEMBERS, "softmax"), 2, 1, empty=True)
    for member in network.members:
        member.pretrained = True
    network.freeze("head")
    assert {p for p in network.parameters() if p.requires_grad} == set(network.head_parameters())
    network.freeze("all")
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_averages_the_probabilities_of_its_task() -> None:
    recipe = find("mobilenet_elbow")
    with pytest.raises(RecipeError, match="expected softmax"):
        replace(recipe, architecture=Ensemble(MEMBERS, "sigmoid"))
    assert replace(recipe, architecture=Ensemble(MEMBERS, "softmax")).architecture.members == MEMBERS
