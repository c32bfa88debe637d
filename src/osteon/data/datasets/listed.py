"""A CSV or Parquet table with osteon's own columns beside the images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from osteon.core.errors import DataError
from osteon.data.boxes import usable
from osteon.data.card import DatasetCard
from osteon.data.case import Case, LabelledBox
from osteon.data.coco import slug
from osteon.data.datasets.folder import SPLIT_NAMES
from osteon.data.films import inspect_film
from osteon.data.remark import Kind, Remark
from osteon.data.rows import read_rows
from osteon.data.sidecar import fill
from osteon.data.table import CaseSchema, Table, boxes_of, from_cases
from osteon.data.words import age_of, sex_of

CARD: Final = DatasetCard(
    name="listed",
    title="A table of images",
    about="Any images that a CSV or Parquet file lists, with osteon's own column names.",
    licence="as its owner says",
    citation="",
    url="",
    access="own",
    obtain="Your own files.",
    layout="cases.csv or cases.parquet: image, and any of study, patient, view, age, label_<name> ...\nimages below",
    identifiers=("patient", "study", "cluster"),
    label_map={"label_<name>": "1, 0, or blank for unknown"},
)


def read(root: Path) -> Table:
    """Read ``cases.parquet`` or ``cases.csv`` in ``root`` (or the one such file there) and the images that it lists.

    Raises:
        DataError: there is no such file, or it has no column ``image``.
    """
    path = _find(root)
    rows, marks = _parquet(path) if path.suffix == ".parquet" else (read_rows(path), {})
    if not rows or "image" not in rows[0]:
        raise DataError(f"{path.name} does not list images", expected="a column named image")
    cases: list[Case] = []
    remarks: list[Remark] = []
    for row in rows:
        name = row["image"]
        film = inspect_film(root / name, name)
        if isinstance(film, Remark):
            remarks.append(film)
            continue
        if row.get("age") and age_of(row["age"]) is None:
            remarks.append(Remark(Kind.IMPLAUSIBLE_AGE, name, "its age cannot be understood; taken as unknown"))
        if row.get("sex") and sex_of(row["sex"]) is None:
            remarks.append(Remark(Kind.IMPLAUSIBLE_SEX, name, "its sex cannot be understood; taken as unknown"))
        own = film.case(name)
        case = fill(replace(own, split=SPLIT_NAMES.get(row.get("split", "").lower())), row)
        boxes, odd = usable(marks.get(name, ()), film.facts, name)
        remarks += odd
        cases.append(replace(case, labels={slug(key): value for key, value in case.labels.items()}, boxes=boxes))
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _find(root: Path) -> Path:
    for name in ("cases.parquet", "cases.csv"):
        if (root / name).exists():
            return root / name
    found = [*root.glob("*.csv"), *root.glob("*.parquet")]
    if len(found) != 1:
        raise DataError(
            f"no table of images in {root}", expected="cases.csv or cases.parquet", got=f"{len(found)} files"
        )
    return found[0]


def _parquet(path: Path) -> tuple[list[dict[str, str]], dict[str, tuple[LabelledBox, ...]]]:
    """Rows as text, and the boxes of each image where there is osteon's own column of them."""
    try:
        frame = pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        raise DataError(f"cannot read {path.name} as Parquet", got=type(error).__name__) from error
    flat = frame.select(pl.selectors.exclude(pl.selectors.nested())).cast(pl.String).fill_null("")
    boxed = "image" in frame.columns and frame.schema.get("boxes") == CaseSchema.columns()["boxes"].dtype
    marks = {row["image"]: boxes_of(row) for row in frame.select("image", "boxes").to_dicts()} if boxed else {}
    return flat.to_dicts(), marks
