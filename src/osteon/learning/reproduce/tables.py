"""The paper's tables with ours beside them, from the finished runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osteon.evaluation.claims.claims import Cases, Claims, Entry, compare_claims, measured
from osteon.learning.recipe import AnyRecipe, Budget, Claim, Paper
from osteon.learning.reproduce.plan import short
from osteon.learning.reproduce.results import Variant
from osteon.learning.reproduce.source import Source

OURS = "Without a figure in the paper"
"""Title of the table of recipes for which the paper states nothing."""

OSTEON = "The Osteon developers"
"""Who a recipe is of that stands in no paper."""

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
        remarks: sentences below tables of boxes.
    """

    paper: Paper
    budget: Budget
    source: Source
    commands: Mapping[str, str]
    failed: Mapping[str, str]
    remarks: tuple[str, ...] = ()


def tables(told: Told, found: Sequence[Variant]) -> tuple[Claims, ...]:
    """One table for each of the paper's, in the order of its recipes, and one for what only ours have.

    A recipe that was not run stands there with the paper's figures and the reason.
    """
    by_name = {variant.name: variant for variant in found}
    first = told.paper.variants[0]
    groups: dict[str, list[AnyRecipe]] = {}
    for recipe in told.paper.variants:
        for where in _places(recipe):
            groups.setdefault(where, []).append(recipe)
    made: list[Claims] = []
    for where, recipes in groups.items():
        if where == OURS:
            entries = [one for recipe in recipes for one in _ours(recipe, told, by_name)]
        else:
            # A row alone says little: the proposal stands beside it.
            alone = len(recipes) == 1 and recipes[0] is not first and recipes[0].task == first.task
            rows = [first, *recipes] if alone else recipes
            entries = [one for recipe in rows for one in _beside(recipe, told, by_name, where)]
        if entries:
            made.append(Claims(where, told.paper.title, tuple(entries), _notes(told, found, entries)))
    return tuple(made)


def _places(recipe: AnyRecipe) -> tuple[str, ...]:
    """Where the paper states a recipe's figures: in a table, with what the text adds to it; or in several parts of one."""
    if not recipe.claims:
        return (OURS,)
    tables = dict.fromkeys(claim.where for claim in recipe.claims if claim.where.startswith("Table"))
    return tuple(tables) if len(tables) > 1 else (recipe.claims[0].where,)


def _stated(recipe: AnyRecipe, where: str) -> tuple[Claim, ...]:
    """The claims of a recipe that stand in a table; what the text adds comes after the last."""
    places = _places(recipe)
    if len(places) < 2 or where not in places:
        return recipe.claims
    rest = [claim for claim in recipe.claims if claim.where not in places] if where == places[-1] else []
    return (*(claim for claim in recipe.claims if claim.where == where), *rest)


def _beside(recipe: AnyRecipe, told: Told, found: Mapping[str, Variant], where: str) -> tuple[Entry, ...]:
    name = short(told.paper, recipe)
    variant = found.get(name)
    return compare_claims(
        _stated(recipe, where),
        variant.figures if variant else {},
        data=_cases(variant, told),
        command=told.commands.get(name, "") if variant else "",
        variant=name,
        why=UNDEFINED if variant else _why(recipe, told),
    )


def _ours(recipe: AnyRecipe, told: Told, found: Mapping[str, Variant]) -> tuple[Entry, ...]:
    name = short(told.paper, recipe)
    variant = found.get(name)
    if variant is None:
        return ()
    figures = variant.figures
    # Of the paper's recipes the first of the same task says which figures are shown.
    first = next(one for one in told.paper.variants if one.claims and one.task == recipe.task)
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


def _why(recipe: AnyRecipe, told: Told) -> str:
    name = short(told.paper, recipe)
    if name in told.failed:
        return f"its run failed: {told.failed[name]}"
    return recipe.unavailable or "it was not run here"


def _notes(told: Told, found: Sequence[Variant], entries: Sequence[Entry]) -> tuple[str, ...]:
    notes = [f"Data: {told.source.words}."]
    shown = {entry.variant for entry in entries}
    recipes = [recipe for recipe in told.paper.variants if short(told.paper, recipe) in shown]
    if any(recipe.finds_boxes for recipe in recipes):
        notes += told.remarks
    notes += [
        f"{short(told.paper, recipe)} is not the paper's network: {recipe.summary}"
        for recipe in recipes
        if recipe.source.startswith(OSTEON) and told.paper.variants[0].source != recipe.source
    ]
    if told.budget.changes:
        notes.append(f"The budget {told.budget.name} changes settings of the paper; they are listed in the report.")
    short_of = [variant.name for variant in found if len(variant.runs) == 1 and variant.name in shown]
    if short_of:
        notes.append(f"One seed only, with the interval over cases in place of ±: {', '.join(short_of)}.")
    return tuple(notes)
