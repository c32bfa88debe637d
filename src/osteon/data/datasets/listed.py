"""A CSV or Parquet table with osteon's own columns beside the images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import polars as pl

from osteon.core.errors import DataError
from osteon.data.card import DatasetCard
from osteon.data.case import Case
from osteon.data.coco import slug
from osteon.data.datasets.folder import SPLIT_NAMES
from osteon.data.dicom import DicomFacts, inspect_dicom
from osteon.data.files import DICOM_SUFFIXES, inspect
from osteon.data.remark import Kind, Remark
from osteon.data.rows import read_rows
from osteon.data.table import LABEL_PREFIX, Table, from_cases
from osteon.data.words import age_of, label_of, number_of, part_of, sex_of, side_of, view_of

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
    """Read ``cases.csv`` or ``cases.parquet`` in ``root`` (or the one such file there) and the images that it lists.

    Raises:
        DataError: there is no such file, or it has no column ``image``.
    """
    path = _find(root)
    rows = _parquet(path) if path.suffix == ".parquet" else read_rows(path)
    if not rows or "image" not in rows[0]:
        raise DataError(f"{path.name} does not list images", expected="a column named image")
    cases: list[Case] = []
    remarks: list[Remark] = []
    for row in rows:
        name = row["image"]
        dicom = Path(name).suffix.lower() in DICOM_SUFFIXES
        found = inspect_dicom(root / name, name) if dicom else inspect(root / name, name)
        if isinstance(found, Remark):
            remarks.append(found)
            continue
        if row.get("age") and age_of(row["age"]) is None:
            remarks.append(Remark(Kind.IMPLAUSIBLE_AGE, name, "its age cannot be understood; taken as unknown"))
        header = found if isinstance(found, DicomFacts) else None
        facts = found.facts if isinstance(found, DicomFacts) else found
        spacing = number_of(row.get("row_spacing", "")), number_of(row.get("column_spacing", ""))
        cases.append(
            Case(
                image=name,
                facts=facts,
                study=row.get("study") or (header.study if header else "") or name,
                patient=row.get("patient") or None,
                view=view_of(row.get("view", "")) or (header.view if header else None),
                laterality=side_of(row.get("laterality", "")) or (header.laterality if header else None),
                body_part=part_of(row.get("body_part", "")) or (header.body_part if header else None),
                age=age_of(row.get("age", "")) if row.get("age") else header.age if header else None,
                sex=sex_of(row.get("sex", "")) or (header.sex if header else None),
                labels=_labels(row),
                mask=row.get("mask") or None,
                split=SPLIT_NAMES.get(row.get("split", "").lower()),
                source=row.get("source") or None,
                row_spacing=spacing[0],
                column_spacing=spacing[1],
                hardware={1: True, 0: False}.get(label_of(row.get("hardware", ""))),
            )
        )
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _labels(row: Mapping[str, str]) -> dict[str, int]:
    return {slug(key.removeprefix(LABEL_PREFIX)): label_of(row[key]) for key in row if key.startswith(LABEL_PREFIX)}


def _find(root: Path) -> Path:
    for name in ("cases.csv", "cases.parquet"):
        if (root / name).exists():
            return root / name
    found = [*root.glob("*.csv"), *root.glob("*.parquet")]
    if len(found) != 1:
        raise DataError(
            f"no table of images in {root}", expected="cases.csv or cases.parquet", got=f"{len(found)} files"
        )
    return found[0]


def _parquet(path: Path) -> list[dict[str, str]]:
    try:
        frame = pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        raise DataError(f"cannot read {path.name} as Parquet", got=type(error).__name__) from error
    flat = frame.select(pl.selectors.exclude(pl.selectors.nested())).cast(pl.String).fill_null("")
    return flat.to_dicts()
