"""The runs of a reproduction: one for each recipe and seed, each with a folder of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.core.errors import RecipeError
from osteon.learning.recipe import AnyRecipe, Budget, Change, Paper
from osteon.learning.reproduce.planning.members import in_order
from osteon.learning.reproduce.planning.source import Source
from osteon.learning.runs.identity import numbers_of
from osteon.learning.runs.overrides import apply, leaves

FORMAT: Final = 1
"""Increased when a change of the software invalidates finished runs."""


@dataclass(frozen=True)
class Work:
    """One run.

    Attributes:
        name: short name of the recipe.
        recipe: with the settings of the budget applied.
        settings: each ``key=value``.
        seed: of the run.
        data: folder of the dataset.
        folder: of everything that belongs to the run.
        cache: folder of decoded images.
        resamples: of the bootstrap.
        members: folders of the runs that it is made of: of an ensemble its members; of a decision fusion the
            classifier, and then the detectors of which the best is taken.
    """

    name: str
    recipe: AnyRecipe
    settings: tuple[str, ...]
    seed: int
    data: Path
    folder: Path
    cache: Path
    resamples: int
    members: tuple[Path, ...] = ()

    @property
    def run(self) -> Path:
        """The run, as ``osteon train`` makes it."""
        return self.folder / "run"

    @property
    def bundle(self) -> Path:
        """The bundle, as ``osteon export`` makes it."""
        return self.folder / "bundle.osteon"

    @property
    def evaluation(self) -> Path:
        """The evaluation, as ``osteon evaluate`` makes it."""
        return self.folder / "evaluation"

    @property
    def done(self) -> Path:
        """Written last: seconds, figure of the validation part, weights."""
        return self.folder / "done.json"


def short(paper: Paper, recipe: AnyRecipe) -> str:
    """Name of a recipe within its paper: ``pediurf/urfnet`` is ``urfnet``; the recipe called like the paper keeps it."""
    return recipe.name.removeprefix(f"{paper.name}/")


def variants(paper: Paper, names: Sequence[str]) -> tuple[AnyRecipe, ...]:
    """Recipes of a paper by their short or full names, in the paper's order.

    Raises:
        RecipeError: the paper has no recipe of a name.
    """
    known = {short(paper, recipe): recipe for recipe in paper.variants}
    wanted = [name.removeprefix(f"{paper.name}/") for name in names]
    strange = [name for name in wanted if name not in known]
    if strange:
        raise RecipeError(f"{paper.name} has no recipe {strange[0]!r}", expected=f"one or more of: {', '.join(known)}")
    return tuple(recipe for name, recipe in known.items() if name in wanted)


def budget(paper: Paper, name: str) -> Budget:
    """The budget of that name.

    Raises:
        RecipeError: there is none.
    """
    for one in paper.budgets:
        if one.name == name:
            return one
    raise RecipeError(
        f"{paper.name} has no budget {name!r}", expected=f"one of: {', '.join(one.name for one in paper.budgets)}"
    )


def changes(paper: Paper, recipe: AnyRecipe, chosen: Budget) -> tuple[Change, ...]:
    """What a budget changes in a recipe; nothing in one that is put together from others, which are changed."""
    if not recipe.settable:
        return ()
    return tuple(one for one in chosen.changes if not one.variants or short(paper, recipe) in one.variants)


def changed(before: AnyRecipe, after: AnyRecipe) -> dict[str, tuple[object, object]]:
    """Fields that differ, with the value before and after; None where there is none."""
    old, new = leaves(before), leaves(after)
    names = dict.fromkeys((*old, *new))
    return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}


def plan(
    paper: Paper, chosen: Budget, data: Source, out: Path, *, only: Sequence[str] = (), seeds: int | None = None
) -> tuple[Work, ...]:
    """The runs, members of ensembles and fusions before these.

    Args:
        paper: to reproduce.
        chosen: of its budgets.
        data: the cases.
        out: where everything goes.
        only: names of recipes; empty takes those of the budget that can be run here. The members of an
            ensemble or a decision fusion are added.
        seeds: their number; None takes those of the budget.

    Raises:
        RecipeError: a recipe is unknown, or a setting of the budget does not fit it.
    """
    names = [short(paper, recipe) for recipe in paper.variants]
    wanted = [recipe for recipe in variants(paper, only or chosen.variants or names) if only or not recipe.unavailable]
    found: list[Work] = []
    folders: dict[tuple[str, int], Path] = {}
    for recipe, parts in in_order(paper, wanted):
        for seed in _seeds(recipe, chosen, seeds):
            members = tuple(folders[one.name, seed] for one in parts)
            work = _work(paper, recipe, chosen, data, out, seed, members)
            folders[recipe.name, seed] = work.folder
            found.append(work)
    return tuple(found)


def expected_minutes(paper: Paper, chosen: Budget, data: Source, out: Path, works: Sequence[Work]) -> float | None:
    """Estimated minutes of the runs that are not done on two CPUs, from those of the whole budget.

    Args:
        paper: to reproduce.
        chosen: of its budgets.
        data: the cases.
        out: where everything goes.
        works: that are to be done.

    Returns:
        None where the budget was not measured, or the data are not its phantoms.
    """
    if chosen.minutes is None or not data.simulated:
        return None
    left = sum(not work.done.is_file() for work in works)
    return chosen.minutes * left / len(plan(paper, chosen, data, out))


def _seeds(recipe: AnyRecipe, chosen: Budget, count: int | None) -> tuple[int, ...]:
    stated = chosen.seeds or recipe.seeds
    if count is None:
        return stated
    return (*recipe.seeds, *range(max(recipe.seeds) + 1, max(recipe.seeds) + 1 + count))[:count]


def _work(
    paper: Paper, recipe: AnyRecipe, chosen: Budget, data: Source, out: Path, seed: int, members: tuple[Path, ...]
) -> Work:
    settings = tuple(setting for change in changes(paper, recipe, chosen) for setting in change.settings)
    applied = apply(recipe, settings)
    name = short(paper, recipe)
    content = {
        "format": FORMAT,
        "recipe": numbers_of(applied),
        "seed": seed,
        "data": data.digest,
        "resamples": chosen.resamples,
        "members": [one.name for one in members],
    }
    folder = out / "runs" / f"{name}-{seed}-{_key(content)}"
    resamples = chosen.resamples
    return Work(name, applied, settings, seed, data.root, folder, out / "cache", resamples, members)


def _key(content: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
