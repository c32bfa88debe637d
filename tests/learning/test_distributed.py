"""Several processes train what one trains: the same draws, the same sums, the same figures."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from safetensors.torch import load_file

from osteon.core.errors import OsteonError, RecipeError
from osteon.learning.compute.distributed import Place, dealt, in_turn, interleaved, joined, launch, place
from osteon.learning.compute.parallel import converted
from osteon.learning.inputs.sampler import Draws
from osteon.learning.models import build
from osteon.learning.recipe import Sampling
from osteon.learning.recipes import find
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.runs.run import Run, open_run
from osteon.learning.train import TrainerOptions, train

pytestmark = [
    pytest.mark.learn,
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),  # Lightning calls what PyTorch has renamed
]

TRANSFORMER = (
    "preprocessing.height=224", "preprocessing.width=224", "cache_side=64", "sampling.batch_size=7",
    "sampling.images_per_epoch=14", "precision=32-true", "phases.0.epochs=2", "optimizer.name=sgd", "optimizer.lr=0.01",
    "optimizer.head_lr=0.01", 'architecture={"model":"vit_tiny_patch16_224","dropout":0.0}',
)  # fmt: skip
"""No batch statistics and no dropout; a batch that two processes cannot share evenly."""


def arguments(recipe: str, settings: Sequence[str], data: Path, out: Path, cache: Path) -> list[str]:
    asked = [
        "train",
        recipe,
        "--data",
        str(data),
        "--out",
        str(out),
        "--cache",
        str(cache),
        "--quiet",
        "--threads",
        "1",
    ]
    return [*asked, *(word for setting in settings for word in ("--set", setting))]


def environment() -> dict[str, str]:
    return os.environ | {"MALLOC_TOP_PAD_": "131072", "HF_HUB_OFFLINE": "1"}


def alone(recipe: str, settings: Sequence[str], data: Path, out: Path, cache: Path) -> Run:
    begun = begin(apply(find(recipe), settings), settings, None, data, out, resume=False)
    return train(
        begun, TrainerOptions(cache / "canvases", lambda items, _what, _count: items, progress=False, threads=1)
    )


def last_figures(run: Run, phase: str) -> dict[str, float]:
    """Figures of the last epoch of a phase."""
    lines = (run.folder / "logs" / "csv" / phase / "metrics.csv").read_text().splitlines()
    found: dict[str, float] = {}
    for line in lines[1:]:
        found |= {name: float(value) for name, value in zip(lines[0].split(","), line.split(","), strict=True) if value}
    return found


@pytest.mark.parametrize("world", [1, 2, 3])
def test_processes_share_each_batch_of_the_one(world: int) -> None:
    positive, sampling = np.arange(100) < 15, Sampling(batch_size=8, images_per_epoch=60, positive_share=0.35)
    whole = Draws(positive, sampling, 3, 1)
    parts = [Draws(positive, sampling, 3, 1, Place(rank, world, rank, world)) for rank in range(world)]
    for draws in (whole, *parts):
        draws.set_epoch(2)
    wanted, got = [*whole], [[*part] for part in parts]
    assert all(len(part) == len(drawn) for part, drawn in zip(parts, got, strict=True))
    for batch in range(60 // 8):
        shown = [part[batch * one.batch_size :][: one.batch_size] for one, part in zip(parts, got, strict=True)]
        # The same cases with the same random words.
        assert {draw for drawn in shown for draw in drawn} == {*wanted[batch * 8 :][:8]}


def test_a_batch_smaller_than_the_processes_is_an_error() -> None:
    with pytest.raises(RecipeError, match="divided"):
        Draws(np.arange(9) < 3, Sampling(2, None, None), 0, 0, Place(0, 4, 0, 4))


@pytest.mark.parametrize(("count", "world"), [(10, 3), (2, 3), (8, 2)])
def test_validation_cases_are_dealt_and_put_together_in_order(count: int, world: int) -> None:
    parts = [dealt(count, Place(rank, world, rank, world)) for rank in range(world)]
    assert len({len(part) for part in parts}) == 1
    together = torch.stack([torch.tensor(part) for part in parts], 1).flatten()[:count]
    assert together.tolist() == list(range(count))


def test_alone_nothing_is_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    with joined() as here:
        assert here == place() == Place()
        assert in_turn(lambda: 3) == 3
        rows = torch.arange(3)
        assert interleaved(rows, 3) is rows
    for name, value in {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(OsteonError, match="--devices"), joined(devices=4):
        pass


@pytest.mark.parametrize("name", ["mobilenet_elbow", "fracatlas", "pediurf", "fractuvision/resnet_mlp"])
def test_synchronised_batch_norms_leave_the_network_as_it_is(name: str) -> None:
    recipe = find(name)
    how, together = recipe.preprocessing, (recipe.images.per_case,) if recipe.images.together else ()
    network = build(recipe.architecture, len(recipe.task.labels), how.channels, empty=True).eval()
    image = torch.rand(2, *together, how.channels, 64, 64)
    with torch.inference_mode():
        expected = network(image).logits
    names = [*network.state_dict()]
    plain = {name for name, part in network.named_modules() if isinstance(part, torch.nn.modules.batchnorm._BatchNorm)}
    network = converted(network)
    there = {name for name, part in network.named_modules() if isinstance(part, torch.nn.SyncBatchNorm)}
    assert there == plain
    assert there
    assert [*network.state_dict()] == names
    with torch.inference_mode():
        torch.testing.assert_close(network(image).logits, expected)
    # Layers at rest keep their statistics.
    network.pretrained = True
    network.freeze("head")
    network.train()
    backbone = {id(part) for part in network.backbone.modules()}
    assert {part.training for part in network.modules() if id(part) in backbone} == {False}


def test_machines_must_be_told_where_to_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    with pytest.raises(OsteonError, match="MASTER_ADDR"):
        launch(2, 2, ())


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(classes_folder: Path, tmp_path: Path) -> None:
    """Without batch statistics all weights agree, and the figures on the validation part with them."""
    recipe = "mobilenet_elbow/one_phase"
    one = alone(recipe, TRANSFORMER, classes_folder, tmp_path / "one", tmp_path)
    asked = arguments(recipe, TRANSFORMER, classes_folder, tmp_path / "two", tmp_path)
    subprocess.run([sys.executable, "-m", "osteon.cli", *asked, "--devices", "2"], env=environment(), check=True)
    two = open_run(tmp_path / "two")
    expected, got = load_file(one.weights_file), load_file(two.weights_file)
    assert expected.keys() == got.keys()
    for name, value in expected.items():
        torch.testing.assert_close(got[name], value, atol=1e-5, rtol=0, msg=name)
    figures = last_figures(two, "all")
    for name, value in last_figures(one, "all").items():
        assert figures[name] == pytest.approx(value, abs=1e-4), name


@pytest.fixture(scope="module")
def settings() -> tuple[str, ...]:
    """The shipped recipe made small: batch norms, boxes, two phases, averaged weights."""
    return (
        "dataset=elbow", "preprocessing.height=64", "preprocessing.width=64", "cache_side=64", "sampling.batch_size=12",
        "precision=32-true", "sampling.images_per_epoch=48", "phases.0.epochs=2", "phases.0.side=32", "phases.1.epochs=2",
        "phases.2.epochs=1", "phases.2.augmentation=null", "architecture.width=0.35", "architecture.fusion=32",
        "architecture.features=32",
        "indicated.minimum_side=32", "indicated.novelty_share=0.01", "averaging=0.9",
    )  # fmt: skip


@pytest.fixture(scope="module")
def under_torchrun(classes_folder: Path, settings: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The small recipe, trained by two processes that torchrun starts."""
    folder = tmp_path_factory.mktemp("torchrun")
    asked = arguments("fracatlas", settings, classes_folder, folder / "run", folder)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1"]
    command = [*torchrun, "--nproc-per-node", "2", "-m", "osteon.cli", *asked]
    subprocess.run(command, env=environment() | {"OMP_NUM_THREADS": "1"}, check=True)
    return open_run(folder / "run")


@pytest.mark.slow
def test_under_torchrun_with_batch_statistics_the_figures_are_close(
    classes_folder: Path, settings: tuple[str, ...], under_torchrun: Run, tmp_path: Path
) -> None:
    one = alone("fracatlas", settings, classes_folder, tmp_path / "one", tmp_path)
    for phase in ("small", "full"):
        expected, got = last_figures(one, phase), last_figures(under_torchrun, phase)
        for name, noise in {"train_loss": 0.1, "val_loss": 0.02, "val_auroc": 0.2}.items():
            assert got[name] == pytest.approx(expected[name], abs=noise), (phase, name)
        done = under_torchrun.phase_done(phase)
        assert done is not None
        assert done["epochs"] == 2
    assert not [*under_torchrun.folder.rglob("*.part")]
    # One table of figures for each phase: the second process wrote none.
    assert sorted(path.name for path in (under_torchrun.folder / "logs" / "csv").iterdir()) == ["full", "small", "worn"]


@pytest.mark.slow
def test_two_processes_go_on_after_a_kill(
    classes_folder: Path, settings: tuple[str, ...], under_torchrun: Run, tmp_path: Path
) -> None:
    asked = arguments("fracatlas", settings, classes_folder, tmp_path / "run", tmp_path)
    command = [sys.executable, "-m", "osteon.cli", *asked, "--devices", "2"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment(), start_new_session=True)
    first = tmp_path / "run" / "phases" / "small" / "last.ckpt"
    deadline = time.monotonic() + 400
    while not first.is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(5)  # the two processes follow it
    assert first.is_file()
    assert not (tmp_path / "run" / "weights.safetensors").exists()
    subprocess.run([*command, "--resume"], env=environment(), check=True)
    expected = load_file(under_torchrun.weights_file)
    for name, value in load_file(tmp_path / "run" / "weights.safetensors").items():
        torch.testing.assert_close(value, expected[name], atol=0, rtol=0, msg=name)


@pytest.mark.slow
def test_what_one_process_cannot_do_ends_all(classes_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text(json.dumps({}))
    asked = arguments("mobilenet_elbow", (), classes_folder, tmp_path / "run", tmp_path)
    command = [sys.executable, "-m", "osteon.cli", *asked, "--devices", "2"]
    done = subprocess.run(command, env=environment(), check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "there is a run" in done.stderr
    assert "Traceback" not in done.stderr
