"""The CSV files of VinDr-SpineXR: a row for each box, corners in pixels; a column for outlines is added.

The layout has two parts, so that validation images lie with the training images; ``cases.csv`` tells them apart.
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
    "image_id", "study_id", "series_id", "rad_id", "lesion_type", "xmin", "ymin", "xmax", "ymax", "polygons",
)  # fmt: skip


def write(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write ``annotations/{train,test}.csv``.

    An image without a box gets a row for each of its labels that is 1, its corners blank; the row "No finding" where
    all its known labels are 0; none where nothing is known.
    """
    del labels
    (out / "annotations").mkdir()
    for part in ("train", "test"):
        with (out / "annotations" / f"{part}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(COLUMNS)
            for one in written:
                if one.name.startswith(part):
                    rows.writerows(_rows(one))


def _rows(one: Written) -> list[tuple[object, ...]]:
    start = (Path(one.name).stem, one.row["study"], "")
    if one.boxes:
        return [
            (*start, box.reader, _spoken(box.label), *box.box, json.dumps(box.polygons) if box.polygons else "")
            for box in one.boxes
        ]
    known = {name: value for name, value in labels_of(one.row).items() if value != UNKNOWN}
    positive = [name for name, value in known.items() if value == 1]
    named = [_spoken(name) for name in positive] or (["No finding"] if known else [])
    return [(*start, "", name, "", "", "", "", "") for name in named]


def _spoken(label: str) -> str:
    return label.replace("_", " ").capitalize()


def _folder(row: Mapping[str, Any]) -> str:
    return "test_images" if row["split"] == "test" else "train_images"


TARGET: Final = Target("vindr", "VinDr-SpineXR's CSV with boxes", "spinexr", _folder, write)
