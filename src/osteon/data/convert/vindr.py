"""The CSV files of VinDr-SpineXR: a row for each box, corners in pixels; where there are outlines, a column is added.

The layout has two parts: validation images are among the training images, and ``cases.csv`` distinguishes them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from osteon.core.labels import UNKNOWN
from osteon.data.convert.target import Target, Written, labels_of

COLUMNS: Final = (
    "image_id", "study_id", "series_id", "rad_id", "lesion_type", "xmin", "ymin", "xmax", "ymax",
)  # fmt: skip
META: Final = ("image_id", "image_height", "image_width", "patient_age", "patient_sex", "row_spacing", "column_spacing")
"""Columns of ``{train,test}_meta.csv``: the published ones that are known, then what a table knows of an image."""


def write(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write ``annotations/{train,test}.csv`` and ``{train,test}_meta.csv``.

    An image without a box gets a row for each of its labels that is 1, its corners blank; the row "No finding" where
    all its known labels are 0; none where no label is known.
    """
    del labels
    (out / "annotations").mkdir()
    outlined = any(box.polygons for image in written for box in image.boxes)
    for part in ("train", "test"):
        _write_meta(out / f"{part}_meta.csv", [image for image in written if image.name.startswith(part)])
        with (out / "annotations" / f"{part}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow([*COLUMNS, *(["polygons"] if outlined else [])])
            for image in written:
                if image.name.startswith(part):
                    rows.writerows(row if outlined else row[:-1] for row in _rows(image))


def _write_meta(path: Path, images: Sequence[Written]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(META)
        for image in images:
            known = (image.row[name] for name in ("age", "sex", "row_spacing", "column_spacing"))
            words = ("" if value is None else value for value in known)
            rows.writerow((Path(image.name).stem, image.height, image.width, *words))


def _rows(image: Written) -> list[tuple[object, ...]]:
    start = (Path(image.name).stem, image.row["study"], "")
    if image.boxes:
        return [
            (*start, box.reader, _as_lesion_type(box.label), *box.box, json.dumps(box.polygons) if box.polygons else "")
            for box in image.boxes
        ]
    known = {name: value for name, value in labels_of(image.row).items() if value != UNKNOWN}
    positive = [name for name, value in known.items() if value == 1]
    positive = [name for name in positive if name != "abnormal"] or positive  # what any lesion makes an image
    named = [_as_lesion_type(name) for name in positive] or (["No finding"] if known else [])
    return [(*start, "", name, "", "", "", "", "") for name in named]


def _as_lesion_type(label: str) -> str:
    return label.replace("_", " ").capitalize()


def _folder(row: Mapping[str, Any]) -> str:
    return "test_images" if row["split"] == "test" else "train_images"


TARGET: Final = Target("vindr", "VinDr-SpineXR's CSV with boxes", "spinexr", _folder, write)
