"""A run goes on with the data that it was started with, wherever they lie, and with no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.core.errors import DataError, RecipeError
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.recipes import find
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.runs.run import Run, open_run
from osteon.learning.runs.write import write_json
from osteon.learning.train import TrainerOptions, train

pytestmark = pytest.mark.learn

SETTINGS = ("dataset=elbow",)


def started(data: Path, out: Path, *, resume: bool = False, split: Path | None = None) -> Run:
    recipe = apply(find("fracatlas"), SETTINGS)
    return begin(recipe, SETTINGS, None, data, out, resume=resume, split=split)


def test_moved_data_are_gone_on_with(classes_folder: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(classes_folder, old)
    before = prepare_cases(started(old, tmp_path / "run"))
    old.rename(new)
    run = started(new, tmp_path / "run", resume=True)
    assert run.data == str(new)
    after = prepare_cases(run)
    assert after.split == before.split
    assert after.train.root == new
    run.save()
    assert open_run(run.folder).data == str(new)


@pytest.mark.parametrize("change", ["fewer images", "other pixels", "another label", "another dataset"])
def test_other_data_are_refused(change: str, classes_folder: Path, tmp_path: Path) -> None:
    run = started(classes_folder, tmp_path / "run")
    prepare_cases(run)
    other = tmp_path / "other"
    shutil.copytree(classes_folder, other)
    first = next(iter(sorted((other / "train" / "normal").iterdir())))
    if change == "fewer images":
        first.unlink()
    elif change == "other pixels":
        Image.fromarray(np.zeros((64, 64), np.uint8)).save(first)
    elif change == "another label":
        first.rename(other / "train" / "displaced" / "train-999.png")
    else:
        for path in list(other.rglob("*.png")):
            path.rename(path.with_name(f"other-{path.name}"))
    with pytest.raises(DataError, match="not those that the run was started with"):
        prepare_cases(started(other, tmp_path / "run", resume=True))
    # Also of a run that is done already.
    torch_file = tmp_path / "run" / "weights.safetensors"
    torch_file.touch()
    around = TrainerOptions(cache=tmp_path / "cache", track=lambda items, *_: items, progress=False)
    with pytest.raises(DataError, match="not those that the run was started with"):
        train(started(other, tmp_path / "run", resume=True), around)
    assert train(started(classes_folder, tmp_path / "run", resume=True), around).weights_file.is_file()


def test_a_split_that_was_made_before_is_used(classes_folder: Path, tmp_path: Path) -> None:
    made = prepare_cases(started(classes_folder, tmp_path / "first")).split
    parts = {"train": made.parts["val"], "val": made.parts["train"], "test": made.parts["test"]}
    file = tmp_path / "split.json"
    type(made)(made.dataset, parts).save(file)
    found = prepare_cases(started(classes_folder, tmp_path / "second", split=file))
    assert set(found.train.images) == set(parts["train"])
    assert started(classes_folder, tmp_path / "second", resume=True, split=file).split_file.is_file()
    with pytest.raises(RecipeError, match="another split"):
        started(classes_folder, tmp_path / "first", resume=True, split=file)
    with pytest.raises(DataError, match="cannot read the split"):
        started(classes_folder, tmp_path / "third", split=tmp_path / "none.json")
    assert not (tmp_path / "third").exists()


def test_another_kind_of_dataset_says_how_to_name_it(classes_folder: Path, tmp_path: Path) -> None:
    recipe = find("fracatlas")
    run = begin(recipe, (), None, classes_folder, tmp_path / "run", resume=False)
    with pytest.raises(DataError, match=r"--dataset names another: elbow, folder, coco"):
        prepare_cases(run)


@pytest.mark.parametrize("name", ["weight_averaging.json", "soup.json"])
def test_figures_of_averaged_weights_are_read_under_both_names(name: str, classes_folder: Path, tmp_path: Path) -> None:
    run = started(classes_folder, tmp_path / "run")
    assert run.kept() == {}
    write_json(run.folder / name, {"val_auroc": 0.75})
    assert open_run(run.folder).kept() == {"val_auroc": 0.75}
