"""Formats without boxes: folders of classes, a table of images, DICOM files with a CSV of labels."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from osteon.core.labels import UNKNOWN
from osteon.data.convert.target import Target, Written, in_images, labels_of
from osteon.data.table.schema import LABEL_PREFIX, CaseSchema
from osteon.data.table.table import box_row


def _class(row: Mapping[str, Any]) -> str:
    """Folder of the first label that is 1, or ``no_<label>`` of the first that is 0."""
    labels = labels_of(row)
    positive = next((name for name, value in labels.items() if value == 1), None)
    negative = next((f"no_{name}" for name, value in labels.items() if value == 0), "unknown")
    part = f"{row['split']}/" if row["split"] else ""
    return part + (positive or negative)


def _write_nothing(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Nothing to write: the folders are the labels."""
    del written, labels, out


def write_table(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write ``cases.parquet``: osteon's own columns, boxes and outlines included."""
    del labels
    schema = {name: column.dtype for name, column in CaseSchema.columns().items()}
    names = [f"{LABEL_PREFIX}{name}" for name in labels_of(written[0].row)]
    rows = [{**image.row, "boxes": [box_row(labelled) for labelled in image.boxes]} for image in written]
    pl.DataFrame(rows, schema={**schema, **dict.fromkeys(names, pl.Int8())}, orient="row").write_parquet(
        out / "cases.parquet"
    )


def write_labels(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write ``labels.csv``: labels by SOPInstanceUID, blank where unknown."""
    del labels
    names = list(labels_of(written[0].row))
    with (out / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["SOPInstanceUID", *(f"{LABEL_PREFIX}{name}" for name in names)])
        for image in written:
            values = labels_of(image.row)
            rows.writerow([image.uid, *("" if values[name] == UNKNOWN else values[name] for name in names)])


FOLDER: Final = Target("folder", "a folder for each class", "folder", _class, _write_nothing, boxes=False)
LISTED: Final = Target("listed", "osteon's own table, cases.parquet", "listed", in_images, write_table)
DICOM: Final = Target(
    "dicom", "DICOM files and a CSV of labels", "dicom", in_images, write_labels, boxes=False, pictures="dicom"
)
