"""The members of composite recipes: of an ensemble, its networks; of a decision fusion, the classifier and the detectors."""

from __future__ import annotations

from collections.abc import Sequence

from osteon.core.errors import RecipeError
from osteon.learning.recipe import DecisionFusion, Ensemble, Paper, Recipe


def in_order(paper: Paper, wanted: Sequence[Recipe]) -> list[tuple[Recipe, tuple[Recipe, ...]]]:
    """The wanted recipes and all their members, each with its members and after them.

    Args:
        paper: whose recipes they are.
        wanted: in any order.

    Raises:
        RecipeError: the paper has no recipe for a member.
    """
    parts: dict[str, tuple[Recipe, ...]] = {}
    waiting = list(wanted)
    # Composites come last here, so that it is known which of their members are wanted in any case.
    waiting.sort(key=lambda recipe: isinstance(recipe.architecture, DecisionFusion))
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


def _parts(paper: Paper, recipe: Recipe, wanted: set[str]) -> tuple[Recipe, ...]:
    """The recipes whose runs a recipe is made of; none where it is trained."""
    match recipe.architecture:
        case Ensemble(members=members):
            by_network = {repr(one.architecture): one for one in paper.variants}
            lost = [member.model for member in members if repr(member) not in by_network]
            if lost:
                raise RecipeError(f"no recipe of {paper.name} trains the member {lost[0]} of {recipe.name}")
            return tuple(by_network[repr(member)] for member in members)
        case DecisionFusion(classifier=classifier, detectors=detectors):
            by_name = {one.name: one for one in paper.variants}
            chosen = [name for name in detectors if name in wanted] or list(detectors[:1])
            lost = [name for name in (classifier, *chosen) if name not in by_name]
            if lost:
                raise RecipeError(f"{paper.name} has no recipe {lost[0]}, which is a member of {recipe.name}")
            return tuple(by_name[name] for name in (classifier, *chosen))
        case _:
            return ()
