"""Records of annotation as values of JSON, and back."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from osteon.core.errors import DataError

_T = TypeVar("_T")


def dump(record: object) -> dict[str, Any]:
    """A record as JSON holds it."""
    return _adapter(type(record)).dump_python(record, mode="json")


def restore(kind: type[_T], content: object) -> _T:
    """A record of JSON.

    Raises:
        DataError: the content is no such record; the first few faults are named with where they are.
    """
    try:
        return _adapter(kind).validate_python(content)
    except ValidationError as error:
        raise invalid(kind.__name__, error) from error


def invalid(noun: str, error: ValidationError, hint: str = "") -> DataError:
    """What a failed validation says, without the values."""
    faults = [
        f"{'.'.join(map(str, item['loc'])) or 'the whole'}: {item['msg'][0].lower()}{item['msg'][1:]}"
        for item in error.errors(include_input=False, include_url=False)
    ]
    more = f" (and {len(faults) - 5} more)" if len(faults) > 5 else ""
    return DataError(f"this is no valid {noun}", got="; ".join(faults[:5]) + more, hint=hint)


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
