"""COCO JSON: ``instances_<part>.json`` next to ``images/``; who annotated a box goes into the field ``reader``."""

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
    for image in written:
        parts.setdefault(image.row["split"] or "all", []).append(image)
    numbers = {label: number for number, label in enumerate(labels)}
    for part, images in parts.items():
        content = {
            "info": {
                "description": "Written by osteon; cases.csv in the same folder holds all labels",
                "annotated": known(images),
            },
            "images": [
                {"id": number, "file_name": image.name, "width": image.width, "height": image.height}
                for number, image in enumerate(images)
            ],
            "categories": [{"id": number, "name": label} for label, number in numbers.items()],
            "annotations": _annotations(images, numbers),
        }
        (out / f"instances_{part}.json").write_text(json.dumps(content), "utf-8")


def known(images: Sequence[Written]) -> bool:
    """Whether all labels of all images are known, so that an image without annotations is negative."""
    return all(value != UNKNOWN for image in images for value in labels_of(image.row).values())


def _annotations(images: Sequence[Written], numbers: dict[str, int]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, image in enumerate(images):
        for labelled in image.boxes:
            box = labelled.box
            annotation = {
                "id": len(found),
                "image_id": number,
                "category_id": numbers[labelled.label],
                "bbox": [box.x0, box.y0, box.width, box.height],
                "area": box.area,
                "iscrowd": int(labelled.crowd),
                "segmentation": [list(points) for points in labelled.polygons],
            }
            found.append({**annotation, "reader": labelled.reader} if labelled.reader else annotation)
    return found


TARGET: Final = Target("coco", "COCO JSON with boxes and outlines", "coco", in_images, write)
