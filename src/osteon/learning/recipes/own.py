"""Recipes for one's own data: the budgets of ``osteon train``."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Recipe
from osteon.learning.recipes import paper
from osteon.learning.reproduce.planning.plan import budget, changes

TRIAL: Final = "trial"
"""The budget that only shows whether data, labels and split fit a recipe."""


def budget_settings(recipe: Recipe, name: str) -> list[str]:
    """The settings by which a budget of the recipe's paper differs from the recipe; of ``trial``, the least of everything.

    Raises:
        RecipeError: the paper has no such budget.
    """
    if name == TRIAL:
        return _trial(recipe)
    found = paper(recipe.name.split("/")[0])
    return [text for change in changes(found, recipe, budget(found, name)) for text in change.settings]


def _trial(recipe: Recipe) -> list[str]:
    """Small images, few steps, and, where its width is a matter of choice, a narrow network."""
    architecture = recipe.architecture
    side = 112 if architecture.step in (14, 16) else 96  # multiples of the patches of transformers, and of 32
    settings = [] if recipe.detection is None or recipe.detection.sides is None else ["detection.sides=null"]
    settings += [f"phases.{index}.side=null" for index in range(len(recipe.phases))]
    settings += [f"preprocessing.height={side}", f"preprocessing.width={side}", f"cache_side={side}"]
    settings += [f"phases.{index}.epochs=1" for index in range(len(recipe.phases))]
    settings += [f"sampling.batch_size={min(recipe.sampling.batch_size, 8)}", "sampling.images_per_epoch=32"]
    settings += ["indicated.minimum_side=32", "precision=32-true"]
    settings += ["architecture.width=0.35"] if hasattr(architecture, "width") else []
    settings += ["pretraining.epochs=1"] if recipe.pretraining is not None else []
    return settings
