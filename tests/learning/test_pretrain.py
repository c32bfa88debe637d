"""Pre-training without labels: its views, that it learns, and that it goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytest.importorskip("lightly", reason="needs osteon[pretrain]")

from safetensors.torch import load_file

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.pretraining.simclr_views import random_view
from osteon.learning.recipes import find
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.runs.run import Run
from osteon.learning.train import TrainerOptions, train

pytestmark = [
    pytest.mark.learn,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),  # Lightning calls what PyTorch has renamed
]

SETTINGS = (
    "dataset=elbow",
    "preprocessing.height=32",
    "preprocessing.width=32",
    "cache_side=48",
    "pretraining.epochs=3",
    "pretraining.batch_size=16",
    "sampling.images_per_epoch=32",
    "sampling.batch_size=16",
    "phases.0.epochs=2",
    "indicated.minimum_side=32",
)


def start(data: Path, out: Path, *, resume: bool = False, settings: tuple[str, ...] = SETTINGS) -> Run:
    recipe = apply(find("fractuvision/resnet_mlp"), settings)
    return begin(recipe, settings, 0, data, out, resume=resume)


def around(cache: Path) -> TrainerOptions:
    return TrainerOptions(cache=cache, track=lambda items, _what, _total: items, progress=False, threads=1)


@pytest.fixture(scope="module")
def unbroken(classes_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that was pre-trained and trained without a break."""
    folder = tmp_path_factory.mktemp("unbroken")
    return train(start(classes_folder, folder / "once"), around(folder / "cache"))


def test_views_differ_and_repeat_themselves() -> None:
    what = find("fractuvision/resnet_mlp").pretraining
    assert what is not None
    how = Preprocessing(32, 32, "letterbox", 1, 0.0, 1.0)
    canvas = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    first, second = (random_view(canvas, how, what, np.random.default_rng(seed)) for seed in (1, 2))
    again = random_view(canvas, how, what, np.random.default_rng(1))
    assert first.shape == (32, 32)
    assert first.dtype == np.float32
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, again)
    whole = replace(what, smallest_crop=1.0, rotation_share=0.0, flip_share=0.0)
    views = [random_view(canvas, how, whole, np.random.default_rng(seed)) for seed in range(20)]
    assert all(0.0 <= view.min() <= view.max() <= 126.5 / 255 for view in views)


def test_an_interrupted_pre_training_ends_as_an_unbroken_one(
    unbroken: Run, classes_folder: Path, tmp_path: Path
) -> None:
    run = start(classes_folder, tmp_path / "twice")

    class StopError(Exception):
        """Stands for a kill between two epochs."""

    def two_epochs(items: object, what: str, _total: int) -> object:
        for count, item in enumerate(items):  # pyright: ignore[reportArgumentType, reportUnknownArgumentType]
            if what == "Pre-training" and count == 2:
                raise StopError
            yield item

    with pytest.raises(StopError):
        train(run, replace(around(tmp_path / "cache"), track=two_epochs))  # pyright: ignore[reportArgumentType]
    resumed = train(start(classes_folder, tmp_path / "twice", resume=True), around(tmp_path / "cache"))
    for name, value in load_file(unbroken.weights_file).items():
        np.testing.assert_array_equal(value.numpy(), load_file(resumed.weights_file)[name].numpy(), err_msg=name)
    rows = (resumed.folder / "pretraining" / "metrics.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["epoch", "0", "1", "2"]


def test_the_perceptron_learns_on_a_frozen_backbone(unbroken: Run) -> None:
    backbone = load_file(unbroken.folder / "pretraining" / "trunk.safetensors")
    kept = load_file(unbroken.weights_file)
    assert unbroken.weights
    assert not unbroken.weights.startswith("random")
    for name, value in backbone.items():
        assert torch.equal(value, kept[f"backbone.{name}"]), name
