"""JSON bodies of requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Given(BaseModel):
    """A model of a request: without unknown fields, and without text that a database cannot store."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        if not storable(value):
            raise ValueError("text must not contain U+0000 or lone surrogates")
        return value


def storable(value: Any) -> bool:
    """Whether every text in a value can be kept: PostgreSQL takes no U+0000, and no encoding a lone surrogate."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, Mapping):
        return all(storable(name) and storable(item) for name, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return all(storable(item) for item in value)
    return True
