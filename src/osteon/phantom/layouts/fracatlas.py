"""Limbs as FracAtlas publishes them: two folders, a CSV, boxes and masks in COCO, YOLO and VOC, and the split lists."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

import numpy as np

from osteon.core.labels import View
from osteon.phantom.layouts.job import Job, Layout, Record, case_seed, describe, save_jpeg
from osteon.phantom.layouts.order import blocks, dealt, shuffled
from osteon.phantom.layouts.single import single
from osteon.phantom.simulate import FINDINGS

COLUMNS: tuple[str, ...] = (
    "image_id", "hand", "leg", "hip", "shoulder", "mixed", "hardware", "multiscan", "fractured", "fracture_count",
    "frontal", "lateral", "oblique",
)  # fmt: skip

SPLITS: tuple[tuple[str, float], ...] = (("train", 574), ("valid", 61), ("test", 82))
"""The official split lists and their numbers of fractured images."""


VIEWS: tuple[tuple[View, float], ...] = ((View.FRONTAL, 0.6), (View.LATERAL, 0.4))


def plan(kind: str, n: int, seed: int) -> list[Job]:
    """Two images in five show a fracture and three in five are frontal; the order is random."""
    random = np.random.default_rng([seed, 2])
    numbers = np.sort(random.choice(10 * n + 10, n, replace=False))
    findings = blocks(FINDINGS[kind], round(0.4 * n), random)
    splits = dealt(SPLITS, len(findings), random)
    normal = n - len(findings)
    cases = [*zip(findings, splits, strict=True), *[("normal", "")] * normal]
    views = [*dealt(VIEWS, len(findings), random), *dealt(VIEWS, normal, random)]
    jobs: list[Job] = []
    for index, ((finding, split), view) in enumerate(shuffled(list(zip(cases, views, strict=True)), random)):
        jobs.append(Job(kind, case_seed(seed, index), finding, split, f"IMG{int(numbers[index]):07d}", (view,)))
    return jobs


def draw(job: Job, root: Path, size: int) -> list[Record]:
    """Write one image into the folder of its class."""
    phantom = single(job, size)
    folder = "Fractured" if phantom.visible() else "Non_fractured"
    path = Path("images", folder, f"{job.name}.jpg")
    save_jpeg(phantom.pixels, root / path)
    return [describe(phantom, path.as_posix(), job)]


def finish(records: Sequence[Record], root: Path) -> None:
    """Write dataset.csv, the annotations and the split lists."""
    for folder in ("images/Fractured", "images/Non_fractured", "Annotations/COCO JSON", "Annotations/YOLO",
                   "Annotations/PASCAL VOC", "Utilities/Fracture Split"):  # fmt: skip
        (root / folder).mkdir(parents=True, exist_ok=True)
    _dataset(records, root / "dataset.csv")
    broken = [record for record in records if _boxes(record)]
    _coco(broken, root / "Annotations" / "COCO JSON" / "COCO_fracture_masks.json")
    for record in records:
        _yolo(record, root / "Annotations" / "YOLO")
    for record in broken:
        _voc(record, root / "Annotations" / "PASCAL VOC")
    for name, _ in SPLITS:
        with (root / "Utilities" / "Fracture Split" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["image_id"])
            writer.writerows([_file(record)] for record in broken if record["split"] == name)


def _file(record: Record) -> str:
    return Path(str(record["image"])).name


def _boxes(record: Record) -> list[dict[str, Any]]:
    """The findings that the view shows."""
    findings = record["findings"]
    return [finding for finding in findings if finding["visible"]] if isinstance(findings, list) else []


def _dataset(records: Sequence[Record], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for record in records:
            count, view = len(_boxes(record)), record["view"]
            frontal, lateral = int(view == View.FRONTAL.value), int(view == View.LATERAL.value)
            row = [1, 0, 0, 0, 0, int(bool(record["hardware"])), 0, int(count > 0), count, frontal, lateral, 0]
            writer.writerow([_file(record), *row])


def _coco(records: Sequence[Record], path: Path) -> None:
    """Category 0 as published; boxes are x, y, width, height."""
    images: list[Record] = []
    annotations: list[Record] = []
    for number, record in enumerate(records, start=1):
        images.append({"id": number, "width": record["width"], "height": record["height"], "file_name": _file(record)})
        for finding in _boxes(record):
            x0, y0, x1, y1 = finding["box"]
            annotations.append(
                {
                    "id": len(annotations),
                    "iscrowd": 0,
                    "image_id": number,
                    "category_id": 0,
                    "segmentation": finding["outline"],
                    "bbox": [x0, y0, round(x1 - x0, 2), round(y1 - y0, 2)],
                    "area": round(sum(_area(polygon) for polygon in finding["outline"]), 2),
                }
            )
    info = {"description": "Osteon phantoms in the layout of FracAtlas"}
    categories = [{"id": 0, "name": "fractured"}]
    text = json.dumps({"info": info, "images": images, "annotations": annotations, "categories": categories})
    path.write_text(text + "\n", encoding="utf-8")


def _area(polygon: Sequence[float]) -> float:
    """Area of a flat polygon (shoelace formula)."""
    x, y = np.asarray(polygon[0::2]), np.asarray(polygon[1::2])
    return float(0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))))


def _yolo(record: Record, folder: Path) -> None:
    """Class and box as shares of the image; an empty file for an image without a fracture."""
    width, height = float(str(record["width"])), float(str(record["height"]))
    lines: list[str] = []
    for finding in _boxes(record):
        x0, y0, x1, y1 = finding["box"]
        values = (0.5 * (x0 + x1) / width, 0.5 * (y0 + y1) / height, (x1 - x0) / width, (y1 - y0) / height)
        lines.append("0 " + " ".join(f"{value:.8f}" for value in values))
    (folder / f"{Path(_file(record)).stem}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _voc(record: Record, folder: Path) -> None:
    root = Element("annotation")
    SubElement(root, "folder").text = "Fractured"
    SubElement(root, "filename").text = _file(record)
    size = SubElement(root, "size")
    for name, value in (("width", record["width"]), ("height", record["height"]), ("depth", 1)):
        SubElement(size, name).text = str(value)
    for finding in _boxes(record):
        item = SubElement(root, "object")
        SubElement(item, "name").text = "fractured"
        box = SubElement(item, "bndbox")
        for name, value in zip(("xmin", "ymin", "xmax", "ymax"), finding["box"], strict=True):
            SubElement(box, name).text = f"{value:.2f}"
    indent(root)
    ElementTree(root).write(folder / f"{Path(_file(record)).stem}.xml", encoding="utf-8")


LAYOUT = Layout("fracatlas", ("hand", "forearm", "elbow"), plan, draw, finish)
