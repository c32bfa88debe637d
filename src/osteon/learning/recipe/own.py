"""Recipes for one's own data: the small budget, and what a single run cannot train."""

from __future__ import annotations

from typing import Final

from osteon.core.errors import RecipeError
from osteon.data.datasets import find as find_dataset
from osteon.learning.models.published import find as find_published
from osteon.learning.recipe import DecisionFusion, Ensemble, Recipe, Standard, YoloDetector
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
    return [text for one in changes(found, recipe, budget(found, name)) for text in one.settings]


def _trial(recipe: Recipe) -> list[str]:
    """Small images, few steps, and, where its width is a matter of choice, a narrow network."""
    architecture = recipe.architecture
    step = find_published(architecture.model).step if isinstance(architecture, Standard) else 1
    side = 112 if step > 1 else 96  # a multiple of the patches of transformers, 14 and 16; of two strides, 32
    settings = [] if recipe.detection is None or recipe.detection.sides is None else ["detection.sides=null"]
    settings += [f"phases.{index}.side=null" for index in range(len(recipe.phases))]
    settings += [f"preprocessing.height={side}", f"preprocessing.width={side}", f"cache_side={side}"]
    settings += [f"phases.{index}.epochs=1" for index in range(len(recipe.phases))]
    settings += [f"sampling.batch_size={min(recipe.sampling.batch_size, 8)}", "sampling.images_per_epoch=32"]
    settings += ["indicated.minimum_side=32", "precision=32-true"]
    settings += ["architecture.width=0.35"] if hasattr(architecture, "width") else []
    settings += ["pretraining.epochs=1"] if recipe.pretraining is not None else []
    return settings


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
