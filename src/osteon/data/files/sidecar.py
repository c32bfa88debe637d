"""``cases.csv``: what other formats cannot hold: patient, study, age, sex, view, labels.

``osteon data convert`` writes it, and the parsers of COCO, YOLO, VOC, folders and DICOM use it where it
exists; so only the boxes depend on what the other format can hold. It is also a table that the dataset ``listed``
reads.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from osteon.core.labels import UNKNOWN
from osteon.data.table.case import Case
from osteon.data.table.columns import COLUMNS, known_columns, unparsed_cells
from osteon.data.table.parse import age_of, label_of, meaning, number_of, part_of, sex_of, side_of, view_of
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.rows import by_key, read_sheet
from osteon.data.table.schema import LABEL_PREFIX, PARTS

NAME: Final = "cases.csv"

_OPTIONAL: Final = tuple(name for name in COLUMNS if name not in {"image", "study", "licence"})


def fill(case: Case, row: Mapping[str, str]) -> Case:
    """A case completed by a row of ``cases.csv``; blank cells leave it unchanged.

    Where the row has columns of labels, they are all its labels.
    """
    labels = {k.removeprefix(LABEL_PREFIX): label_of(v) for k, v in row.items() if k.startswith(LABEL_PREFIX)}
    split = row.get("split", "")
    return replace(
        case,
        study=row.get("study") or case.study,
        patient=row.get("patient") or case.patient,
        view=view_of(row.get("view", "")) or case.view,
        laterality=side_of(row.get("laterality", "")) or case.laterality,
        body_part=part_of(row.get("body_part", "")) or case.body_part,
        age=age_of(row["age"]) if row.get("age") else case.age,
        sex=sex_of(row.get("sex", "")) or case.sex,
        labels=labels or case.labels,
        mask=row.get("mask") or case.mask,
        split=split if split in PARTS else case.split,
        source=row.get("source") or case.source,
        row_spacing=number_of(row.get("row_spacing", "")) or case.row_spacing,
        column_spacing=number_of(row.get("column_spacing", "")) or case.column_spacing,
        hardware={1: True, 0: False}.get(label_of(row.get("hardware", "")), case.hardware),
    )


def complete(root: Path, cases: Iterable[Case], remarks: list[Remark]) -> list[Case]:
    """The cases, completed by ``cases.csv`` in ``root`` where it exists and has a column ``image``.

    Its columns take precedence over the format: a blank cell is unknown, and so is one that cannot be parsed or in
    which two rows of an image contradict each other.

    Args:
        root: folder of the dataset.
        cases: as parsed from the format.
        remarks: those on the file are added here.

    Raises:
        DataError: the file cannot be read.
    """
    listed = list(cases)
    if not (root / NAME).exists():
        return listed
    sheet = known_columns(read_sheet(root / NAME))
    remarks += sheet.remarks
    if "image" not in sheet.columns:
        remarks.append(Remark(Kind.UNREADABLE, NAME, RemarkCode.NO_COLUMN_OF_IMAGES))
        return listed
    rows = by_key(sheet, lambda row: row.cells["image"].replace("\\", "/"), remarks, meaning)
    known = {case.image for case in listed}
    if lost := [row for image, row in rows.items() if image not in known]:
        remarks.append(
            Remark(
                Kind.MISSING_FILE, NAME, RemarkCode.ROWS_OF_NO_IMAGE, {"count": len(lost), "where": lost[0].location}
            )
        )
    completed: list[Case] = []
    for case in listed:
        row = rows.get(case.image)
        if row is not None:
            remarks += unparsed_cells(NAME, case.image, row)
        cells = row.cells if row is not None else {}
        completed.append(fill(_without(case, cells), cells))
    return completed


def _without(case: Case, row: Mapping[str, str]) -> Case:
    return replace(case, **{name: None for name in _OPTIONAL if name in row})


def write_sidecar(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write ``cases.csv`` from rows of the table whose ``image`` and ``mask`` are the new paths; unknown is blank."""
    listed = list(rows)
    labels = [name for name in (listed[0] if listed else {}) if name.startswith(LABEL_PREFIX)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, *labels])
        for row in listed:
            known = ("" if row[name] is None else row[name] for name in COLUMNS)
            writer.writerow([*known, *("" if row[name] == UNKNOWN else row[name] for name in labels)])
