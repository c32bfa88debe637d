"""Training learns, is repeated exactly by its seed, and goes on after a kill as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

import lightning
from lightning.pytorch.callbacks import Callback
from safetensors.torch import load_file

from osteon.core.errors import RecipeError
from osteon.learning.recipe import Claim, Recipe
from osteon.learning.recipes import find
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.runs.run import Run, open_run
from osteon.learning.train import TrainerOptions, train
from osteon.learning.training.curves import curves_of

pytestmark = [
    pytest.mark.learn,
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),  # Lightning calls what PyTorch has renamed
]


def start(settings: Sequence[str], data: Path, out: Path, *, name: str = "fracatlas", resume: bool = False) -> Run:
    return begin(apply(find(name), settings), settings, None, data, out, resume=resume)


def around(cache: Path) -> TrainerOptions:
    return TrainerOptions(cache=cache, track=lambda items, _description, _total: items, progress=False, threads=1)


def weights(run: Run) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in load_file(run.weights_file).items()}


@pytest.fixture(scope="module")
def once(classes_folder: Path, small_settings: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that was trained without a break."""
    folder = tmp_path_factory.mktemp("once")
    return train(start(small_settings, classes_folder, folder / "run"), around(folder / "cache"))


@pytest.mark.long
def test_trains_every_phase_and_repeats_itself(
    once: Run, classes_folder: Path, small_settings: tuple[str, ...], tmp_path: Path
) -> None:
    again = train(start(small_settings, classes_folder, tmp_path / "again"), around(tmp_path / "cache"))
    for name, value in weights(once).items():
        np.testing.assert_array_equal(value, weights(again)[name], err_msg=name)
    for phase in ("small", "full"):
        done = once.phase_done(phase)
        assert done is not None
        assert 0 <= done["val_auroc"] <= 1
        rows = (once.folder / "logs" / "csv" / phase / "metrics.csv").read_text().splitlines()
        wanted = {"train_loss", "train_accuracy", "train_box_loss", "val_loss", "val_auroc", "val_accuracy"}
        assert wanted <= set(rows[0].split(","))
        assert list((once.folder / "logs" / "tensorboard" / phase).glob("events*"))
    assert (once.folder / "curves.svg").read_bytes() == (again.folder / "curves.svg").read_bytes()
    assert (once.folder / "curves.png").read_bytes().startswith(b"\x89PNG")
    curves = curves_of(once)
    assert [curve.name for curve in curves] == [phase.name for phase in once.recipe.phases]
    for curve, phase in zip(curves, once.recipe.phases, strict=True):
        assert len(curve.epochs) == phase.epochs
        done = once.phase_done(phase.name)
        assert done is not None
        assert curve.chosen == done["epoch"]
        assert curve.epochs[curve.chosen]["val_auroc"] == pytest.approx(done["val_auroc"], abs=1e-6)
        assert all(0 <= row["train_accuracy"] <= 1 for row in curve.epochs)
        assert all(any(name.startswith("lr-") for name in row) for row in curve.epochs)
    assert open_run(once.folder).recipe == once.recipe
    # A finished run is left as it is.
    stamp = once.weights_file.stat().st_mtime_ns
    train(start(small_settings, classes_folder, once.folder, resume=True), around(tmp_path / "cache"))
    assert once.weights_file.stat().st_mtime_ns == stamp


@pytest.mark.long
def test_killed_and_resumed_without_loss(
    once: Run, classes_folder: Path, small_settings: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "killed"
    command = [
        sys.executable,
        "-m",
        "osteon.cli",
        "train",
        "fracatlas",
        "--data",
        str(classes_folder),
        "--out",
        str(out),
    ]
    command += ["--quiet", "--threads", "1", "--cache", str(tmp_path)]
    for setting in small_settings:
        command += ["--set", setting]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | {"MALLOC_TOP_PAD_": "131072"})
    first = out / "phases" / "small" / "last.ckpt"
    deadline = time.monotonic() + 300
    while not first.is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert first.is_file()
    assert not (out / "weights.safetensors").exists()
    resumed = train(start(small_settings, classes_folder, out, resume=True), around(tmp_path / "cache"))
    # The logs of the attempt that was killed are still there, beside those of the second.
    assert {"small", "small-2"} <= {path.name for path in (out / "logs" / "csv").iterdir()}
    for name, value in weights(once).items():
        np.testing.assert_array_equal(value, weights(resumed)[name], err_msg=name)


class Stopped(Callback):
    """Ends the process's work at the beginning of the second epoch, as a kill would."""

    def on_train_epoch_start(self, trainer, pl_module):  # noqa: ARG002, D102 - Lightning's
        if trainer.current_epoch == 1:
            raise RuntimeError("stopped")


@pytest.mark.long
def test_an_epoch_is_the_same_whether_a_run_is_resumed_with_it_or_not(
    once: Run, classes_folder: Path, small_settings: tuple[str, ...], tmp_path: Path
) -> None:
    stopping = replace(around(tmp_path / "cache"), callbacks=(Stopped(),))
    with pytest.raises(RuntimeError, match="stopped"):
        train(start(small_settings, classes_folder, tmp_path / "stopped"), stopping)
    resumed = train(
        start(small_settings, classes_folder, tmp_path / "stopped", resume=True), around(tmp_path / "cache")
    )
    assert resumed.phase_done("small") == once.phase_done("small")
    for name, value in weights(once).items():
        np.testing.assert_array_equal(value, weights(resumed)[name], err_msg=name)


def test_a_run_is_not_overwritten_nor_resumed_with_other_settings(
    classes_folder: Path, small_settings: tuple[str, ...], tmp_path: Path
) -> None:
    start(small_settings, classes_folder, tmp_path / "run")
    with pytest.raises(RecipeError, match="--resume"):
        start(small_settings, classes_folder, tmp_path / "run")
    with pytest.raises(RecipeError, match="other settings"):
        start((*small_settings, "optimizer.lr=1e-5"), classes_folder, tmp_path / "run", resume=True)


def test_a_run_is_resumed_after_a_change_of_prose_or_claims(
    classes_folder: Path, small_settings: tuple[str, ...], tmp_path: Path
) -> None:
    first = start(small_settings, classes_folder, tmp_path / "run")
    worded = replace(
        first.recipe,
        summary="Other words.",
        source="Somebody else",
        claims=(*first.recipe.claims, Claim("classification.auroc", 0.99, None, "Table 9")),
        unstated=("Another choice.",),
        deviations=(),
        seeds=(*first.recipe.seeds, 99),
        indicated=replace(first.recipe.indicated, limits=("Another limit.",)),
    )
    assert worded != first.recipe

    def resumed(recipe: Recipe) -> Run:
        return begin(recipe, small_settings, first.seed, classes_folder, tmp_path / "run", resume=True)

    assert resumed(worded).recipe == open_run(tmp_path / "run").recipe == first.recipe
    for other in (
        replace(worded, optimizer=replace(worded.optimizer, lr=1e-5)),
        replace(worded, optimizer=replace(worded.optimizer, clip_by="value")),
        replace(worded, indicated=replace(worded.indicated, minimum_side=100)),
    ):
        with pytest.raises(RecipeError, match="other settings"):
            resumed(other)


def test_a_run_of_a_version_without_a_field_is_resumed(
    classes_folder: Path, small_settings: tuple[str, ...], tmp_path: Path
) -> None:
    run = start(small_settings, classes_folder, tmp_path / "run")
    path = tmp_path / "run" / "run.json"
    stored = json.loads(path.read_text())
    for record, name in (("optimizer", "clip_by"), ("split", "lists"), ("split", "unlisted")):
        del stored["recipe"][record][name]
    path.write_text(json.dumps(stored))
    assert start(small_settings, classes_folder, tmp_path / "run", resume=True).recipe == run.recipe


@pytest.mark.parametrize("by", ["norm", "value"])
def test_gradients_are_clipped_by_norm_or_by_value(
    by: str,
    classes_folder: Path,
    small_settings: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[dict[str, object]] = []

    class Watched(lightning.Trainer):
        def __init__(self, **settings: object) -> None:
            seen.append({key: settings[key] for key in ("gradient_clip_val", "gradient_clip_algorithm")})
            raise RecipeError("seen")

    monkeypatch.setattr(lightning, "Trainer", Watched)
    settings = (*small_settings, "optimizer.clip=1.0", f"optimizer.clip_by={by}")
    with pytest.raises(RecipeError, match="seen"):
        train(start(settings, classes_folder, tmp_path / "run"), around(tmp_path / "cache"))
    assert seen == [{"gradient_clip_val": 1.0, "gradient_clip_algorithm": by}]


@pytest.mark.long
def test_the_paper_s_recipe_learns_the_small_task(
    classes_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTEON_WEIGHTS", str(tmp_path))
    settings = (
        "preprocessing.height=64",
        "preprocessing.width=64",
        "cache_side=64",
        "sampling.batch_size=12",
        "optimizer.lr=1e-3",
        "optimizer.head_lr=1e-3",
        "loss.l2=0.0001",
        "architecture.width=0.35",
        "phases.0.epochs=15",
        "phases.1.epochs=10",
        "selection.patience=null",
        "schedule.patience=30",
        "augmentation.rotation=0.0",
        "augmentation.shift=0.05",
        "architecture.dropout_first=0.2",
    )
    options = replace(around(tmp_path / "cache"), traces=False)
    run = train(start(settings, classes_folder, tmp_path / "run", name="mobilenet_elbow"), options)
    assert run.weights.startswith("random")
    done = run.phase_done("fine-tuning")
    assert done is not None
    assert done["val_accuracy"] >= 0.7


def test_the_seed_alone_changes_the_result(
    once: Run, classes_folder: Path, small_settings: tuple[str, ...], tmp_path: Path
) -> None:
    other = replace(start(small_settings, classes_folder, tmp_path / "other"), seed=1)
    other.save()
    options = replace(around(tmp_path / "cache"), traces=False)
    first, second = weights(once), weights(train(other, options))
    assert any(not np.array_equal(first[name], second[name]) for name in first)


def test_the_last_epoch_is_kept_where_the_recipe_says_so(
    classes_folder: Path, small_settings: tuple[str, ...], tmp_path: Path
) -> None:
    settings = (*small_settings, "selection.keep=last", "soup=[]")
    run = train(start(settings, classes_folder, tmp_path / "run"), around(tmp_path / "cache"))
    for curve, phase in zip(curves_of(run), run.recipe.phases, strict=True):
        done = run.phase_done(phase.name)
        assert done is not None
        assert (done["epoch"], curve.chosen) == (phase.epochs - 1, phase.epochs - 1)
        assert done["val_auroc"] == pytest.approx(curve.epochs[-1]["val_auroc"], abs=1e-6)
