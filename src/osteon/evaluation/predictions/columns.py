"""Columns of text in a file, CSV or Parquet: how tables of predictions come from any system."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN

UNKNOWN_WORDS: Final = frozenset({"", "-1", "-1.0", "nan", "null", "none", "unknown"})
LABEL_WORDS: Final = {"1": 1, "1.0": 1, "true": 1, "0": 0, "0.0": 0, "false": 0}
PARQUET: Final = (".parquet", ".pq")


def read_columns(path: Path) -> dict[str, list[str]]:
    """All columns of a file as text, empty where there is no value.

    Raises:
        DataError: the file is missing or no table.
    """
    if not path.is_file():
        raise DataError("there is no such file of predictions", got=str(path))
    return _read_parquet(path) if path.suffix.lower() in PARQUET else _read_csv(path)


def write_csv(columns: Mapping[str, Sequence[str]], path: Path) -> None:
    """Write columns of text."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def write_parquet(
    columns: Mapping[str, Sequence[str]], labels: Sequence[str], probabilities: Sequence[str], path: Path
) -> None:
    """Write columns of text, ``labels`` among them as Int8 and ``probabilities`` as Float64, null where empty."""
    import polars as pl

    # By CSV's words, so that both kinds of file say the same.
    frame = pl.DataFrame(dict(columns)).with_columns(
        *(pl.Series(name, [int(text) if text else None for text in columns[name]], pl.Int8) for name in labels),
        *(
            pl.Series(name, [float(text) if text else None for text in columns[name]], pl.Float64)
            for name in probabilities
        ),
    )
    frame.write_parquet(path)


def label_of(text: str, row: int) -> int:
    """1, 0 or ``UNKNOWN`` from the words that tables use.

    Raises:
        DataError: another word, with its row.
    """
    word = text.lower()
    if word in UNKNOWN_WORDS:
        return UNKNOWN
    if word not in LABEL_WORDS:
        raise DataError("a label is not binary", expected="1, 0, or empty where unknown", got=f"{text!r} in row {row}")
    return LABEL_WORDS[word]


def probability_of(text: str, row: int) -> float:
    """A number, NaN where there is none.

    Raises:
        DataError: it is no number.
    """
    if text.lower() in ("", "nan", "null", "none"):
        return float("nan")
    try:
        return float(text)
    except ValueError as error:
        raise DataError("a probability is not a number", expected="a number in [0, 1]", got=f"row {row}") from error


def _read_parquet(path: Path) -> dict[str, list[str]]:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError("the predictions cannot be read", expected="a Parquet table", got=path.name) from error
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    frame = frame.drop(nested).with_columns(
        pl.col(name).cast(pl.Int8) for name, kind in frame.schema.items() if kind == pl.Boolean
    )
    return {
        name: [
            "" if value is None else repr(value) if isinstance(value, float) else str(value) for value in frame[name]
        ]
        for name in frame.columns
    }


def _read_csv(path: Path) -> dict[str, list[str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError("the predictions cannot be read", expected="a CSV table in UTF-8", got=path.name) from error
    rows = [row for row in rows if row]
    if not rows:
        raise DataError("the file of predictions is empty", got=path.name)
    header = [name.strip() for name in rows[0]]
    if len(set(header)) != len(header):
        raise DataError("two columns have the same name", got=", ".join(header))
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(header):
            raise DataError(
                "a row has another length", expected=f"{len(header)} columns", got=f"{len(row)} in row {number}"
            )
    return {name: [row[i].strip() for row in rows[1:]] for i, name in enumerate(header)}
