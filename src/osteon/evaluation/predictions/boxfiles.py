"""Found and marked boxes as files of an evaluation's folder, and back.

``detections.json`` holds what was found, as COCO results; ``marks.json`` what is marked, with the names of the classes and the
images that were not read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from osteon.core.errors import DataError
from osteon.evaluation.predictions.detections import Detections
from osteon.stats.detection.boxes import Boxes, boxes

FOUND: Final = "detections.json"
MARKED: Final = "marks.json"


def write_boxes(found: Detections, images: Sequence[str], folder: Path) -> None:
    """Write both files; images are named by their paths and classes by their labels.

    Raises:
        OSError: they cannot be written.
    """
    (folder / FOUND).write_text(json.dumps(_records(found.found, found.names, images, scored=True)) + "\n", "utf-8")
    marked = {
        "classes": list(found.names),
        "unread": [image for image, read in zip(images, found.read.tolist(), strict=True) if not read],
        "annotations": _records(found.truth, found.names, images, scored=False),
        "crowds": _records(found.crowds, found.names, images, scored=False),
    }
    (folder / MARKED).write_text(json.dumps(marked) + "\n", "utf-8")


def read_boxes(folder: Path, images: Sequence[str]) -> Detections | None:
    """What ``write_boxes`` wrote; None where an evaluation had no boxes.

    Args:
        folder: of the evaluation.
        images: their paths, one for each row of its predictions.

    Raises:
        DataError: the files cannot be read, or are of other images.
    """
    if not (folder / MARKED).is_file():
        return None
    try:
        marked = json.loads((folder / MARKED).read_text("utf-8"))
        found = json.loads((folder / FOUND).read_text("utf-8"))
        names, unread = tuple(marked["classes"]), set(marked["unread"])
        row = {image: place for place, image in enumerate(images)}
        return Detections(
            names,
            _boxes(marked["annotations"], names, row),
            _boxes(found, names, row),
            np.array([image not in unread for image in images], bool),
            _boxes(marked.get("crowds", []), names, row),  # earlier versions wrote none
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise DataError(
            "the boxes of the evaluation cannot be read", expected="as `osteon evaluate` writes them", got=folder.name
        ) from error


def _records(source: Boxes, names: Sequence[str], images: Sequence[str], *, scored: bool) -> list[dict[str, Any]]:
    rows = zip(
        source.image.tolist(), source.label.tolist(), source.corners.tolist(), source.score.tolist(), strict=True
    )
    return [
        {
            "image_id": images[row],
            "category_id": names[label],
            "bbox": [round(x0, 3), round(y0, 3), round(x1 - x0, 3), round(y1 - y0, 3)],
            **({"score": round(score, 6)} if scored else {}),
        }
        for row, label, (x0, y0, x1, y1), score in rows
    ]


def _boxes(records: Sequence[dict[str, Any]], names: tuple[str, ...], row: dict[str, int]) -> Boxes:
    corners = np.array([record["bbox"] for record in records], np.float64).reshape(-1, 4)
    corners[:, 2:] += corners[:, :2]
    return boxes(
        [row[record["image_id"]] for record in records],
        [names.index(record["category_id"]) for record in records],
        corners,
        [float(record.get("score", 1.0)) for record in records],
    )
