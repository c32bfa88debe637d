"""What a run depends on: a recipe's numbers, without its prose and what its paper claims.

Runs are resumed, and found again by ``osteon reproduce``, by this: a sentence or a claim that was added to a recipe since does
not change what was trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from osteon.learning.recipe import AnyRecipe
from osteon.learning.runs.overrides import snapshot

WORDS: Final = ("summary", "source", "claims", "unstated", "deviations", "seeds", "intended_use", "not_for", "limits")
"""Fields of a recipe, and of its indications, that change no result."""

YOUNGER: Final[Mapping[str, Any]] = {
    "optimizer.clip_by": "norm",
    "preprocessing.crop": None,
    "architecture.backbone": None,
    "augmentation.aspect": 0.0,
    "augmentation.turn_share": 0.0,
    "phases.*.augmentation.aspect": 0.0,
    "phases.*.augmentation.turn_share": 0.0,
    "sampling.hard_share": 0.0,
    "sampling.paste_share": 0.0,
    "loss.consistency": 0.0,
    "loss.teacher": 0.0,
    "split.lists": ["train", "val", "test"],
    "split.unlisted": False,
}
"""Fields that runs of earlier versions do not have, with what these did; with that value they are left out. ``*`` stands for each
of several records."""


def numbers_of(recipe: AnyRecipe) -> dict[str, Any]:
    """A recipe as plain JSON values without prose and claims."""
    return _without_words(without_younger(snapshot(recipe)))


def same_numbers(first: AnyRecipe, second: AnyRecipe) -> bool:
    """Whether two recipes train the same, whatever they say in prose and claim."""
    return numbers_of(first) == numbers_of(second)


def without_younger(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A recipe's snapshot without the fields of :data:`YOUNGER` that say what earlier versions did."""
    return {
        key: _inner(value, f"{prefix}{key}.")
        for key, value in record.items()
        if f"{prefix}{key}" not in YOUNGER or YOUNGER[f"{prefix}{key}"] != value
    }


def _inner(value: Any, prefix: str) -> Any:
    """A record within a record, or each of several, without younger fields; anything else as it is."""
    if isinstance(value, Mapping):
        return without_younger(cast("Mapping[str, Any]", value), prefix)
    if isinstance(value, list):
        return [_inner(one, f"{prefix}*.") for one in cast("list[Any]", value)]
    return value


def _without_words(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_words(value) if isinstance(value, Mapping) else value
        for key, value in record.items()
        if key not in WORDS
    }
