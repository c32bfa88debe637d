"""What older versions wrote is read: recipes and settings of runs, and the names of weights in their checkpoints.

``stored/`` was written before keys and modules were renamed: runs of every architecture, some with settings, and
the names and shapes of the weights of small networks.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from safetensors.torch import save_file

from osteon.learning import models
from osteon.learning.classification.weight_averaging import averaged
from osteon.learning.detection import models as detectors
from osteon.learning.models import Trained, assembled
from osteon.learning.models.state_names import current_name
from osteon.learning.recipe import EmbeddedMlp, Ensemble, MobileNetLocator, Standard
from osteon.learning.recipe.stored import RENAMED, current_key
from osteon.learning.recipes import find_network
from osteon.learning.runs.overrides import apply, leaves
from osteon.learning.runs.run import open_run

FOLDER: Final = Path(__file__).parent.parent / "stored"
RUNS: Final[dict[str, Any]] = json.loads((FOLDER / "runs.json").read_text(encoding="utf-8"))
WEIGHTS: Final[dict[str, dict[str, list[int]]]] = json.loads((FOLDER / "weights.json").read_text(encoding="utf-8"))
PROSE: Final = ("summary", "source", "unstated", "deviations", "indicated.intended_use", "indicated.not_for",
                "indicated.limits", "claims")  # fmt: skip


CHANGED: Final = ("split.", "indicated.body_parts", "optimizer.clip_by")
"""Today's recipes divide, indicate and clip otherwise; a run keeps its own."""


@pytest.mark.parametrize("name", RUNS)
def test_a_run_opens_with_the_recipe_that_it_was_started_with(name: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(RUNS[name]), encoding="utf-8")
    run = open_run(tmp_path)
    expected = apply(find_network(name), [f"{key}={value}" for key, value in run.settings.items()])
    numbers = [
        {key: value for key, value in leaves(recipe).items() if not key.startswith(PROSE + CHANGED)}
        for recipe in (run.recipe, expected)
    ]
    assert numbers[0] == numbers[1]
    assert list(run.recipe.split.group) == RUNS[name]["recipe"]["split"]["group"]
    assert run.recipe.split.kept == RUNS[name]["recipe"]["split"]["kept"]
    assert type(run.recipe.architecture) is type(expected.architecture)
    assert len(run.settings) == len(RUNS[name]["settings"])


def test_every_renamed_key_is_one_of_today_and_was_one_of_some_run() -> None:
    today = {key for name in RUNS for key in leaves(find_network(name))}
    stored = {key for run in RUNS.values() for key in _keys(run["recipe"])}
    for old in RENAMED:
        assert any(key == current_key(old) or key.startswith(f"{current_key(old)}.") for key in today)
        assert old in stored


def _keys(record: dict[str, Any], prefix: str = "") -> set[str]:
    own = {f"{prefix}{key}" for key in record}
    return own.union(*(_keys(value, f"{prefix}{key}.") for key, value in record.items() if isinstance(value, dict)))


def network(name: str, small_detector: Any) -> Trained:
    """The network whose weights were stored under a name, with weights of its own."""
    builders = {
        "locator": lambda: models.build(MobileNetLocator(0.35, 16, 16, 0.0), 1, 1, empty=True),
        "ensemble": lambda: models.build(
            Ensemble((Standard("alexnet", 0.0), Standard("resnet18", 0.0)), "softmax"), 2, 1, empty=True
        ),
        "mlp": lambda: models.build(EmbeddedMlp("resnet18", 8, 1, 8, 0.0), 2, 1, empty=True),
    }
    return builders[name]() if name in builders else detectors.build(small_detector.recipe(name), empty=True)


def weights(name: str, seed: int = 0) -> dict[str, Any]:
    """Stored weights: random values under the old names."""
    random = torch.Generator().manual_seed(seed)
    return {
        key: torch.randn(shape, generator=random) if shape else torch.tensor(seed + 1)
        for key, shape in WEIGHTS[name].items()
    }


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_are_loaded_under_their_old_names(name: str, small_detector: Any) -> None:
    stored, made = weights(name), network(name, small_detector)
    assert any(current_name(key) != key for key in stored)
    made.load_state_dict(stored)
    held = made.state_dict()
    assert held.keys() == {current_name(key) for key in stored}
    assert all(torch.equal(held[current_name(key)], value) for key, value in stored.items())


def test_weights_are_loaded_as_part_of_a_checkpoint(small_detector: Any) -> None:
    module = torch.nn.Module()
    module.network = network("faster_rcnn", small_detector)
    stored = weights("faster_rcnn")
    module.load_state_dict({f"network.{key}": value for key, value in stored.items()})
    held = module.network.state_dict()
    assert torch.equal(held["rpn_head.conv.0.0.weight"], stored["proposing.conv.0.0.weight"])
    stray = {f"network.{key}": value for key, value in stored.items()} | {"network.trunk.other": torch.zeros(1)}
    with pytest.raises(RuntimeError, match=r"network\.backbone\.other"):
        module.load_state_dict(stray)


def test_a_backbone_starts_from_an_old_run_and_old_phases_are_averaged(tmp_path: Path) -> None:
    stored = weights("locator")
    save_file(stored, tmp_path / "weights.safetensors")
    (tmp_path / "run.json").write_text(json.dumps(RUNS["fracatlas"]), encoding="utf-8")
    made = models.build(MobileNetLocator(0.35, 16, 16, 0.0), 1, 1, start=tmp_path)
    assert made.pretrained
    assert torch.equal(made.backbone.stem.weight, stored["trunk.stem.weight"])
    # One phase was trained by the older version, the next by this one.
    save_file({current_name(key): value for key, value in stored.items()}, tmp_path / "new.safetensors")
    mean = averaged([tmp_path / "weights.safetensors", tmp_path / "new.safetensors"])
    assert torch.allclose(mean["backbone.stem.weight"], stored["trunk.stem.weight"])
    assert assembled([tmp_path / "weights.safetensors"]).keys() == {f"backbone.0.{key}" for key in mean}


def test_what_is_written_now_has_no_old_name(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(RUNS["vindr_spinexr/faster_rcnn"]), encoding="utf-8")
    replace(open_run(tmp_path), folder=tmp_path / "again").save()
    written = json.loads((tmp_path / "again" / "run.json").read_text())
    assert not {*RENAMED} & {*_keys(written["recipe"]), *written["settings"]}
