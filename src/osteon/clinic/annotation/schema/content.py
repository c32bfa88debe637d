"""A label schema as the API takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from osteon.clinic.annotation import codec
from osteon.clinic.annotation.schema.parse import read_schema


def file_schema(path: Path) -> dict[str, Any]:
    """A label schema of a file, as the API takes it.

    Raises:
        DataError: it is none.
    """
    content = codec.dump(read_schema(path))
    return _given(content)


def _given(content: Any) -> Any:
    """Without what files do not say: kinds of labels that are no regions, and labels of rules that have none."""
    if isinstance(content, list):
        return [_given(item) for item in content]
    if not isinstance(content, dict):
        return content
    return {name: _given(value) for name, value in content.items() if not (name in ("kinds", "label") and not value)}
