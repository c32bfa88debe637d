"""The recipes, each in a file that can be read beside its paper."""

from __future__ import annotations

from typing import Final

from osteon.core.errors import RecipeError
from osteon.learning.recipe import Recipe
from osteon.learning.recipes import fracatlas, mobilenet_elbow

RECIPES: Final[tuple[Recipe, ...]] = (fracatlas.RECIPE, mobilenet_elbow.RECIPE)


def find(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        RecipeError: there is none.
    """
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    raise RecipeError(f"there is no recipe {name!r}", expected=f"one of: {', '.join(r.name for r in RECIPES)}")
