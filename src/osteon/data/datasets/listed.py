"""A CSV or Parquet table with osteon's own columns, and the images it lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.files.images import inspect_images
from osteon.data.files.resolve import Files, Match, overlooked, settle
from osteon.data.files.sidecar import fill
from osteon.data.files.walk import survey
from osteon.data.formats.classes import ANY, slug
from osteon.data.formats.parts import part_of
from osteon.data.table.boxes import usable
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case, LabelledBox
from osteon.data.table.columns import known_columns, labels_of, unparsed_cells
from osteon.data.table.parse import meaning
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.rows import Row, Sheet, merged, read_sheet, repeated
from osteon.data.table.schema import CaseSchema
from osteon.data.table.table import Table, boxes_of, from_cases, with_crowds

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


_TABLES: Final = (".csv", ".tsv", ".parquet")


def read(root: Path) -> Table:
    """Read ``cases.parquet`` or ``cases.csv`` in ``root`` (or the one such file there) and the images that it lists.

    Rows of the same image are merged; contradictions are unknown. Columns that are not read, and values that
    cannot be parsed, get a remark.

    Raises:
        DataError: there is no such file, or it has no column of images.
    """
    path = _find(root)
    sheet, marks = _parquet(path) if path.suffix == ".parquet" else (read_sheet(path), {})
    sheet = known_columns(sheet, "image")
    sheet.need("image")
    found = survey(root)
    remarks: list[Remark] = [*sheet.remarks, *found.remarks]
    rows = _rows(root, sheet, found.images, remarks)
    cases: list[Case] = []
    for name, image in inspect_images(root, list(rows)):
        if isinstance(image, Remark):
            remarks.append(image)
            continue
        row = rows[name]
        cells = dict(row.cells) | {"image": name}
        remarks += unparsed_cells(sheet.name, name, row)
        own = replace(image.case(name), split=part_of(cells.get("split", "")))
        case = fill(own, {key: value for key, value in cells.items() if key != "split"})
        fitting = usable(marks.get(row.cells["image"], ()), image.facts, name)
        remarks += fitting.remarks
        labels = {**case.labels, **labels_of(row)}
        for lost in fitting.lost:
            if labels.get(slug(lost)) == 0:
                labels[slug(lost)] = UNKNOWN
        cases.append(replace(case, labels={k: v for k, v in labels.items() if k != ANY}, boxes=fitting.boxes))
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _rows(root: Path, sheet: Sheet, images: tuple[str, ...], remarks: list[Remark]) -> dict[str, Row]:
    """The row of each image."""
    index = Files(root, images)
    matches: list[tuple[Row, Match]] = []
    for row in sheet.rows:
        if row.cells["image"]:
            matches.append((row, index.find(row.cells["image"])))
        else:
            remarks.append(Remark(Kind.UNREADABLE, sheet.name, RemarkCode.NAMES_NO_IMAGE, {"where": row.location}))
    remarks += overlooked(sheet.name, (match for _, match in matches))
    lost = settle(match for _, match in matches)
    several: dict[str, list[Row]] = {}
    for row, match in matches:
        why = match.why if match.image is None else lost.get((match.stated, match.image))
        if why is not None:
            remarks.append(
                Remark(
                    Kind.MISSING_FILE,
                    row.cells["image"],
                    RemarkCode.LISTED_UNMATCHED,
                    {"where": f"{sheet.name}, {row.location}", **why.values},
                    skipped=True,
                )
            )
        elif match.image is not None:
            several.setdefault(match.image, []).append(row)
    rows: dict[str, Row] = {}
    for name, listed in several.items():
        images_of = {row.cells["image"] for row in listed}
        same = [replace(row, cells={**row.cells, "image": min(images_of)}) for row in listed]
        rows[name] = merged(same, meaning)
        if len(listed) > 1:
            odd = repeated(sheet.name, rows[name])
            remarks.append(
                replace(odd, image=name, values={**odd.values, "where": f"{sheet.name}, {rows[name].location}"})
            )
    return rows


def _find(root: Path) -> Path:
    for name in ("cases.parquet", "cases.csv"):
        if (root / name).exists():
            return root / name
    files = sorted(path for path in root.glob("*") if path.is_file() and not path.name.startswith("."))
    found = [path for path in files if path.suffix.lower() in _TABLES]
    if len(found) != 1:
        books = [path.name for path in files if path.suffix.lower() in {".xlsx", ".xls", ".ods"}]
        raise DataError(
            f"no table of images in {root}",
            expected="cases.csv or cases.parquet",
            got=", ".join(path.name for path in found[:5]) or "no CSV file",
            hint=f"Save {books[0]} as CSV." if books else "",
        )
    return found[0]


def _parquet(path: Path) -> tuple[Sheet, Mapping[str, tuple[LabelledBox, ...]]]:
    """Rows as text, and the boxes of each image where the table has osteon's column ``boxes``."""
    try:
        frame = pl.read_parquet(path)
        frame = with_crowds(frame) if "boxes" in frame.columns else frame
        flat = frame.select(pl.selectors.exclude(pl.selectors.nested(), pl.selectors.binary()))
        texts = flat.cast(pl.String).fill_null("").to_dicts()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"cannot read {path.name} as Parquet", got=type(error).__name__) from error
    boxed = "image" in frame.columns and frame.schema.get("boxes") == CaseSchema.columns()["boxes"].dtype
    marks: dict[str, tuple[LabelledBox, ...]] = {}
    for row in frame.select("image", "boxes").to_dicts() if boxed else ():
        if row["image"] is not None and row["boxes"] is not None:
            marks[row["image"]] = (*marks.get(row["image"], ()), *boxes_of(row))
    names = {name: "_".join(name.lower().split()) for name in flat.columns}
    rows = [
        Row((number,), {names[column]: cell.strip() for column, cell in row.items()})
        for number, row in enumerate(texts, start=1)
    ]
    return Sheet(path.name, tuple(names.values()), tuple(rows), ()), marks
