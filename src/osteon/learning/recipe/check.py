"""What a recipe's parts must agree on once all of its settings are made."""

from __future__ import annotations

import dataclasses
import math
from functools import cache
from typing import Any, Final

from osteon.core.errors import RecipeError
from osteon.learning.recipe.ranges import LARGEST_SIDE, SMALLEST_SIDE
from osteon.learning.recipe.recipe import Recipe
from osteon.learning.recipe.training import ReduceOnPlateau

OF_CLASSIFIERS: Final = ("val_auroc", "val_average_precision", "val_accuracy", "val_loss")
OF_DETECTORS: Final = ("val_map50", "val_map", "val_froc", "val_auroc")
"""Figures that an epoch of a classifier and of a detector may be selected by."""


def check(recipe: Recipe) -> None:
    """Check what fields must agree on.

    Raises:
        RecipeError: two of them contradict each other, or a number is not finite.
    """
    for key, value in _numbers(recipe, ""):
        if not math.isfinite(value):
            raise RecipeError(f"the setting {key} is out of range", expected="a finite number", got=str(value))
    _check_split(recipe)
    _check_task(recipe)
    _check_selection(recipe)
    preprocessing, indicated = recipe.preprocessing, recipe.indicated
    for side in (preprocessing.height, preprocessing.width):
        if not SMALLEST_SIDE <= side <= LARGEST_SIDE:
            raise RecipeError(
                "the input is out of range",
                expected=f"sides of {SMALLEST_SIDE} to {LARGEST_SIDE} pixels",
                got=str(side),
            )
    if indicated.minimum_age > indicated.maximum_age:
        raise RecipeError(
            "indicated.minimum_age lies above indicated.maximum_age",
            got=f"{indicated.minimum_age:g} and {indicated.maximum_age:g}",
        )


def _check_split(recipe: Recipe) -> None:
    rule = recipe.split
    total = rule.train + rule.val + rule.test
    if abs(total - 1.0) > 1e-6:
        raise RecipeError(
            "split.train, split.val and split.test do not sum to 1",
            got=f"{rule.train:g} + {rule.val:g} + {rule.test:g} = {total:g}",
        )
    if len(set(rule.lists)) < len(rule.lists):
        raise RecipeError(
            "split.lists names a list twice", expected="each of train, val and test once", got=", ".join(rule.lists)
        )


def _check_task(recipe: Recipe) -> None:
    task = recipe.task
    if strange := [label for label in task.positive if label not in task.labels]:
        raise RecipeError(
            "task.positive names a label that task.labels has not", expected=", ".join(task.labels), got=strange[0]
        )
    if len(set(task.labels)) < len(task.labels):
        raise RecipeError("task.labels names a label twice", got=", ".join(task.labels))
    other = None if recipe.detection is None else recipe.detection.other_label
    if other is not None and other not in task.labels:
        raise RecipeError("detection.other_label is none of task.labels", expected=", ".join(task.labels), got=other)


def _check_selection(recipe: Recipe) -> None:
    chosen = recipe.selection
    known = OF_DETECTORS if recipe.finds_boxes else OF_CLASSIFIERS
    if chosen.metric not in known:
        raise RecipeError(
            f"{recipe.name} has no figure to select by of that name", expected=", ".join(known), got=chosen.metric
        )
    wanted = "min" if chosen.metric == "val_loss" else "max"
    if chosen.mode != wanted:
        raise RecipeError(
            f"the best {chosen.metric} is the {wanted}", expected=f"selection.mode={wanted}", got=chosen.mode
        )
    if isinstance(recipe.schedule, ReduceOnPlateau) and recipe.finds_boxes:
        raise RecipeError("ReduceOnPlateau watches the validation loss, which detectors have not", got=recipe.name)


def _numbers(value: Any, key: str) -> list[tuple[str, float]]:
    """Every number with a fraction in a record, by its dotted key."""
    if isinstance(value, float):
        return [(key, value)]
    if names := field_names(type(value)):
        pairs = [(name, getattr(value, name)) for name in names]
    elif isinstance(value, tuple):
        pairs = [(str(index), item) for index, item in enumerate(value)]
    else:
        return []
    return [found for name, item in pairs for found in _numbers(item, f"{key}.{name}" if key else name)]


@cache
def field_names(kind: type) -> tuple[str, ...]:
    """The fields of a record, in their order; none of what is no record."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()
