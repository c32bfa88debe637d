"""Every recipe can be built, kept, and read again; every leaf of it can be set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.core.errors import RecipeError
from osteon.data.datasets import DATASETS
from osteon.learning.recipe import Recipe
from osteon.learning.recipes import RECIPES, find
from osteon.learning.runs.overrides import apply, leaves
from osteon.learning.runs.run import Run, open_run

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


TOGETHER = ("split.train", "split.val", "split.test", "indicated.minimum_age", "indicated.maximum_age")
"""Numbers that must agree with others."""


def numbers(recipe: Recipe) -> dict[str, float]:
    return {key: value for key, value in leaves(recipe).items() if type(value) in (int, float)}


def settable(recipe: Recipe, key: str, value: float) -> float:
    """Another value near by that the leaf's range allows."""
    for other in (value + 1, value / 2, 0.25, 95):
        wanted = int(other) if type(value) is int else other
        try:
            apply(recipe, [f"{key}={wanted}"])
        except RecipeError:
            continue
        if wanted != value:
            return wanted
    raise AssertionError(f"{key} takes no other value")


@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_every_number_can_be_set(recipe: Recipe) -> None:
    found = numbers(recipe)
    assert len(found) > 20
    for key, value in found.items():
        if key.startswith("preprocessing.") or key.endswith(".side") or key in TOGETHER:
            continue  # few values of these are allowed
        wanted = settable(recipe, key, value)
        changed = apply(recipe, [f"{key}={wanted}"])
        assert leaves(changed)[key] == wanted
        assert replace(changed, name="other") != recipe


@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_every_number_has_a_range(recipe: Recipe) -> None:
    for key in numbers(recipe):
        if key.startswith("claims."):
            continue  # the paper's, whatever they are
        for beyond in ("NaN", "1e999", *(() if key == "preprocessing.mean" else ("-1000",))):
            with pytest.raises(RecipeError, match=r"out of range|wrong type"):
                apply(recipe, [f"{key}={beyond}"])
