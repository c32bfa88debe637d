"""The recipes, each in a file that can be read beside its paper."""

from __future__ import annotations

from typing import Final

from osteon.core.errors import RecipeError
from osteon.learning.recipe import Paper, Recipe
from osteon.learning.recipes import fracatlas, fractuvision, mobilenet_elbow, pediurf, vindr_spinexr

PAPERS: Final[tuple[Paper, ...]] = (
    fracatlas.PAPER,
    pediurf.PAPER,
    mobilenet_elbow.PAPER,
    vindr_spinexr.PAPER,
    fractuvision.PAPER,
)
"""Each file gives the recipes of one paper."""

RECIPES: Final[tuple[Recipe, ...]] = tuple(recipe for paper in PAPERS for recipe in paper.variants)


def find(name: str) -> Recipe:
    """The recipe of that name; a paper's name stands for the recipe that it proposes.

    Raises:
        RecipeError: there is none.
    """
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    for paper in PAPERS:
        if paper.name == name:
            return paper.variants[0]
    near = [recipe.name for recipe in RECIPES if recipe.name.split("/")[0] == name.split("/")[0]] or [
        recipe.name for recipe in RECIPES
    ]
    raise RecipeError(f"there is no recipe {name!r}", expected=f"one of: {', '.join(near)}")


def paper(name: str) -> Paper:
    """The paper of that name.

    Raises:
        RecipeError: there is none.
    """
    for one in PAPERS:
        if one.name == name:
            return one
    raise RecipeError(f"there is no paper {name!r}", expected=f"one of: {', '.join(one.name for one in PAPERS)}")
