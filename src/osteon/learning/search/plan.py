"""Everything that a search is made of, and the key by which the same command finds it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from osteon.core.errors import RecipeError
from osteon.learning.recipe import Budget, Paper, Recipe, Space, Value
from osteon.learning.recipes import PAPERS
from osteon.learning.reproduce.planning.plan import changes
from osteon.learning.reproduce.planning.source import Source
from osteon.learning.runs.identity import WORDS, numbers_of, without_younger
from osteon.learning.runs.overrides import apply, snapshot
from osteon.learning.runs.write import write_json
from osteon.learning.search.space import Dimension, default_space, fitted, grid, own_point, parse, without

FORMAT: Final = 1
"""Raised when a change of the software makes trials that are kept worthless."""

RECORD: Final = "study.json"
"""In the folder of a search: which search it is."""

Sampler = Literal["tpe", "grid"]


@dataclass(frozen=True)
class Search:
    """A search.

    Attributes:
        recipe: with the settings of the budget and of the user applied.
        settings: these, each ``key=value``.
        dimensions: that are searched.
        space: where they come from.
        source: of the cases.
        sampler: of points.
        prune: whether poor trials are stopped early.
        seed: of the runs and of the sampler.
        trials: how many are wanted in all.
        out: folder of the search.
        storage: URL of the database.
        cache: folder of decoded images.
        threads: of PyTorch, in each worker.
        beat: seconds between the signs of life of a worker; one that gives none for four of them counts as dead.
        command: that makes it.
    """

    recipe: Recipe
    settings: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    space: str
    source: Source
    sampler: Sampler
    prune: bool
    seed: int
    trials: int
    out: Path
    storage: str
    cache: Path
    threads: int
    beat: int
    command: str

    @property
    def metric(self) -> str:
        """The figure of the validation part that is searched for."""
        return self.recipe.selection.metric

    @property
    def name(self) -> str:
        """Of the study in the database: other settings are another study."""
        return f"{self.recipe.name}-{_key(self.content)}"

    @property
    def former_name(self) -> str:
        """What earlier versions call it, whose key counts what the recipe says in prose of its use and its limits."""
        record = {key: value for key, value in without_younger(snapshot(self.recipe)).items() if key not in WORDS}
        return f"{self.recipe.name}-{_key({**self.content, 'recipe': record})}"

    @property
    def content(self) -> dict[str, Any]:
        """What a trial's figure depends on: of the recipe its numbers, not its prose."""
        return {
            "format": FORMAT,
            "recipe": numbers_of(self.recipe),
            "space": {
                dimension.name: [str(dimension.distribution), list(dimension.grid)] for dimension in self.dimensions
            },
            "seed": self.seed,
            "data": self.source.digest,
            "sampler": self.sampler,
            "prune": self.prune,
        }

    def folder(self, number: int) -> Path:
        """The run of a trial, as ``osteon train`` makes it."""
        return self.out / "trials" / f"{number:04d}"

    def points(self) -> list[dict[str, Value]]:
        """Points that are tried in this order: all of a grid, and for TPE the recipe's own, if it lies in the space.

        The recipe's own point is the first: it says what the search gains.
        """
        own = own_point(self.recipe, self.dimensions)
        if self.sampler == "tpe":
            return [own] if own else []
        found = grid(self.dimensions)
        order = np.random.default_rng(self.seed).permutation(len(found))
        shuffled = [found[index] for index in order]
        return sorted(shuffled, key=lambda point: point != own)


def space_of(recipe: Recipe, stated: Sequence[str], fixed: Sequence[str]) -> tuple[tuple[Dimension, ...], str]:
    """What is searched, and who says so.

    Args:
        recipe: with its settings applied.
        stated: ranges of the command line; where there are any, they are the whole space.
        fixed: keys that the user has set; they leave the paper's or the default space.

    Raises:
        RecipeError: a range cannot be read or does not fit the recipe.
    """
    if stated:
        return fitted(recipe, [parse(text) for text in stated], fixed), "stated on the command line"
    found = _paper(recipe).space or default_space(recipe)
    return fitted(recipe, without(found.axes, fixed), fixed), _words(found, fixed)


def prepared(recipe: Recipe, chosen: Budget, given: Sequence[str]) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe with the settings of a budget and of the user, and these settings.

    Raises:
        RecipeError: a setting does not fit the recipe.
    """
    found = tuple(text for change in changes(_paper(recipe), recipe, chosen) for text in change.settings) + tuple(given)
    return apply(recipe, found), found


def claim(search: Search) -> None:
    """Record which search a folder holds.

    Raises:
        RecipeError: it holds another.
    """
    path = search.out / RECORD
    about = {
        "study": search.name,
        "recipe": search.recipe.name,
        "settings": list(search.settings),
        "space": {dimension.name: dimension.words() for dimension in search.dimensions},
        "sampler": search.sampler,
        "prune": search.prune,
        "seed": search.seed,
        "data": search.source.words,
    }
    if path.is_file():
        # Earlier versions called a log scale by other words.
        there = json.loads(path.read_text(encoding="utf-8").replace(", by the logarithm", ", log scale"))
        if there["study"] not in {search.name, search.former_name}:
            differing = [key for key, value in about.items() if key != "study" and there.get(key) != value]
            raise RecipeError(
                f"the folder {search.out} holds another search; it differs in {', '.join(differing) or 'its data'}",
                expected="; ".join(f"{key} {there.get(key)}" for key in differing),
                got="; ".join(f"{key} {about[key]}" for key in differing),
                hint="Choose another folder: --out DIR.",
            )
        return
    search.out.mkdir(parents=True, exist_ok=True)
    write_json(path, about)


def _paper(recipe: Recipe) -> Paper:
    return next(paper for paper in PAPERS if paper.name == recipe.name.split("/")[0])


def _words(found: Space, fixed: Sequence[str]) -> str:
    lost = [key for axis in found.axes for key in axis.keys if key in fixed]
    return f"{found.source}, without {', '.join(lost)}, set by hand" if lost else found.source


def _key(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
