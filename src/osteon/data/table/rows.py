"""Tolerant reading of CSV tables: separators, encodings, headers, repeated rows.

Defects are corrected where that is unambiguous, left blank where it is not, and reported in a remark either way.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.core.values import Value
from osteon.data.files.text import WESTERN, read_text
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode

SEPARATORS: Final = (",", ";", "\t", "|")
_NAMES: Final = {",": "','", ";": "';'", "\t": "a tab", "|": "'|'"}
_FOREIGN: Final = (
    ("PK\x03\x04", "an Excel or OpenDocument workbook"),
    ("ÐÏ\x11à", "an old Excel workbook"),
    ("PAR1", "a Parquet file"),
)
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        lines: line numbers in the file; several where rows with the same key were merged.
        cells: its cells by column, stripped.
        differing: columns in which merged rows differ; the cell is blank where two rows contradict each other, and holds
            the stated value where the others are blank.
    """

    lines: tuple[int, ...]
    cells: Mapping[str, str]
    differing: frozenset[str] = frozenset()

    @property
    def location(self) -> str:
        """``line 3`` or ``lines 3, 7``."""
        return f"line{'s' * (len(self.lines) > 1)} {', '.join(map(str, self.lines))}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Attributes:
        name: of its file.
        columns: names of the columns, in lower case with underscores for blanks and hyphens.
        rows: those that are not empty.
        remarks: on defects.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    remarks: tuple[Remark, ...]

    def need(self, *columns: str) -> None:
        """Check that columns exist.

        Raises:
            DataError: one does not; the message lists those that do.
        """
        for column in columns:
            if column not in self.columns:
                there = ", ".join(self.columns[:12]) or "no column"
                raise DataError(
                    f"{self.name} has no column {column}",
                    expected=f"a header with {column}",
                    got=there,
                    hint="The first line must name the columns, separated by commas.",
                )


def read_sheet(path: Path, name: str = "") -> Sheet:
    """Read a table whose first line names its columns.

    Args:
        path: the file.
        name: used in remarks: its path below the root; the name of the file where empty.

    Raises:
        DataError: it cannot be opened, is empty or not text, or a quotation mark is not closed.
    """
    called = name or path.name
    lists, remarks = _lists(path, called)
    if not lists:
        raise DataError(f"{called} is empty", expected="a table with a header")
    columns = [column_name(cell) for cell in lists[0][1]]
    kept: list[tuple[int, list[str]]] = []
    for line, cells in lists[1:]:
        if any(cells[len(columns) :]):
            remarks.append(
                Remark(
                    Kind.UNREADABLE,
                    called,
                    RemarkCode.LINE_TOO_LONG,
                    {"line": line, "count": len(cells), "columns": len(columns)},
                )
            )
        else:
            kept.append((line, [*cells[: len(columns)], *[""] * (len(columns) - len(cells))]))
            if len(cells) < len(columns):
                remarks.append(
                    Remark(
                        Kind.UNREADABLE,
                        called,
                        RemarkCode.LINE_TOO_SHORT,
                        {"line": line, "count": len(cells), "columns": len(columns)},
                    )
                )
    rows = _without_repeated_columns(columns, kept, called, remarks)
    names = tuple(dict.fromkeys(column for column in columns if column))
    return Sheet(called, names, rows, tuple(remarks))


def read_lists(path: Path, name: str = "") -> tuple[list[tuple[int, list[str]]], list[Remark]]:
    """The rows of a table without a header, each with its line, and the remarks.

    Raises:
        DataError: as ``read_sheet``, but an empty file has no rows.
    """
    return _lists(path, name or path.name)


def column_name(text: str) -> str:
    """A column's name in lower case, with one underscore for blanks and hyphens."""
    return "_".join(text.lower().replace("-", " ").replace("_", " ").split())


def by_key(
    sheet: Sheet, key: Callable[[Row], str], remarks: list[Remark], alike: Callable[[str], object] = str
) -> dict[str, Row]:
    """The rows by a key; rows with the same key are merged, and contradictions are left blank, with remarks.

    Args:
        sheet: the table.
        key: returns the key of a row; rows whose key is blank are left out with a remark.
        remarks: new remarks are added here.
        alike: value of a cell for comparison.
    """
    groups: dict[str, list[Row]] = {}
    for row in sheet.rows:
        value = key(row)
        if value:
            groups.setdefault(value, []).append(row)
        else:
            remarks.append(Remark(Kind.UNREADABLE, sheet.name, RemarkCode.KEY_BLANK, {"where": row.location}))
    found: dict[str, Row] = {}
    for value, rows in groups.items():
        found[value] = merged(rows, alike)
        if len(rows) > 1:
            remarks.append(repeated(sheet.name, found[value]))
    return found


def merged(rows: Sequence[Row], alike: Callable[[str], object] = str) -> Row:
    """One row from several with the same key."""
    if len(rows) == 1:
        return rows[0]
    cells: dict[str, str] = {}
    differing: set[str] = set()
    for column in dict.fromkeys(column for row in rows for column in row.cells):
        cells_of_column = [row.cells.get(column, "") for row in rows]
        values = {alike(cell.casefold()): cell for cell in cells_of_column if cell}
        cells[column] = next(iter(values.values())) if len(values) == 1 else ""
        if len(values) > 1 or (values and not all(cells_of_column)):
            differing.add(column)
    return Row(tuple(line for row in rows for line in row.lines), cells, frozenset(differing))


def repeated(name: str, row: Row) -> Remark:
    """The remark on merged rows."""
    if not row.differing:
        return Remark(Kind.LISTED_TWICE, name, RemarkCode.ROWS_IDENTICAL, {"where": row.location})
    opposed = sorted(column for column in row.differing if not row.cells[column])
    partly = sorted(row.differing - set(opposed))
    values: dict[str, Value] = {"where": row.location}
    values |= {"opposed": tuple(opposed)} if opposed else {}
    values |= {"blank": tuple(partly)} if partly else {}
    return Remark(Kind.CONTRADICTING_LABEL, name, RemarkCode.ROWS_CONTRADICT, values)


def shown(values: Iterable[str]) -> str:
    """Some of the values, quoted, for a message."""
    listed = list(dict.fromkeys(values))
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(repr(value[:20]) for value in listed[:_SHOWN]) + more


def _lists(path: Path, called: str) -> tuple[list[tuple[int, list[str]]], list[Remark]]:
    text, encoding = read_text(path, called)
    for start, description in _FOREIGN:
        if text.startswith(start):
            raise DataError(f"{called} is {description}", expected="text", hint="Save it as CSV (UTF-8).")
    remarks: list[Remark] = []
    if encoding == WESTERN:
        remarks.append(Remark(Kind.ASSUMED, called, RemarkCode.NOT_UTF8, {"encoding": WESTERN}))
    skipped = 0
    first, _, rest = text.partition("\n")
    if first.strip().strip('"').lower().startswith("sep=") and len(first.strip().strip('"')) <= 5:
        separator, text, skipped = first.strip().strip('"')[4:] or "\t", rest, 1
    else:
        separator = _separator(text)
    if separator != ",":
        remarks.append(
            Remark(Kind.ASSUMED, called, RemarkCode.SEPARATOR, {"separator": _NAMES.get(separator, separator)})
        )
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    found: list[tuple[int, list[str]]] = []
    before = skipped
    try:
        for row in lines:
            cells = [cell.replace("\0", "").strip() for cell in row]
            if any(cells):
                found.append((before + 1, cells))
            before = lines.line_num + skipped
    except csv.Error as error:
        raise DataError(
            f"cannot read {called} as a table: {error}, from line {before + 1} on",
            hint="Look for a quotation mark that is not closed.",
        ) from error
    return found, remarks


def _separator(text: str) -> str:
    """The separator of the cells: the most frequent candidate in the first lines, outside of quotes."""
    lines = [line for line in text.splitlines()[:20] if line.strip()][:10]
    if not lines:
        return ","
    outside = ["".join(line.split('"')[::2]) for line in lines]
    head = {sign: outside[0].count(sign) for sign in SEPARATORS}
    if not any(head.values()):
        return ","
    steady = {sign: sum(line.count(sign) == head[sign] for line in outside) for sign in SEPARATORS if head[sign]}
    return max(steady, key=lambda sign: (steady[sign], head[sign]))


def _without_repeated_columns(
    columns: Sequence[str], rows: Sequence[tuple[int, list[str]]], called: str, remarks: list[Remark]
) -> tuple[Row, ...]:
    """The rows by column; cells of repeated columns are kept where they agree."""
    column_indices: dict[str, list[int]] = {}
    for index, column in enumerate(columns):
        if column:
            column_indices.setdefault(column, []).append(index)
    for index, column in enumerate(columns):
        if not column and (lines := [line for line, cells in rows if cells[index]]) and index:
            remarks.append(
                Remark(
                    Kind.UNREADABLE,
                    called,
                    RemarkCode.COLUMN_UNNAMED,
                    {"column": index + 1, "count": len(lines), "line": lines[0]},
                )
            )
    against: dict[str, list[int]] = {}
    found: list[Row] = []
    for line, cells in rows:
        row: dict[str, str] = {}
        for column, indices in column_indices.items():
            values = {cells[index] for index in indices if cells[index]}
            row[column] = next(iter(values)) if len(values) == 1 else ""
            if len(values) > 1:
                against.setdefault(column, []).append(line)
        found.append(Row((line,), row))
    for column, indices in column_indices.items():
        if len(indices) > 1:
            if lines := against.get(column):
                remarks.append(
                    Remark(
                        Kind.CONTRADICTING_LABEL,
                        called,
                        RemarkCode.COLUMN_CONTRADICTS,
                        {"column": column, "times": len(indices), "count": len(lines), "line": lines[0]},
                    )
                )
            else:
                remarks.append(
                    Remark(
                        Kind.LISTED_TWICE, called, RemarkCode.COLUMN_REPEATED, {"column": column, "times": len(indices)}
                    )
                )
    return tuple(found)
