"""The paper's tables with ours beside them, from the finished runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osteon.evaluation.claims.claims import Cases, Claims, Entry, compare_claims, measured
from osteon.learning.recipe import AnyRecipe, Budget, Claim, Paper
from osteon.learning.reproduce.planning.plan import short
from osteon.learning.reproduce.planning.source import Source
from osteon.learning.reproduce.results.outcomes import Variant

OURS = "Without a figure in the paper"
"""Title of the table of recipes for which the paper states no figure."""

OSTEON = "The Osteon developers"
"""Source of recipes that are in no paper."""

UNDEFINED = "it has no interval on these cases: too few of a class, or all have the same call"
"""Why a figure of an evaluation is missing."""


@dataclass(frozen=True)
class TableContext:
    """What the tables show in addition to figures.

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


def tables(context: TableContext, found: Sequence[Variant]) -> tuple[Claims, ...]:
    """One table for each of the paper's, in the order of its recipes, and one for recipes without figures in the paper.

    A recipe that was not run is listed with the paper's figures and the reason.
    """
    by_name = {variant.name: variant for variant in found}
    first = context.paper.variants[0]
    groups: dict[str, list[AnyRecipe]] = {}
    for recipe in context.paper.variants:
        for where in _places(recipe):
            groups.setdefault(where, []).append(recipe)
    made: list[Claims] = []
    for where, recipes in groups.items():
        if where == OURS:
            entries = [one for recipe in recipes for one in _ours(recipe, context, by_name)]
        else:
            # A single row says little: the paper's proposal is added.
            alone = len(recipes) == 1 and recipes[0] is not first and recipes[0].task == first.task
            rows = [first, *recipes] if alone else recipes
            entries = [one for recipe in rows for one in _beside(recipe, context, by_name, where)]
        if entries:
            made.append(Claims(where, context.paper.title, tuple(entries), _notes(context, found, entries)))
    return tuple(made)


def _places(recipe: AnyRecipe) -> tuple[str, ...]:
    """Where the paper states a recipe's figures: in a table, with those of the text; or in several parts of one."""
    if not recipe.claims:
        return (OURS,)
    tables = dict.fromkeys(claim.table for claim in recipe.claims if claim.table)
    return tuple(tables) or (recipe.claims[0].where,)


def _stated(recipe: AnyRecipe, where: str) -> tuple[Claim, ...]:
    """The claims of a recipe in a table; those of the text come after the last."""
    places = _places(recipe)
    if len(places) < 2 or where not in places:
        return recipe.claims
    rest = [claim for claim in recipe.claims if not claim.table] if where == places[-1] else []
    return (*(claim for claim in recipe.claims if claim.table == where), *rest)


def _beside(recipe: AnyRecipe, context: TableContext, found: Mapping[str, Variant], where: str) -> tuple[Entry, ...]:
    name = short(context.paper, recipe)
    variant = found.get(name)
    return compare_claims(
        _stated(recipe, where),
        variant.figures if variant else {},
        data=_cases(variant, context),
        command=context.commands.get(name, "") if variant else "",
        variant=name,
        why=UNDEFINED if variant else _why(recipe, context),
    )


def _ours(recipe: AnyRecipe, context: TableContext, found: Mapping[str, Variant]) -> tuple[Entry, ...]:
    name = short(context.paper, recipe)
    variant = found.get(name)
    if variant is None:
        return ()
    figures = variant.figures
    # The figures are those of the paper's first recipe of the same task.
    first = next(one for one in context.paper.variants if one.claims and one.task == recipe.task)
    return tuple(
        Entry(
            metric=claim.metric,
            paper=None,
            paper_sd=None,
            where="",
            ours=measured(figures[claim.metric]),
            why="",
            data=_cases(variant, context),
            command=context.commands.get(name, ""),
            variant=name,
            kind=claim.kind,
        )
        for claim in first.claims
        if claim.metric in figures
    )


def _cases(variant: Variant | None, context: TableContext) -> Cases:
    if variant is None:
        return Cases("")
    table = variant.runs[0].predictions
    known = bool((table.label >= 0).any())
    positive = int((table.label == 1).sum()) if known else None
    return Cases("test part", len(table), positive, simulated=context.source.simulated)


def _why(recipe: AnyRecipe, context: TableContext) -> str:
    name = short(context.paper, recipe)
    if name in context.failed:
        return f"its run failed: {context.failed[name]}"
    return recipe.unavailable or "it was not run here"


def _notes(context: TableContext, found: Sequence[Variant], entries: Sequence[Entry]) -> tuple[str, ...]:
    notes = [f"Data: {context.source.words}."]
    shown = {entry.variant for entry in entries}
    recipes = [recipe for recipe in context.paper.variants if short(context.paper, recipe) in shown]
    if any(recipe.finds_boxes for recipe in recipes):
        notes += context.remarks
    notes += [
        f"{short(context.paper, recipe)} is not the paper's network: {recipe.summary}"
        for recipe in recipes
        if recipe.source.startswith(OSTEON) and context.paper.variants[0].source != recipe.source
    ]
    if context.budget.changes:
        notes.append(f"The budget {context.budget.name} changes settings of the paper; they are listed in the report.")
    short_of = [variant.name for variant in found if len(variant.runs) == 1 and variant.name in shown]
    if short_of:
        notes.append(f"One seed only, with the interval over cases in place of ±: {', '.join(short_of)}.")
    return tuple(notes)
