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
from osteon.learning.reproduce.planning.plan import short

NETWORK: Final = Cases("the network of the recipe, counted")
"""What a count of a network is made on."""


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
    return Claims(paper.name, paper.title, (*claimed, *_stated(paper)))


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
    )


def _why(paper: Paper, recipe: AnyRecipe, ran: set[str]) -> str:
    """Why a figure of a recipe is not in the kept report."""
    if short(paper, recipe) in ran:
        return "the kept report has no figure of this name: it is undefined on its cases, or younger than the report"
    if recipe.unavailable:
        return recipe.unavailable
    return f"no run of it is kept; `osteon reproduce {paper.name} --budget full --only NAME` measures it"


def _stated(paper: Paper) -> tuple[Entry, ...]:
    sizes: dict[str, Counts] = {}
    return tuple(_entry(paper, statement, sizes) for statement in paper.statements)


def _entry(paper: Paper, statement: Statement, sizes: dict[str, Counts]) -> Entry:
    ours: Ours | None = None
    if statement.measured:
        if statement.about not in sizes:
            sizes[statement.about] = _size(paper, statement.about)
        ours = Ours(float(getattr(sizes[statement.about], statement.measured)))
    return Entry(
        metric="",
        paper=statement.value,
        paper_sd=None,
        where=statement.where,
        ours=ours,
        why="" if ours else statement.reason,
        data=NETWORK if ours else Cases(""),
        command="osteon models" if ours else "",
        variant=statement.about,
        label=statement.label,
        unit=statement.unit,
        note=statement.note,
    )


def _size(paper: Paper, name: str) -> Counts:
    """How large the network of a recipe is; its weights are never made."""
    (recipe,) = (one.network for one in paper.variants if short(paper, one) == name)
    if recipe is None:
        raise LookupError(name)
    with torch.device("meta"):
        network = build(recipe.architecture, len(recipe.task.labels), recipe.preprocessing.channels, empty=True)
        return counts(network, torch.zeros(1, *recipe.case_shape))
