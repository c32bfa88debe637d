"""Every recipe can be built, kept, and read again; every leaf of it can be set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.data.datasets import DATASETS
from osteon.learning.recipe import Recipe
from osteon.learning.recipes import RECIPES, find
from osteon.learning.run import Run, open_run
from osteon.learning.settings import apply, leaves

NAMES = [recipe.name for recipe in RECIPES]


@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_its_dataset_is_read_and_its_split_is_whole(recipe: Recipe) -> None:
    assert recipe.dataset in {dataset.card.name for dataset in DATASETS}
    assert recipe.split.train + recipe.split.val + recipe.split.test == pytest.approx(1.0)
    assert set(recipe.task.positive) <= set(recipe.task.labels)
    assert len({phase.name for phase in recipe.phases}) == len(recipe.phases)
    assert find(recipe.name) is recipe


@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_is_kept_with_a_run_and_comes_back_equal(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(tmp_path, recipe, {"optimizer.lr": "0.1"}, 3, "data", "random: none")
    run.save()
    assert open_run(tmp_path) == run


@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_every_number_can_be_set(recipe: Recipe) -> None:
    numbers = {key: value for key, value in leaves(recipe).items() if type(value) in (int, float)}
    assert len(numbers) > 20
    for key, value in numbers.items():
        if key.startswith("preprocessing.") or key.endswith(".side"):
            continue  # few values of these are allowed
        changed = apply(recipe, [f"{key}={value + 1}"])
        assert leaves(changed)[key] == value + 1
        assert replace(changed, name="other") != recipe
