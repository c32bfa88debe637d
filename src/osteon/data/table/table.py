"""The table of cases: a row for each image, the same columns for every dataset, stored as Parquet.

Label columns (``label_fracture`` ...) are added by each dataset; they hold 1, 0 or ``osteon.core.labels.UNKNOWN``
(-1), so that a missing label is never taken for a 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import dataframely as dy
import numpy as np
import polars as pl
from dataframely.exc import SchemaError
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.core.labels import UNKNOWN, BodyPart, Laterality, Sex, View
from osteon.data.files.atomic import replacing
from osteon.data.table.case import Case, LabelledBox
from osteon.data.table.remark import Kind, Remark

SCHEMA_VERSION: Final = 2
"""Version of the columns below; it is written into each file, and a newer one is refused."""

LABEL_PREFIX: Final = "label_"
PARTS: Final = ("train", "val", "test")
_METADATA_KEY: Final = "osteon.table"


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


@dataclass(frozen=True)
class Table:
    """Cases of one dataset.

    Attributes:
        frame: one row per image: the columns of ``CaseSchema``, then one ``label_<name>`` column (Int8) per label.
        dataset: name of the dataset's card.
        remarks: on defects and on images that were left out.
    """

    frame: pl.DataFrame
    dataset: str
    remarks: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        """Check columns, types, ranges and labels.

        Raises:
            DataError: a column is missing or has another type, or a value violates a rule.
        """
        validate(self.frame)

    def __len__(self) -> int:
        """Number of images."""
        return self.frame.height

    @property
    def images(self) -> list[str]:
        """Paths below the root, in the order of the rows."""
        return self.frame["image"].to_list()

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the labels, without the prefix."""
        return tuple(name.removeprefix(LABEL_PREFIX) for name in self.frame.columns if name.startswith(LABEL_PREFIX))

    @property
    def skipped(self) -> tuple[Remark, ...]:
        """The images that were left out, each with its reason."""
        return tuple(remark for remark in self.remarks if remark.skipped)

    def label(self, name: str) -> NDArray[np.int8]:
        """Values of one label: 1, 0 or ``UNKNOWN``, shape (N,).

        Raises:
            DataError: there is no such label.
        """
        if name not in self.labels:
            raise DataError("no such label in the table", expected=" or ".join(self.labels) or "a label", got=name)
        return self.frame[LABEL_PREFIX + name].to_numpy()

    def select(self, images: Sequence[str]) -> Table:
        """The rows of the given images, in the given order.

        Raises:
            DataError: an image is not in the table.
        """
        row = {image: index for index, image in enumerate(self.images)}
        absent = [image for image in images if image not in row]
        if absent:
            raise DataError(f"{len(absent)} images are not in the table", got=absent[0])
        return replace(self, frame=self.frame[[row[image] for image in images]])

    def with_group(self, column: str, numbers: NDArray[np.int32]) -> Table:
        """The same table with the number of each row's group in one of the columns ``COMPUTED``."""
        return replace(self, frame=self.frame.with_columns(pl.Series(column, numbers, pl.Int32)))

    def save(self, path: Path) -> None:
        """Write the table as Parquet, with the schema's version, dataset and remarks in the metadata."""
        about = {
            "schema": SCHEMA_VERSION,
            "dataset": self.dataset,
            "remarks": [asdict(remark) for remark in self.remarks],
        }
        with replacing(path) as new:
            self.frame.write_parquet(new, metadata={_METADATA_KEY: json.dumps(about)})


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


def from_cases(cases: Iterable[Case], *, dataset: str, licence: str, remarks: Iterable[Remark] = ()) -> Table:
    """Make a table of typed rows; labels that a case does not have are unknown.

    Raises:
        DataError: there is no case, or a value violates the schema.
    """
    listed = list(cases)
    remarks = tuple(remarks)
    if not listed:
        raise DataError("no image was found", hint=_why_none(remarks))
    names = list(dict.fromkeys(name for case in listed for name in case.labels))
    rows = [_row(case, names, licence) for case in listed]
    schema = {name: column.dtype for name, column in CaseSchema.columns().items()}
    labels = {LABEL_PREFIX + name: pl.Int8() for name in names}
    return Table(pl.DataFrame(rows, schema={**schema, **labels}, orient="row"), dataset, remarks)


def _why_none(remarks: Sequence[Remark]) -> str:
    """How many files were skipped, and the first reason of each kind."""
    skipped = [remark for remark in remarks if remark.skipped] or list(remarks)
    if not skipped:
        return ""
    first = {remark.kind: f"{remark.image}: {remark.detail}" for remark in reversed(skipped)}
    reasons = "; ".join(first[kind] for kind in dict.fromkeys(remark.kind for remark in skipped))
    return f"{len({remark.image for remark in skipped})} files were examined and skipped: {reasons}"


def _row(case: Case, labels: Sequence[str], licence: str) -> dict[str, object]:
    boxes = [box_row(labelled) for labelled in case.boxes]
    own = {name: getattr(case, name) for name in CaseSchema.column_names() if hasattr(case, name)}
    values = {LABEL_PREFIX + name: case.labels.get(name, UNKNOWN) for name in labels}
    facts = case.facts
    header = {
        "width": facts.width,
        "height": facts.height,
        "mode": facts.mode,
        "format": facts.format,
        "bytes": facts.size,
    }
    return {
        **own,
        **header,
        "bytes": facts.size,
        "boxes": boxes,
        "licence": licence,
        **dict.fromkeys(COMPUTED),
        **values,
    }


def box_row(labelled: LabelledBox) -> dict[str, object]:
    """A box as the table holds it."""
    return {
        **{side: float(value) for side, value in labelled.box._asdict().items()},  # clipped sides are whole numbers
        "label": labelled.label,
        "reader": labelled.reader,
        "polygons": [list(points) for points in labelled.polygons],
        "crowd": labelled.crowd,
    }


def boxes_of(row: Mapping[str, Any]) -> tuple[LabelledBox, ...]:
    """The boxes of a row of the table, as `LabelledBox`."""
    return tuple(
        LabelledBox(
            Box(box["x0"], box["y0"], box["x1"], box["y1"]),
            box["label"],
            box["reader"],
            tuple(tuple(points) for points in box["polygons"]),
            box["crowd"],
        )
        for box in row["boxes"]
    )


def with_crowds(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame whose boxes say whether they are crowds; those of schema 1 do not, and are none."""
    inner = frame.schema["boxes"]
    if not isinstance(inner, pl.List) or not isinstance(inner.inner, pl.Struct):
        return frame
    if "crowd" in {field.name for field in inner.inner.fields}:
        return frame
    known = pl.element().struct.with_fields(crowd=pl.lit(value=False))
    return frame.with_columns(pl.col("boxes").list.eval(known))


def load(path: Path) -> Table:
    """Read a table that ``Table.save`` wrote.

    Raises:
        DataError: the file is missing, is not a table of cases, or has a newer schema.
    """
    try:
        metadata = pl.read_parquet_metadata(path)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise DataError(f"cannot read the table {path}", got=type(error).__name__) from error
    if _METADATA_KEY not in metadata:
        raise DataError(
            f"{path} is not a table of cases", hint="Make one with `osteon data check` or `osteon.data.datasets.read`."
        )
    about = json.loads(metadata[_METADATA_KEY])
    if about["schema"] > SCHEMA_VERSION:
        raise DataError(
            f"{path} was written by a newer osteon",
            expected=f"table schema up to {SCHEMA_VERSION}",
            got=str(about["schema"]),
        )
    remarks = tuple(
        Remark(Kind(remark["kind"]), remark["image"], remark["detail"], remark["skipped"])
        for remark in about["remarks"]
    )
    frame = with_crowds(pl.read_parquet(path))
    absent = [name for name in COMPUTED if name not in frame.columns]  # schema 1 has clusters only
    frame = frame.with_columns(pl.lit(None, pl.Int32).alias(name) for name in absent)
    return Table(frame, about["dataset"], remarks)
