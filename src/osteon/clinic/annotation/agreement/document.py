"""Agreement as JSON."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from osteon.clinic.annotation.agreement.records import Agreement


@cache
def _adapter() -> TypeAdapter[Agreement]:
    return TypeAdapter(Agreement)


def as_json(agreement: Agreement) -> dict[str, Any]:
    """Plain values; undefined figures have a code and no estimate."""
    return _adapter().dump_python(agreement, mode="json")
