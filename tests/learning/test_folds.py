"""Cross-validation: each image is predicted by the network that did not learn from it, and two of them are compared in pairs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.core.errors import DataError
from osteon.data.datasets import read
from osteon.data.table.table import Table
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.compare.compare import compare
from osteon.evaluation.compare.sources import read_systems
from osteon.evaluation.predictions.predictions import read_predictions
from osteon.learning.folds.plan import divide_in_folds, load_plan
from osteon.learning.folds.run import CrossValidation, cross_validate
from osteon.learning.inputs.load_cases import grouped_table
from osteon.learning.recipes import find
from osteon.learning.runs.overrides import apply
from osteon.learning.train import TrainerOptions

pytestmark = [pytest.mark.learn, pytest.mark.long, pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")]

FEW = Settings(resamples=200)


def work(
    settings: tuple[str, ...], data: Path, out: Path, *, plan: Path | None = None, seed: int = 0
) -> CrossValidation:
    return CrossValidation(apply(find("fracatlas"), settings), settings, seed, data, out, 3, plan=plan)


def options(cache: Path) -> TrainerOptions:
    return TrainerOptions(cache=cache, track=lambda items, _description, _total: items, progress=False, traces=False)


@pytest.fixture(scope="module")
def brief(small_settings: tuple[str, ...]) -> tuple[str, ...]:
    return (
        *small_settings,
        "phases.0.epochs=1",
        "phases.1.epochs=1",
        "sampling.images_per_epoch=24",
        "split.stratify=label_displaced",
        "seeds=0",
    )


@pytest.fixture(scope="module")
def table(classes_folder: Path) -> Table:
    return read("elbow", classes_folder)


def test_each_image_is_tested_once_and_no_group_is_divided(
    classes_folder: Path, brief: tuple[str, ...], tmp_path: Path
) -> None:
    table = read("elbow", classes_folder)
    filled, rule = grouped_table(table, classes_folder, apply(find("fracatlas"), brief).split)
    plan = divide_in_folds(filled, rule, 4)
    assert sorted(image for made in plan.splits for image in made.parts["test"]) == sorted(table.images)
    for made in plan.splits:
        assert sorted(image for part in made.parts.values() for image in part) == sorted(table.images)
        part_of = {image: part for part, images in made.parts.items() for image in images}
        of_group: dict[int, set[str]] = {}
        for image, group in plan.groups.items():
            of_group.setdefault(group, set()).add(part_of[image])
        assert all(len(parts) == 1 for parts in of_group.values())
        assert 0 < len(made.parts["val"]) < len(made.parts["test"]) < len(made.parts["train"])
    plan.save(tmp_path)
    assert load_plan(tmp_path) == plan
    assert load_plan(tmp_path / "nothing") is None


@pytest.fixture(scope="module")
def first(classes_folder: Path, brief: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folds")
    cross_validate(
        work(brief, classes_folder, folder / "a"),
        options(folder / "cache"),
        resume=False,
        command="this",
        intervals=FEW,
    )
    return folder / "a"


def test_predictions_are_those_of_the_fold_that_did_not_learn_from_them(first: Path, table: Table) -> None:
    said = read_predictions(first / "predictions.parquet")
    assert sorted(said.image) == sorted(table.images)
    assert said.read.all()
    for number in range(3):
        tested = json.loads((first / "folds" / f"{number}.json").read_text())["parts"]["test"]
        assert sorted(said.image[said.attributes["fold"] == str(number)]) == tested
        own = json.loads((first / f"fold-{number}" / "out_of_fold.json").read_text())
        row = dict(zip(own["images"], own["probability"], strict=True))
        inside = said.attributes["fold"] == str(number)
        assert np.allclose([row[image] for image in said.image[inside]], said.probability[inside])
    figures = json.loads((first / "figures.json").read_text())
    assert {"classification.auroc", "classification.specificity_98.sensitivity"} <= figures.keys()


def test_what_is_done_is_not_done_again(
    first: Path, classes_folder: Path, brief: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (first / "predictions.parquet").read_bytes()
    with pytest.raises(DataError, match="already"):
        cross_validate(
            work(brief, classes_folder, first), options(tmp_path), resume=False, command="this", intervals=FEW
        )

    def never(*_: object) -> None:
        raise AssertionError("a finished fold is trained again")

    monkeypatch.setattr("osteon.learning.folds.run.train", never)
    cross_validate(work(brief, classes_folder, first), options(tmp_path), resume=True, command="this", intervals=FEW)
    assert (first / "predictions.parquet").read_bytes() == before


def test_two_are_compared_on_the_same_folds(
    first: Path, classes_folder: Path, brief: tuple[str, ...], tmp_path: Path
) -> None:
    cross_validate(
        work(brief, classes_folder, tmp_path / "b", plan=first, seed=1),
        options(tmp_path / "cache"),
        resume=False,
        command="this",
        intervals=FEW,
    )
    assert load_plan(tmp_path / "b") == load_plan(first)
    compared = compare(read_systems([f"a={first}", f"b={tmp_path / 'b'}"]), FEW)
    names = {one.figure for one in compared.pairs}
    assert {"classification.auroc", "classification.specificity_98.sensitivity"} <= names
    assert next(one for one in compared.pairs if one.figure == "classification.auroc").test is not None
