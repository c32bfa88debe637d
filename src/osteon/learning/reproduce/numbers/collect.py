"""All numbers of a paper as one table of claims."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch

from osteon.evaluation.claims.claims import Cases, Claims, Entry, Ours
from osteon.learning.models import build
from osteon.learning.models.counts import Counts, counts
from osteon.learning.recipe import AnyRecipe, Claim, Paper, Statement
from osteon.learning.reproduce.numbers.evidence import Found, evidence_of
from osteon.learning.reproduce.numbers.settings import is_searched, setting_of
from osteon.learning.reproduce.planning.plan import short

NETWORK: Final = Cases("the network of the recipe, counted")
"""What a count of a network is made on."""

SETTING: Final = Cases("the recipe's own setting")
SPACE: Final = Cases("the search space of the paper's recipes")


def numbers_of(paper: Paper, folder: Path | None = None) -> Claims:
    """Every number of a paper: those that its recipes claim, and then the others.

    Args:
        paper: whose numbers.
        folder: of the reports that hold ours; None takes those that come with Osteon.

    Raises:
        DataError: a report is damaged.
    """
    known = evidence_of(paper.name, folder)
    claimed = tuple(_claimed(paper, recipe, claim, known) for recipe in paper.variants for claim in recipe.claims)
    return Claims(paper.name, paper.title, (*claimed, *_stated(paper, known)))


def _claimed(paper: Paper, recipe: AnyRecipe, claim: Claim, known: Mapping[tuple[str, str], Found]) -> Entry:
    name = short(paper, recipe)
    found = known.get((name, claim.metric))
    return Entry(
        metric=claim.metric,
        paper=claim.value,
        paper_sd=claim.spread,
        where=claim.where,
        ours=found.ours if found else None,
        why="" if found else _why(paper, recipe, {variant for variant, _ in known}),
        data=found.data if found else Cases(""),
        command=found.command if found else "",
        variant=name,
        paper_low=claim.low,
        paper_high=claim.high,
        note=claim.note,
        kind=claim.kind,
    )


def _why(paper: Paper, recipe: AnyRecipe, ran: set[str]) -> str:
    """Why a figure of a recipe is not in the kept report."""
    if short(paper, recipe) in ran:
        return "the kept report has no figure of this name: it is undefined on its cases, or younger than the report"
    if recipe.unavailable:
        return recipe.unavailable
    return f"no run of it is kept; `osteon reproduce {paper.name} --budget full --only NAME` measures it"


def _stated(paper: Paper, known: Mapping[tuple[str, str], Found]) -> tuple[Entry, ...]:
    sizes: dict[str, Counts] = {}
    return tuple(_entry(paper, statement, sizes, known) for statement in paper.statements)


def _entry(
    paper: Paper, statement: Statement, sizes: dict[str, Counts], known: Mapping[tuple[str, str], Found]
) -> Entry:
    found = _found(paper, statement, sizes, known)
    setting = bool(statement.setting or statement.searched)
    return Entry(
        metric="",
        paper=statement.value,
        paper_sd=None,
        where=statement.where,
        ours=found.ours if found else None,
        why="" if found else _why_not(paper, statement, known),
        data=found.data if found else Cases(""),
        command=found.command if found else "",
        variant=statement.about,
        label=statement.label,
        unit=statement.unit,
        note=statement.note,
        kind="setting" if setting else "share",
    )


def _found(
    paper: Paper, statement: Statement, sizes: dict[str, Counts], known: Mapping[tuple[str, str], Found]
) -> Found | None:
    """Ours of a statement: a setting of its recipe, a count of its network, or of the cases that it was measured on."""
    if statement.setting:
        recipe = _recipe(paper, statement.about)
        value = setting_of(paper, recipe, statement.setting)
        return Found(Ours(value), SETTING, f"osteon recipes {recipe.name}")
    if statement.searched:
        value = statement.value
        if value is None or not is_searched(paper, statement.searched, value):
            return None
        return Found(Ours(value), SPACE, f"osteon search {_recipe(paper, statement.about).name}")
    match statement.measured:
        case "":
            return None
        case "parameters" | "multiply_adds":
            if statement.about not in sizes:
                sizes[statement.about] = _size(paper, statement.about)
            return Found(Ours(float(getattr(sizes[statement.about], statement.measured))), NETWORK, "osteon models")
        case "test_images" | "majority":
            of_recipe = next((one for (name, _), one in known.items() if name == statement.about), None)
            return None if of_recipe is None else _of_cases(of_recipe, statement)


def _of_cases(found: Found, statement: Statement) -> Found | None:
    """How many images the cases of a recipe are, or the share of the larger class."""
    images, positive = found.data.images, found.data.positive
    if images is None or (statement.measured == "majority" and positive is None):
        return None
    value = (
        images if positive is None or statement.measured == "test_images" else max(positive, images - positive) / images
    )
    return Found(Ours(float(value), n=images), found.data, found.command)


def _why_not(paper: Paper, statement: Statement, known: Mapping[tuple[str, str], Found]) -> str:
    if statement.reason:
        return statement.reason
    if statement.searched:
        return "the recipe's search does not try it"
    return _why(paper, _recipe(paper, statement.about), {variant for variant, _ in known})


def _recipe(paper: Paper, name: str) -> AnyRecipe:
    """A recipe by its short name.

    Raises:
        LookupError: there is none.
    """
    for recipe in paper.variants:
        if short(paper, recipe) == name:
            return recipe
    raise LookupError(name)


def _size(paper: Paper, name: str) -> Counts:
    """How large the network of a recipe is; its weights are never made."""
    recipe = _recipe(paper, name).network
    if recipe is None:
        raise LookupError(name)
    with torch.device("meta"):
        network = build(recipe.architecture, len(recipe.task.labels), recipe.preprocessing.channels, empty=True)
        return counts(network, torch.zeros(1, *recipe.case_shape))
