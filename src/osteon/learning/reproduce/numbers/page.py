"""Papers and product side by side, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from osteon.evaluation.claims.page import claims_markdown
from osteon.learning.recipe import AnyRecipe, Paper
from osteon.learning.reproduce.numbers.collect import numbers_of
from osteon.learning.reproduce.planning.plan import short


def papers_markdown(papers: Sequence[Paper]) -> str:
    """For each paper all its numbers with ours, and for each recipe what the paper leaves out and where we depart."""
    return "\n".join(_paper(one) for one in papers)


def _paper(paper: Paper) -> str:
    table = claims_markdown(numbers_of(paper), "lines", digits=4).replace("### ", "## ", 1)
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[AnyRecipe]] = {}
    for recipe in paper.variants:
        groups.setdefault((recipe.unstated, recipe.deviations), []).append(recipe)
    parts = [table]
    for (unstated, deviations), recipes in groups.items():
        parts.append(f"### Settings of {_names(paper, recipes)}\n")
        for title, lines in (("The paper does not say", unstated), ("We depart", deviations)):
            if lines:
                parts.append(f"{title}:\n\n" + "\n".join(f"- {line}" for line in lines) + "\n")
        if not unstated and not deviations:
            parts.append("As the paper has them.\n")
    return "\n".join(parts)


def _names(paper: Paper, recipes: Sequence[AnyRecipe]) -> str:
    return ", ".join(f"`{short(paper, recipe)}`" for recipe in recipes)
