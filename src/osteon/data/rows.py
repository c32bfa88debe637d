"""Reading CSV files with the header as their publishers wrote it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from osteon.core.errors import DataError


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file by column, names in lower case without blanks, cells stripped; a byte order mark is left out.

    Raises:
        DataError: the file cannot be read as UTF-8 text with a header.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [_tidy(row) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot read {path.name} as CSV", got=type(error).__name__) from error


def read_lists(path: Path) -> list[list[str]]:
    """Rows of a CSV file without a header.

    Raises:
        DataError: the file cannot be read as UTF-8 text.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot read {path.name} as CSV", got=type(error).__name__) from error


def _tidy(row: Mapping[str | None, str | list[str] | None]) -> dict[str, str]:
    return {
        "_".join(name.lower().split()): value.strip()
        for name, value in row.items()
        if name is not None and isinstance(value, str)
    }


def first_of(row: Mapping[str, str], *names: str) -> str:
    """The cell of the first of these columns that the row has; empty where it has none."""
    return next((row[name] for name in names if name in row), "")
