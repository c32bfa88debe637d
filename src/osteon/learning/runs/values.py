"""From the text of a setting to the value of a field, by the field's type and range."""

from __future__ import annotations

import json
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from osteon.core.errors import RecipeError

NUMBERS: Final = {int: "a whole number", float: "a number", str: "a word", bool: "true or false", NoneType: "null"}

RANGES: Final = (
    "greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number", "too_short", "too_long",
)  # fmt: skip
"""Kinds of pydantic's errors that say that a value of the right type lies out of its range."""


def parse(record: type, name: str, text: str, key: str) -> Any:
    """The value of a field.

    Args:
        record: the dataclass.
        name: of the field.
        text: JSON, or a bare word; several, with commas between, for a list.
        key: of the setting, for messages.

    Raises:
        RecipeError: the text is of another type, or out of the field's range.
    """
    hint, adapter = _field(record, name)
    value = _value(text)
    if isinstance(value, str) and _takes_list(hint):
        value = [_value(word.strip()) for word in text.split(",") if word.strip()]
    elif isinstance(value, int | float) and not isinstance(value, bool) and _takes_list(hint):
        value = [value]
    try:
        # Lax only in one point: JSON has no tuples. ``3`` for a float is right, ``"3"`` for a number is not.
        return adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] in RANGES:
            wanted = "at least one" if first["type"] == "too_short" else first["msg"].removeprefix("Input should be ")
            raise RecipeError(f"the setting {key} is out of range", expected=wanted, got=repr(text)) from error
        raise RecipeError(
            f"the setting {key} has a value of the wrong type", expected=words(hint), got=repr(text)
        ) from error


def words(hint: Any) -> str:
    """A type as a sentence names it, e.g. ``a number or null``."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return words(parts[0])
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(words(part) for part in parts))
    if origin is Literal:
        return f"one of: {', '.join(map(str, parts))}"
    if origin is tuple:
        return f"a list with commas between ({words(parts[0])} each)"
    return NUMBERS.get(hint) or f"{hint.__name__} as JSON"


@cache  # making an adapter takes longer than a hundred uses of it
def _field(record: type, name: str) -> tuple[Any, TypeAdapter[Any]]:
    hint = get_type_hints(record, include_extras=True)[name]
    return hint, TypeAdapter[Any](hint)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _takes_list(hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _takes_list(parts[0])
    return origin is tuple or (origin in (Union, UnionType) and any(map(_takes_list, parts)))
