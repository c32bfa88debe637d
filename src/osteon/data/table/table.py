"""The table of cases: a row for each image, the same columns for every dataset, stored as Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.core.labels import UNKNOWN
from osteon.data.files.atomic import replacing
from osteon.data.table.case import Case, LabelledBox
from osteon.data.table.remark import Remark, from_record
from osteon.data.table.schema import COMPUTED, LABEL_PREFIX, SCHEMA_VERSION, CaseSchema, validate

_METADATA_KEY: Final = "osteon.table"


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
            "remarks": [remark.to_json() for remark in self.remarks],
        }
        with replacing(path) as new:
            self.frame.write_parquet(new, metadata={_METADATA_KEY: json.dumps(about)})


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
    remarks = tuple(from_record(remark) for remark in about["remarks"])
    frame = with_crowds(pl.read_parquet(path))
    absent = [name for name in COMPUTED if name not in frame.columns]  # schema 1 has clusters only
    frame = frame.with_columns(pl.lit(None, pl.Int32).alias(name) for name in absent)
    return Table(frame, about["dataset"], remarks)
