"""``--set key=value``: change an existing leaf of a recipe, or put a whole record (``null``, JSON) in its place."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from osteon.core.errors import RecipeError
from osteon.learning.recipe import AnyRecipe, EnsembleRecipe, FusionRecipe, Recipe, UltralyticsRecipe
from osteon.learning.recipe.check import check, field_names
from osteon.learning.runs.values import parse

KINDS: Final = (Recipe, EnsembleRecipe, FusionRecipe, UltralyticsRecipe)
R = TypeVar("R", Recipe, EnsembleRecipe, FusionRecipe, UltralyticsRecipe, AnyRecipe)


def snapshot(recipe: AnyRecipe) -> dict[str, Any]:
    """The recipe as plain JSON values; recipes that it is put together from by their names."""
    fields = {field.name: getattr(recipe, field.name) for field in dataclasses.fields(recipe)}
    return json.loads(json.dumps({name: _named(value) for name, value in fields.items()}, default=dataclasses.asdict))


def leaves(record: Any, prefix: str = "") -> dict[str, Any]:
    """Every field of a recipe by its dotted key, e.g. ``optimizer.lr`` or ``phases.0.epochs``."""
    found: dict[str, Any] = {}
    for name, value in ((name, _named(value)) for name, value in _children(record)):
        key = f"{prefix}{name}"
        if _children(value):
            found |= leaves(value, f"{key}.")
        else:
            found[key] = value
    return found


def apply(recipe: R, settings: Sequence[str]) -> R:
    """Change leaves of a recipe, or whole records in it.

    Args:
        recipe: stays as it is.
        settings: each ``key=value``; the value as JSON, or as a bare word.

    Raises:
        RecipeError: a setting is not ``key=value``, names no leaf, or has a value of the wrong type or out of its range; or the
            changed recipe contradicts itself.
    """
    for setting in settings:
        key, separator, text = setting.partition("=")
        if not separator:
            raise RecipeError(
                f"cannot read the setting {setting!r}", expected="key=value", hint="Example: optimizer.lr=3e-4"
            )
        known = leaves(recipe)
        if key not in known and not any(leaf.startswith(f"{key}.") for leaf in known):
            near = ", ".join(k for k in known if key.rsplit(".", 1)[-1] in k) or ", ".join(known)
            raise RecipeError(f"the recipe {recipe.name} has no setting {key!r}", expected=f"one of: {near}")
        recipe = _replace(recipe, key.split("."), text, key)
    if settings and isinstance(recipe, Recipe):
        check(recipe)
    return recipe


def _named(value: Any) -> Any:
    """Recipes in a recipe by their names; anything else as it is."""
    if isinstance(value, tuple) and value and all(isinstance(part, KINDS) for part in value):
        return tuple(part.name for part in value)
    return value.name if isinstance(value, KINDS) else value


def _children(value: Any) -> list[tuple[str, Any]]:
    """Parts of a record, or of a tuple of records; nothing for a leaf."""
    if names := field_names(type(value)):
        return [(name, getattr(value, name)) for name in names]
    if isinstance(value, tuple) and value and field_names(type(value[0])):
        return [(str(index), item) for index, item in enumerate(value)]
    return []


def _replace(record: Any, path: list[str], text: str, key: str) -> Any:
    first, rest = path[0], path[1:]
    if isinstance(record, tuple):
        index = int(first)
        return (*record[:index], _replace(record[index], rest, text, key), *record[index + 1 :])
    new = _replace(getattr(record, first), rest, text, key) if rest else parse(type(record), first, text, key)
    try:
        return dataclasses.replace(record, **{first: new})
    except ValueError as error:  # a record that checks itself, and knows nothing of recipes
        raise RecipeError(f"the setting {key} is out of range: {error}") from error
