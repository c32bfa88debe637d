"""The columns of every table, their types and rules.

Label columns (``label_fracture`` ...) are added by each dataset; they hold 1, 0 or ``osteon.core.labels.UNKNOWN``
(-1), so that a missing label is never taken for a 0.
"""

from __future__ import annotations

from typing import Final

import dataframely as dy
import polars as pl
from dataframely.exc import SchemaError

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN, BodyPart, Laterality, Sex, View

SCHEMA_VERSION: Final = 2
"""Version of the columns below; it is written into each file, and a newer one is refused."""

LABEL_PREFIX: Final = "label_"
PARTS: Final = ("train", "val", "test")


def _not_turned(box: pl.Expr) -> pl.Expr:
    field = box.struct.field
    return (field("x0") < field("x1")) & (field("y0") < field("y1"))


BOX: Final = dy.Struct(
    {
        "x0": dy.Float64(min=0, description="left edge, px"),
        "y0": dy.Float64(min=0, description="upper edge, px"),
        "x1": dy.Float64(description="right edge, px"),
        "y1": dy.Float64(description="lower edge, px"),
        "label": dy.String(min_length=1, description="class of the finding"),
        "reader": dy.String(description="who annotated it; empty where not stated"),
        "polygons": dy.List(dy.List(dy.Float64()), description="outlines of the mask: x, y, x, y, ... in px"),
        "crowd": dy.Bool(description="whether it stands for several findings that were not marked one by one"),
    },
    check=_not_turned,
)


class CaseSchema(dy.Schema):
    """The columns that every table has.

    Boxes and sizes count pixels of the image as ``osteon.imaging.load`` gives it: upright (after EXIF orientation) and
    with square pixels.
    """

    image = dy.String(primary_key=True, min_length=1, description="path of the file below the root of the dataset")
    study = dy.String(min_length=1, description="shared by the views taken together; the image itself where unknown")
    patient = dy.String(nullable=True, min_length=1, description="pseudonym of the patient within the dataset")
    view = dy.Enum([str(view) for view in View], nullable=True, description="projection")
    laterality = dy.Enum([str(side) for side in Laterality], nullable=True, description="side of the body")
    body_part = dy.Enum([str(part) for part in BodyPart], nullable=True, description="region; null where several")
    age = dy.Float64(nullable=True, min=0, max=120, description="age in years")
    sex = dy.Enum([str(sex) for sex in Sex], nullable=True, description="sex, in DICOM's letters")
    boxes = dy.List(BOX, description="drawn by annotators, in pixels of the loaded image")
    mask = dy.String(nullable=True, description="path of a mask image below the root")
    split = dy.Enum(list(PARTS), nullable=True, description="part of the official split")
    source = dy.String(nullable=True, description="hospital, device or part of the dataset the image came from")
    licence = dy.String(min_length=1, description="SPDX identifier or name of the licence")
    row_spacing = dy.Float64(nullable=True, min_exclusive=0, description="distance between rows, mm")
    column_spacing = dy.Float64(nullable=True, min_exclusive=0, description="distance between columns, mm")
    width = dy.Int32(min=1, description="columns of the loaded image (upright, square pixels), px")
    height = dy.Int32(min=1, description="rows of the loaded image, px")
    mode = dy.String(min_length=1, description="how samples are stored: L, RGB, I;16, MONOCHROME1 ...")
    format = dy.String(min_length=1, description="format of the file: JPEG, PNG, TIFF, DICOM")
    bytes = dy.Int64(min=1, description="size of the file in bytes")
    hardware = dy.Bool(nullable=True, description="whether metal is visible")
    cluster = dy.Int32(
        nullable=True, min=0, description="number of the near-duplicate cluster; null until it is computed"
    )
    run = dy.Int32(
        nullable=True, min=0, description="number of the run of neighbouring image numbers; null until it is computed"
    )
    lookalike = dy.Int32(
        nullable=True, min=0, description="number of the group of look-alikes; null until it is computed"
    )


COMPUTED: Final = ("cluster", "run", "lookalike")
"""Columns that are null until they are computed."""


def validate(frame: pl.DataFrame) -> None:
    """Check a frame against ``CaseSchema`` and the rule of the label columns.

    Raises:
        DataError: with the violated rules and their counts; it shows no values.
    """
    labels = [name for name in frame.columns if name.startswith(LABEL_PREFIX)]
    known = set(CaseSchema.column_names())
    if odd := [name for name in frame.columns if name not in known and name not in labels]:
        raise DataError(
            "the table has unknown columns", expected="those of CaseSchema and label_<name>", got=", ".join(odd)
        )
    try:
        _, failures = CaseSchema.filter(frame)
    except SchemaError as error:
        raise DataError(
            "the table is missing columns of CaseSchema, or has other types", got=" ".join(str(error).split())
        ) from error
    if len(failures):
        counts = ", ".join(f"{rule} ({number} rows)" for rule, number in failures.counts().items())
        raise DataError("the table violates its schema", got=counts)
    for name in labels:
        column = frame[name]
        if column.dtype != pl.Int8 or column.null_count() or not column.is_in([UNKNOWN, 0, 1]).all():
            raise DataError(
                f"column {name} is not a label", expected="Int8 values 1, 0 or -1 (unknown)", got=str(column.dtype)
            )
    outside = frame.select(
        pl.col("boxes").list.eval(pl.element().struct.field("x1").max()).list.first().alias("x1"),
        pl.col("boxes").list.eval(pl.element().struct.field("y1").max()).list.first().alias("y1"),
        "width",
        "height",
    ).filter((pl.col("x1") > pl.col("width") + 1e-6) | (pl.col("y1") > pl.col("height") + 1e-6))
    if outside.height:
        raise DataError("boxes reach beyond their images", got=f"{outside.height} rows")
