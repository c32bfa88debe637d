"""The CSV files of VinDr-SpineXR: a row for each box, corners in pixels; a column for outlines is added.

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
    "image_id", "study_id", "series_id", "rad_id", "lesion_type", "xmin", "ymin", "xmax", "ymax", "polygons",
)  # fmt: skip


def write(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write ``annotations/{train,test}.csv``.

    An image without a box gets a row for each of its labels that is 1, its corners blank; the row "No finding" where
    all its known labels are 0; none where no label is known.
    """
    del labels
    (out / "annotations").mkdir()
    for part in ("train", "test"):
        with (out / "annotations" / f"{part}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(COLUMNS)
            for image in written:
                if image.name.startswith(part):
                    rows.writerows(_rows(image))


def _rows(image: Written) -> list[tuple[object, ...]]:
    start = (Path(image.name).stem, image.row["study"], "")
    if image.boxes:
        return [
            (*start, box.reader, _as_lesion_type(box.label), *box.box, json.dumps(box.polygons) if box.polygons else "")
            for box in image.boxes
        ]
    known = {name: value for name, value in labels_of(image.row).items() if value != UNKNOWN}
    positive = [name for name, value in known.items() if value == 1]
    named = [_as_lesion_type(name) for name in positive] or (["No finding"] if known else [])
    return [(*start, "", name, "", "", "", "", "") for name in named]


def _as_lesion_type(label: str) -> str:
    return label.replace("_", " ").capitalize()


def _folder(row: Mapping[str, Any]) -> str:
    return "test_images" if row["split"] == "test" else "train_images"


TARGET: Final = Target("vindr", "VinDr-SpineXR's CSV with boxes", "spinexr", _folder, write)
