"""The columns of a table of images: which are read, their aliases, and values that cannot be parsed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from osteon.core.labels import UNKNOWN
from osteon.data.formats.classes import Classes, slug
from osteon.data.formats.parts import part_of
from osteon.data.table.parse import age_of, is_unknown, label_of, number_of, sex_of, side_of, view_of
from osteon.data.table.parse import part_of as region_of
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.rows import Row, Sheet, shown
from osteon.data.table.schema import COMPUTED, LABEL_PREFIX, CaseSchema

COLUMNS: Final = (
    "image", "study", "patient", "view", "laterality", "body_part", "age", "sex", "mask", "split", "source", "licence",
    "row_spacing", "column_spacing", "hardware",
)  # fmt: skip
"""Columns of ``cases.csv`` besides those of labels."""

_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "image": (
        "file_name", "filename", "file", "path", "filepath", "file_path", "image_path", "image_file", "image_name",
        "image_id", "img", "img_path", "image_filename", "name",
    ),
    "patient": ("patient_id", "patientid", "subject", "subject_id"),
    "study": ("study_id", "studyid"),
    "sex": ("gender", "patient_sex"),
    "age": ("patient_age", "age_years"),
    "view": ("projection", "view_position", "viewposition"),
    "laterality": ("side",),
    "split": ("part", "subset", "partition", "fold_name"),
    "body_part": ("bodypart", "region", "body_part_examined"),
}  # fmt: skip
"""Aliases of the columns that are read."""

_UNREAD: Final = frozenset({"unnamed:_0", "index", "width", "height", "mode", "format", "bytes", "boxes", *COMPUTED})
"""Columns whose content is taken from the files themselves, or that only count rows."""

_PARSERS: Final[Mapping[str, tuple[Kind, Callable[[str], object]]]] = {
    "age": (Kind.IMPLAUSIBLE_AGE, age_of),
    "sex": (Kind.IMPLAUSIBLE_SEX, sex_of),
    "laterality": (Kind.IMPLAUSIBLE_SIDE, side_of),
    "view": (Kind.UNKNOWN_LABEL, view_of),
    "body_part": (Kind.UNKNOWN_LABEL, region_of),
    "split": (Kind.UNKNOWN_LABEL, part_of),
    "row_spacing": (Kind.UNKNOWN_LABEL, number_of),
    "column_spacing": (Kind.UNKNOWN_LABEL, number_of),
}
"""Parser of each column's cells, and kind of the remark where they cannot be parsed."""


def known_columns(sheet: Sheet, *wanted: str) -> Sheet:
    """A table with aliases replaced by the names of the columns, with remarks on columns that are not read.

    Args:
        sheet: the table.
        wanted: further columns that are read.
    """
    renamed: dict[str, str] = {}
    for name, others in _ALIASES.items():
        if name not in sheet.columns:
            found = [alias for alias in others if alias in sheet.columns]
            if found and (name == "image" or len(found) == 1):
                renamed[found[0]] = name
    columns = tuple(renamed.get(column, column) for column in sheet.columns)
    remarks = [
        Remark(Kind.ASSUMED, sheet.name, RemarkCode.COLUMN_RENAMED, {"before": before, "after": after})
        for before, after in renamed.items()
    ]
    read = {*COLUMNS, *CaseSchema.column_names(), *wanted, *_UNREAD}
    unread = [column for column in columns if column not in read and not column.startswith(LABEL_PREFIX)]
    if unread:
        labelled = any(column.startswith(LABEL_PREFIX) for column in columns)
        code = RemarkCode.COLUMNS_UNREAD if labelled else RemarkCode.COLUMNS_UNREAD_NO_LABEL
        remarks.append(Remark(Kind.UNKNOWN_LABEL, sheet.name, code, {"columns": shown(unread)}))
    classes = Classes(sheet.name)
    for column in columns:
        if column.startswith(LABEL_PREFIX):
            classes.label(column.removeprefix(LABEL_PREFIX))
    rows = tuple(
        replace(row, cells={renamed.get(column, column): cell for column, cell in row.cells.items()})
        for row in sheet.rows
    )
    return Sheet(sheet.name, columns, rows, (*sheet.remarks, *remarks, *classes.remarks()))


def labels_of(row: Row) -> dict[str, int]:
    """The labels of a row; unknown where its cell is blank or cannot be parsed."""
    return {
        slug(column.removeprefix(LABEL_PREFIX)): label_of(cell)
        for column, cell in row.cells.items()
        if column.startswith(LABEL_PREFIX)
    }


def unparsed_cells(file: str, name: str, row: Row) -> Iterator[Remark]:
    """A remark for each cell of a row that is not blank and cannot be parsed.

    Args:
        file: the table.
        name: of the image.
        row: its row.
    """
    for column, cell in row.cells.items():
        if is_unknown(cell):
            continue
        location = f"{file}, {row.location}"
        if column.startswith(LABEL_PREFIX) or column == "hardware":
            if label_of(cell) == UNKNOWN:
                yield Remark(
                    Kind.UNKNOWN_LABEL,
                    name,
                    RemarkCode.CELL_NO_LABEL,
                    {"where": location, "column": column, "cell": shown([cell])},
                )
        elif column in _PARSERS:
            kind, parse = _PARSERS[column]
            if parse(cell) is None:
                yield Remark(
                    kind, name, RemarkCode.CELL_UNPARSED, {"where": location, "column": column.replace("_", " ")}
                )
