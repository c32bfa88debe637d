"""The members of composite recipes: of an ensemble, its networks; of a decision fusion, the classifier and the detectors."""

from __future__ import annotations

from collections.abc import Sequence

from osteon.core.errors import RecipeError
from osteon.learning.recipe import AnyRecipe, Paper


def in_order(paper: Paper, wanted: Sequence[AnyRecipe]) -> list[tuple[AnyRecipe, tuple[AnyRecipe, ...]]]:
    """The wanted recipes and all their members, each with its members and after them.

    Args:
        paper: whose recipes they are.
        wanted: in any order.

    Raises:
        RecipeError: the paper has no recipe for a member.
    """
    parts: dict[str, tuple[AnyRecipe, ...]] = {}
    waiting = list(wanted)
    # Fusions come last here, so that it is known which of their members are wanted in any case.
    waiting.sort(key=lambda recipe: recipe.fuses)
    while waiting:
        recipe = waiting.pop(0)
        if recipe.name not in parts:
            parts[recipe.name] = _parts(paper, recipe, set(parts))
            waiting += parts[recipe.name]
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 1 + max((depth(part.name) for part in parts[name]), default=-1)
        return depths[name]

    kept = [recipe for recipe in paper.variants if recipe.name in parts]
    kept.sort(key=lambda recipe: depth(recipe.name))
    return [(recipe, parts[recipe.name]) for recipe in kept]


def _parts(paper: Paper, recipe: AnyRecipe, wanted: set[str]) -> tuple[AnyRecipe, ...]:
    """The paper's recipes whose runs a recipe is made of; none where it is trained."""
    by_name = {variant.name: variant for variant in paper.variants}
    names = [part.name for part in recipe.parts(wanted)]
    if lost := [name for name in names if name not in by_name]:
        raise RecipeError(f"{paper.name} has no recipe {lost[0]}, which is a member of {recipe.name}")
    return tuple(by_name[name] for name in names)
