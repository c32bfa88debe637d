"""A paper: the recipes whose figures stand beside each other in its tables."""

from __future__ import annotations

from dataclasses import dataclass

from osteon.learning.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper and its recipes.

    Attributes:
        name: of the paper, as ``osteon reproduce`` calls it.
        title: of the paper.
        variants: the recipes that it compares; the first is the one that it proposes, which ``name`` alone stands for.
    """

    name: str
    title: str
    variants: tuple[Recipe, ...]
