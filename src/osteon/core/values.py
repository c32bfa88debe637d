"""The values that belong to a coded fact, and their form in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Value = str | int | float | bool | tuple[str, ...]
Values = Mapping[str, Value]


def hashed(values: Values) -> int:
    """A hash of values, whatever their order."""
    return hash(tuple(sorted(values.items())))


def to_json(values: Values) -> dict[str, Any]:
    """Values as JSON holds them: tuples become lists."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def from_json(content: Mapping[str, Any]) -> dict[str, Value]:
    """Values that were read from JSON."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
