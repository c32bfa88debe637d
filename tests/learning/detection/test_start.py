"""A network may start from the backbone of another finished run, also one of another kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from safetensors.torch import save_file

from osteon.core.errors import DataError, RecipeError
from osteon.learning import models
from osteon.learning.detection.models import build
from osteon.learning.recipe import MobileNetLocator
from osteon.learning.recipes import find
from osteon.learning.runs.overrides import apply

pytestmark = pytest.mark.learn

SMALL = apply(find("fracatlas/detector"), ["architecture.width=0.35", "architecture.pyramid=16"])


def finished(folder: Path, network: torch.nn.Module) -> Path:
    """A folder with what a finished run leaves of a network."""
    folder.mkdir()
    save_file(
        {name: value.contiguous() for name, value in network.state_dict().items()}, folder / "weights.safetensors"
    )
    (folder / "run.json").write_text(json.dumps({"recipe": {"name": "fracatlas"}}))
    return folder


def test_a_detector_starts_from_a_classifier(tmp_path: Path) -> None:
    taught = models.build(MobileNetLocator(0.35, 16, 16, 0.0), 1, 1, empty=True)
    network = build(SMALL, start=finished(tmp_path / "run", taught))
    assert network.pretrained
    assert network.weights_source == "the backbone of a network of fracatlas"
    for name, value in taught.backbone.state_dict().items():
        torch.testing.assert_close(network.backbone.state_dict()[name], value, atol=0, rtol=0)


def test_another_backbone_or_none_is_an_error(tmp_path: Path) -> None:
    other = models.build(MobileNetLocator(0.5, 16, 16, 0.0), 1, 1, empty=True)
    with pytest.raises(DataError, match="do not fit"):
        build(SMALL, start=finished(tmp_path / "run", other))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="a finished run"):
        build(SMALL, start=tmp_path / "empty")


def test_kinds_of_recipes_are_not_mixed() -> None:
    with pytest.raises(RecipeError, match="for classifiers"):
        models.build(SMALL.architecture, 1, 1, empty=True)
    with pytest.raises(RecipeError, match="for detectors"):
        build(find("fracatlas"), empty=True)
    with pytest.raises(RecipeError, match="neither of a classifier nor of a detector"):
        apply(SMALL, ["task.activation=sigmoid"])
