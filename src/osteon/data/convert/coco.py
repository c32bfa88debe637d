"""COCO JSON: ``instances_<part>.json`` beside ``images/``; readers go into an annotation's own field ``reader``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from osteon.core.labels import UNKNOWN
from osteon.data.convert.target import Target, Written, in_images, labels_of


def write(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write a COCO file for each part of the official split."""
    parts: dict[str, list[Written]] = {}
    for one in written:
        parts.setdefault(one.row["split"] or "all", []).append(one)
    numbers = {label: number for number, label in enumerate(labels)}
    for part, images in parts.items():
        content = {
            "info": {
                "description": "Written by osteon; cases.csv beside it holds all labels",
                "annotated": known(images),
            },
            "images": [
                {"id": number, "file_name": one.name, "width": one.width, "height": one.height}
                for number, one in enumerate(images)
            ],
            "categories": [{"id": number, "name": label} for label, number in numbers.items()],
            "annotations": _annotations(images, numbers),
        }
        (out / f"instances_{part}.json").write_text(json.dumps(content), "utf-8")


def known(images: Sequence[Written]) -> bool:
    """Whether all labels of all images are known, so that no annotation means that there is nothing."""
    return all(value != UNKNOWN for one in images for value in labels_of(one.row).values())


def _annotations(images: Sequence[Written], numbers: dict[str, int]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, one in enumerate(images):
        for marked in one.boxes:
            box = marked.box
            annotation = {
                "id": len(found),
                "image_id": number,
                "category_id": numbers[marked.label],
                "bbox": [box.x0, box.y0, box.width, box.height],
                "area": box.area,
                "iscrowd": 0,
                "segmentation": [list(points) for points in marked.polygons],
            }
            found.append({**annotation, "reader": marked.reader} if marked.reader else annotation)
    return found


TARGET: Final = Target("coco", "COCO JSON with boxes and outlines", "coco", in_images, write)
