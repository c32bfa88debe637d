"""The recipes, each in a file that can be read beside its paper."""

from __future__ import annotations

from typing import Final

from osteon.core.errors import RecipeError
from osteon.learning.recipe import AnyRecipe, Paper, Recipe
from osteon.learning.recipes import fracatlas, fractuvision, mobilenet_elbow, pediurf, vindr_spinexr

PAPERS: Final[tuple[Paper, ...]] = (
    fracatlas.PAPER,
    pediurf.PAPER,
    mobilenet_elbow.PAPER,
    vindr_spinexr.PAPER,
    fractuvision.PAPER,
)
"""Each file gives the recipes of one paper."""

ALL: Final[tuple[AnyRecipe, ...]] = tuple(recipe for paper in PAPERS for recipe in paper.variants)
"""Of every kind."""

RECIPES: Final[tuple[Recipe, ...]] = tuple(recipe for recipe in ALL if isinstance(recipe, Recipe))
"""Those that ``osteon train`` trains."""


def find(name: str) -> Recipe:
    """The recipe of that name that one run trains; a paper's name stands for the recipe that it proposes.

    Raises:
        RecipeError: there is none, or it is not trained by itself.
    """
    found = find_any(name)
    if isinstance(found, Recipe):
        return found
    parts = ", ".join(part.name for part in found.parts(()))
    raise RecipeError(
        f"{found.name} is not trained by itself",
        hint=f"osteon reproduce {found.name.split('/')[0]} makes it" + (f" from {parts}." if parts else "."),
    )


def find_network(name: str) -> Recipe:
    """The recipe of the network of that name, also of one that is put together from others: what can be measured.

    Raises:
        RecipeError: there is none, or it has no network of Osteon's own.
    """
    found = find_any(name)
    if found.network is None:
        raise RecipeError(
            f"{found.name} has no network of its own that could be measured", expected="a network that osteon trains"
        )
    return found.network


def find_any(name: str) -> AnyRecipe:
    """The recipe of that name, of whatever kind; a paper's name stands for the recipe that it proposes.

    Raises:
        RecipeError: there is none.
    """
    for recipe in ALL:
        if recipe.name == name:
            return recipe
    for known in PAPERS:
        if known.name == name:
            return known.variants[0]
    near = [recipe.name for recipe in ALL if recipe.name.split("/")[0] == name.split("/")[0]] or [
        recipe.name for recipe in ALL
    ]
    raise RecipeError(f"there is no recipe {name!r}", expected=f"one of: {', '.join(near)}")


def paper(name: str) -> Paper:
    """The paper of that name.

    Raises:
        RecipeError: there is none.
    """
    for known in PAPERS:
        if known.name == name:
            return known
    raise RecipeError(f"there is no paper {name!r}", expected=f"one of: {', '.join(known.name for known in PAPERS)}")
