"""Recipes for one's own data: the small budget, and what a single run cannot train."""

from __future__ import annotations

from osteon.core.errors import RecipeError
from osteon.data.datasets import find as find_dataset
from osteon.learning.recipe import DecisionFusion, Ensemble, Recipe, YoloDetector
from osteon.learning.recipes import paper
from osteon.learning.reproduce.plan import budget, changes


def budget_settings(recipe: Recipe, name: str) -> list[str]:
    """The settings by which a budget of the recipe's paper differs from the recipe.

    Raises:
        RecipeError: the paper has no such budget.
    """
    found = paper(recipe.name.split("/")[0])
    return [text for one in changes(found, recipe, budget(found, name)) for text in one.settings]


def check_trainable(recipe: Recipe) -> None:
    """Check that one run can train the recipe, and that its dataset is known.

    Raises:
        RecipeError: it is put together from other runs, or trained by other software.
        DataError: there is no reader of that name.
    """
    find_dataset(recipe.dataset)
    if isinstance(recipe.architecture, Ensemble | DecisionFusion | YoloDetector):
        raise RecipeError(
            f"{recipe.name} is not trained by itself", hint=f"osteon reproduce {recipe.name.split('/')[0]} makes it."
        )
