"""The paper's tables with ours beside them, from the finished runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osteon.evaluation.claims import Cases, Claims, Entry, beside, measured
from osteon.learning.recipe import Budget, Paper, Recipe
from osteon.learning.reproduce.plan import short
from osteon.learning.reproduce.results import Variant
from osteon.learning.reproduce.source import Source

OURS = "Without a figure in the paper"
"""Title of the table of recipes for which the paper states nothing."""

UNDEFINED = "it has no interval on these cases: too few of a class, or all are called alike"
"""Why a figure that an evaluation knows is not in it."""


@dataclass(frozen=True)
class Told:
    """What the tables say beside figures.

    Attributes:
        paper: that is reproduced.
        budget: that was run.
        source: of the cases.
        commands: that make the runs of a recipe, by short name.
        failed: recipes with a run that failed, by short name, and why.
    """

    paper: Paper
    budget: Budget
    source: Source
    commands: Mapping[str, str]
    failed: Mapping[str, str]


def tables(told: Told, found: Sequence[Variant]) -> tuple[Claims, ...]:
    """One table for each of the paper's, in the order of its recipes, and one for what only ours have.

    A recipe that was not run stands there with the paper's figures and the reason.
    """
    by_name = {variant.name: variant for variant in found}
    first = told.paper.variants[0]
    groups: dict[str, list[Recipe]] = {}
    for recipe in told.paper.variants:
        groups.setdefault(recipe.claims[0].where if recipe.claims else OURS, []).append(recipe)
    made: list[Claims] = []
    for where, recipes in groups.items():
        if where == OURS:
            entries = [one for recipe in recipes for one in _ours(recipe, first, told, by_name)]
        else:
            # A row alone says little: the proposal stands beside it.
            rows = [first, *recipes] if len(recipes) == 1 and recipes[0] is not first else recipes
            entries = [one for recipe in rows for one in _beside(recipe, told, by_name)]
        if entries:
            made.append(Claims(where, told.paper.title, tuple(entries), _notes(told, found)))
    return tuple(made)


def _beside(recipe: Recipe, told: Told, found: Mapping[str, Variant]) -> tuple[Entry, ...]:
    name = short(told.paper, recipe)
    variant = found.get(name)
    return beside(
        recipe.claims,
        variant.figures if variant else {},
        data=_cases(variant, told),
        command=told.commands.get(name, "") if variant else "",
        variant=name,
        why=UNDEFINED if variant else _why(name, told),
    )


def _ours(recipe: Recipe, first: Recipe, told: Told, found: Mapping[str, Variant]) -> tuple[Entry, ...]:
    name = short(told.paper, recipe)
    variant = found.get(name)
    if variant is None:
        return ()
    figures = variant.figures
    return tuple(
        Entry(
            metric=claim.metric,
            paper=None,
            paper_sd=None,
            where="",
            ours=measured(figures[claim.metric]),
            why="",
            data=_cases(variant, told),
            command=told.commands.get(name, ""),
            variant=name,
        )
        for claim in first.claims
        if claim.metric in figures
    )


def _cases(variant: Variant | None, told: Told) -> Cases:
    if variant is None:
        return Cases("")
    table = variant.runs[0].predictions
    known = bool((table.label >= 0).any())
    positive = int((table.label == 1).sum()) if known else None
    return Cases("test part", len(table), positive, simulated=told.source.simulated)


def _why(name: str, told: Told) -> str:
    if name in told.failed:
        return f"its run failed: {told.failed[name]}"
    return "it was not run here"


def _notes(told: Told, found: Sequence[Variant]) -> tuple[str, ...]:
    notes = [f"Data: {told.source.words}."]
    if told.budget.changes:
        notes.append(f"The budget {told.budget.name} changes settings of the paper; they are listed in the report.")
    short_of = [variant.name for variant in found if len(variant.runs) == 1]
    if short_of:
        notes.append(f"One seed only, with the interval over cases in place of ±: {', '.join(short_of)}.")
    return tuple(notes)
