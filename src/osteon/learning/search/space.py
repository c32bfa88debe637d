"""The space of a search: dimensions with a distribution for the sampler and values for a grid."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeGuard

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import Trial

from osteon.core.errors import RecipeError
from osteon.learning.recipe import Axis, Choices, Range, Recipe, Space, Value
from osteon.learning.runs.overrides import apply, leaves

POINTS: Final = 5
"""Points of a grid along a range that names no number."""

EXAMPLES: Final = "KEY=log:1e-5:1e-2, KEY=linear:0:0.5, KEY=log:1e-5:1e-2:4 (four points of a grid) or KEY=0.35,0.5,1.0"

DIGITS: Final = 4
"""Significant digits of a value that a trial sets: what the table shows is what was trained."""


@dataclass(frozen=True)
class Dimension:
    """An axis that fits a recipe.

    Attributes:
        keys: leaves that take the same value.
        distribution: of the values.
        grid: values of a grid.
    """

    keys: tuple[str, ...]
    distribution: BaseDistribution
    grid: tuple[Value, ...]

    @property
    def name(self) -> str:
        """What the table calls it: its keys."""
        return "+".join(self.keys)

    @property
    def log(self) -> bool:
        """Whether its values are on a log scale, or listed in powers."""
        distribution = self.distribution
        if isinstance(distribution, FloatDistribution | IntDistribution):
            return distribution.log
        values = [value for value in self.grid if _number(value)]
        return len(values) == len(self.grid) and min(values) > 0 and max(values) >= 100 * min(values)

    def words(self) -> str:
        """The values as text."""
        distribution = self.distribution
        if isinstance(distribution, FloatDistribution | IntDistribution):
            whole = "whole numbers " if isinstance(distribution, IntDistribution) else ""
            scale = ", log scale" if distribution.log else ""
            return f"{whole}{distribution.low:g} to {distribution.high:g}{scale}"
        return ", ".join(text_of(value) for value in self.grid)


def parse(text: str) -> Axis:
    """An axis as the command line states it.

    Args:
        text: ``KEY=log:LOW:HIGH[:POINTS]``, ``KEY=linear:LOW:HIGH[:POINTS]`` or ``KEY=VALUE,VALUE,...``; several keys that
            take the same value are joined by ``+``.

    Raises:
        RecipeError: it is none of these, or the range is empty.
    """
    left, separator, right = text.partition("=")
    keys = tuple(key.strip() for key in left.split("+"))
    if not separator or not right.strip() or not all(keys):
        raise RecipeError(f"cannot read the range {text!r}", expected=EXAMPLES)
    scale, colon, rest = right.partition(":")
    if colon and scale in ("log", "linear"):
        return _range(text, keys, rest.split(":"), log=scale == "log")
    values = tuple(_value(word.strip()) for word in right.split(","))
    if colon and not all(_number(value) for value in values):
        raise RecipeError(f"the range {text!r} has an unknown scale {scale!r}", expected=EXAMPLES)
    if len({text_of(value) for value in values}) != len(values):
        raise RecipeError(f"the range {text!r} names a value twice")
    return Choices(keys=keys, values=values)


def default_space(recipe: Recipe) -> Space:
    """A space for a recipe whose paper tells of none: what most often moves a result, around the recipe's own values."""
    how = recipe.optimizer
    found: list[Axis] = []
    if how.lr == how.head_lr:
        found.append(_around(("optimizer.lr", "optimizer.head_lr"), how.lr))
    else:
        found += [_around(("optimizer.lr",), how.lr), _around(("optimizer.head_lr",), how.head_lr)]
    if how.name != "adam":
        found.append(_around(("optimizer.weight_decay",), how.weight_decay or 1e-4))
    size = recipe.sampling.batch_size
    found.append(Choices(("sampling.batch_size",), tuple(sorted({max(2, size // 2), size, size * 2}))))
    names = [key for key in leaves(recipe) if key.startswith("architecture.") and "dropout" in key]
    found += [Range((name,), 0.0, 0.7, log=False, points=3) for name in names]
    if recipe.loss is not None:
        if recipe.loss.l2:
            found.append(_around(("loss.l2",), recipe.loss.l2))
        found.append(Range(("loss.label_smoothing",), 0.0, 0.2, log=False, points=3))
    return Space(tuple(found), "Osteon's default: around the recipe's own values")


def fitted(recipe: Recipe, axes: Sequence[Axis], fixed: Sequence[str]) -> tuple[Dimension, ...]:
    """Axes that fit a recipe.

    Args:
        recipe: with its settings applied.
        axes: to search.
        fixed: keys that the user has set.

    Raises:
        RecipeError: a key is unknown, stated twice, or set as well; an end or value does not suit the leaf; none is left.
    """
    seen: set[str] = set()
    found: list[Dimension] = []
    for axis in axes:
        for key in axis.keys:
            if key in fixed:
                raise RecipeError(f"{key} is both set and searched", hint="Leave out its --set or its --space.")
            if key in seen:
                raise RecipeError(f"{key} is searched twice", hint="State one range for it.")
            seen.add(key)
        found.append(_dimension(recipe, axis))
    if not found:
        raise RecipeError("there is nothing to search", hint=f"State a range with --space, e.g. {EXAMPLES}")
    return tuple(found)


def without(axes: Sequence[Axis], fixed: Sequence[str]) -> tuple[Axis, ...]:
    """Axes without the keys that the user has set; an axis without keys is dropped."""
    left = [replace(axis, keys=tuple(key for key in axis.keys if key not in fixed)) for axis in axes]
    return tuple(axis for axis in left if axis.keys)


def grid(space: Sequence[Dimension]) -> list[dict[str, Value]]:
    """All points of the grid, by the dimensions' names."""
    names = [one.name for one in space]
    return [dict(zip(names, point, strict=True)) for point in itertools.product(*(one.grid for one in space))]


def own_point(recipe: Recipe, space: Sequence[Dimension]) -> dict[str, Value] | None:
    """The recipe's own values as a point of the space; None where one of them lies outside it."""
    now = leaves(recipe)
    found: dict[str, Value] = {}
    for one in space:
        values: list[Value] = [now[key] for key in one.keys]
        if any(value != values[0] for value in values) or not _inside(one.distribution, values[0]):
            return None
        found[one.name] = values[0]
    return found


def suggest(trial: Trial, space: Sequence[Dimension]) -> dict[str, Value]:
    """The point that a trial tries, by the dimensions' names."""
    found: dict[str, Value] = {}
    for one in space:
        match one.distribution:
            case FloatDistribution() as how:
                found[one.name] = trial.suggest_float(one.name, how.low, how.high, log=how.log)
            case IntDistribution() as how:
                found[one.name] = trial.suggest_int(one.name, how.low, how.high, log=how.log)
            case _:
                found[one.name] = trial.suggest_categorical(one.name, one.grid)
    return found


def settings(space: Sequence[Dimension], point: Mapping[str, Value]) -> tuple[str, ...]:
    """A point as ``--set`` takes it."""
    return tuple(f"{key}={text_of(point[one.name])}" for one in space for key in one.keys)


def text_of(value: Value) -> str:
    """A value as ``--set`` takes it."""
    if isinstance(value, float):
        return f"{value:.{DIGITS}g}"
    return value if isinstance(value, str) else json.dumps(value)


def _range(text: str, keys: tuple[str, ...], words: list[str], *, log: bool) -> Range:
    if len(words) not in (2, 3):
        raise RecipeError(f"cannot read the range {text!r}", expected=EXAMPLES)
    try:
        low, high = float(words[0]), float(words[1])
        points = int(words[2]) if len(words) == 3 else POINTS
    except ValueError as error:
        raise RecipeError(f"cannot read the range {text!r}", expected=EXAMPLES) from error
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise RecipeError(f"the range {text!r} is empty", expected="two numbers, the lower first")
    if log and low <= 0:
        raise RecipeError(f"the range {text!r} has no logarithm", expected="a lower end above 0", got=words[0])
    if points < 2:
        raise RecipeError(f"the range {text!r} has too few points", expected="2 or more", got=words[2])
    return Range(keys, low, high, log, points)


def _around(keys: tuple[str, ...], value: float) -> Range:
    """A tenth to ten times a value."""
    return Range(keys, _round(value / 10), _round(value * 10), log=True, points=5)


def _dimension(recipe: Recipe, axis: Axis) -> Dimension:
    if isinstance(axis, Choices):
        for key, value in itertools.product(axis.keys, axis.values):
            apply(recipe, [f"{key}={text_of(value)}"])
        return Dimension(axis.keys, CategoricalDistribution(axis.values), axis.values)
    ends = (axis.low, axis.high)
    for key in axis.keys:
        _known(recipe, key)
    whole = not all(_takes(recipe, key, "0.12345") for key in axis.keys)
    for key, end in itertools.product(axis.keys, ends):
        apply(recipe, [f"{key}={text_of(int(end) if whole and end.is_integer() else end)}"])
    if axis.log:
        steps = [axis.low * (axis.high / axis.low) ** (i / (axis.points - 1)) for i in range(axis.points)]
    else:
        steps = [axis.low + (axis.high - axis.low) * i / (axis.points - 1) for i in range(axis.points)]
    if whole:
        how = IntDistribution(int(axis.low), int(axis.high), log=axis.log)
        return Dimension(axis.keys, how, tuple(dict.fromkeys(round(step) for step in steps)))
    grid_values = tuple(min(max(_round(step), axis.low), axis.high) for step in steps)
    return Dimension(axis.keys, FloatDistribution(axis.low, axis.high, log=axis.log), grid_values)


def _known(recipe: Recipe, key: str) -> None:
    """Refuse a key that is no leaf, in the words of ``--set``."""
    if key not in leaves(recipe):
        apply(recipe, [f"{key}=0"])
        raise RecipeError(f"{key} is no single setting", expected="a leaf of the recipe")


def _takes(recipe: Recipe, key: str, text: str) -> bool:
    try:
        apply(recipe, [f"{key}={text}"])
    except RecipeError:
        return False
    return True


def _inside(distribution: BaseDistribution, value: Value) -> bool:
    match distribution:
        case FloatDistribution() | IntDistribution():
            return _number(value) and distribution.low <= value <= distribution.high
        case CategoricalDistribution():
            return value in distribution.choices
        case _:
            return False


def _number(value: Value) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value(word: str) -> Value:
    try:
        found = json.loads(word)
    except json.JSONDecodeError:
        return word
    return found if found is None or isinstance(found, bool | int | float | str) else word


def _round(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
