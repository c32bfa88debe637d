"""YOLOv8 by ultralytics, for those who choose it: trained on our tables and splits, evaluated with our metrics.

ultralytics is licensed under AGPL-3.0, and so is what is built on it. Osteon neither contains nor needs it: the extra
``osteon[yolo]`` installs it, and nothing else imports it. Its boxes are written as COCO results, which ``osteon evaluate``
reads; it makes no bundle.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import polars as pl

from osteon.core.errors import DataError, RecipeError
from osteon.data.convert import convert
from osteon.data.splits.record import Split
from osteon.data.table.table import Table
from osteon.learning.recipe import UltralyticsRecipe

PARTS: Final = ("train", "val", "test")
_RASTER: Final = (".jpg", ".jpeg", ".png")


OPTIMIZERS: Final = {"adamw": "AdamW", "adam": "Adam", "sgd": "SGD"}
"""Ultralytics' names of ours."""


def write_data(table: Table, split: Split, root: Path, out: Path, *, only_with_boxes: bool) -> Path:
    """Write the images of a split as ultralytics wants them.

    Args:
        table: of the cases.
        split: which of them is in which part.
        root: folder of the dataset.
        out: folder to write into; empty or absent.
        only_with_boxes: leave out images without boxes.

    Returns:
        ``data.yaml``, whose paths are absolute.

    Raises:
        DataError: a part holds no image, or there are no boxes.
        InputError: an image cannot be read.
    """
    part_of = {image: part for part in PARTS for image in split.parts.get(part, ())}
    marked = dict(zip(table.images, table.frame["boxes"].list.len().fill_null(0).to_list(), strict=True))
    table = replace(
        table, frame=table.frame.with_columns(pl.col("boxes").list.filter(~pl.element().struct.field("crowd")))
    )
    rows = [
        (image, part_of[image])
        for image, boxes in zip(table.images, table.frame["boxes"].to_list(), strict=True)
        if image in part_of and (boxes or not (only_with_boxes or marked[image]))
    ]
    if missing := set(PARTS) - {part for _, part in rows}:
        raise DataError(f"the {min(missing)} part of the split is empty", hint="Give more data, or other fractions.")
    chosen = table.select([image for image, _ in rows])
    parts = dict(rows)
    placed = replace(
        chosen,
        frame=chosen.frame.with_columns(
            split=pl.Series([parts[name] for name in chosen.images], dtype=table.frame["split"].dtype)
        ),
    )
    raster = all(Path(image).suffix.lower() in _RASTER for image in chosen.images)
    convert(placed, root, out, "yolo", pictures="keep" if raster else "png")
    file = out / "data.yaml"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([f"path: {out.resolve()}", *lines[1:]]) + "\n", "utf-8")
    return file


def train_yolo(data: Path, recipe: UltralyticsRecipe, seed: int, out: Path) -> Path:
    """Train on what ``write_data`` wrote.

    Args:
        data: its ``data.yaml``.
        recipe: says how.
        seed: of the run.
        out: folder of the run.

    Returns:
        The weights of the epoch that was best on the validation part.

    Raises:
        RecipeError: ultralytics is not installed.
    """
    ultralytics().YOLO(recipe.model).train(
        data=str(data),
        epochs=recipe.epochs,
        imgsz=recipe.side,
        batch=recipe.batch_size,
        optimizer=OPTIMIZERS[recipe.optimizer],
        lr0=recipe.lr,
        seed=seed,
        deterministic=True,
        project=str(out.resolve()),
        name="train",
        exist_ok=True,
    )
    return out / "train" / "weights" / "best.pt"


def detect_yolo(weights: Path, images: Sequence[Path], side: int, out: Path) -> Path:
    """Find boxes, and write them as COCO results that ``osteon evaluate`` reads.

    Args:
        weights: trained.
        images: files; their names without suffix name them in the results.
        side: of the input, in pixels.
        out: JSON to write.

    Raises:
        RecipeError: ultralytics is not installed.
    """
    model = ultralytics().YOLO(str(weights))
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(images):
        # Score threshold and suppression of ultralytics' own validation.
        (found,) = model.predict(str(image), imgsz=side, conf=0.001, iou=0.7, max_det=300, verbose=False)
        boxes = found.boxes
        for (x0, y0, x1, y1), score, label in zip(
            boxes.xyxy.tolist(), boxes.conf.tolist(), boxes.cls.tolist(), strict=True
        ):
            annotations.append(
                {
                    "image_id": number,
                    "category_id": int(label),
                    "bbox": [x0, y0, max(x1 - x0, 0.0), max(y1 - y0, 0.0)],
                    "score": score,
                }
            )
    content = {
        "images": [{"id": number, "file_name": image.name} for number, image in enumerate(images)],
        "categories": [{"id": number, "name": name} for number, name in model.names.items()],
        "annotations": annotations,
    }
    out.write_text(json.dumps(content), "utf-8")
    return out


def best_of(weights: Path) -> dict[str, Any]:
    """Epoch and mAP (IoU 0.5 to 0.95) of the validation part that ``train_yolo`` kept, as ``epoch`` and ``validation``.

    Ultralytics 8.4 keeps the epoch of the highest mAP.
    """
    with (weights.parent.parent / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = [{key.strip(): value for key, value in row.items()} for row in csv.DictReader(file)]
    best = max(rows, key=lambda row: float(row["metrics/mAP50-95(B)"]))
    return {"validation": float(best["metrics/mAP50-95(B)"]), "epoch": int(best["epoch"]) - 1}


def ultralytics() -> Any:
    """The package.

    Raises:
        RecipeError: it is not installed.
    """
    if find_spec("ultralytics") is None:
        raise RecipeError(
            "YOLOv8 needs ultralytics, which is licensed under AGPL-3.0",
            hint="If you can live with that licence: pip install 'osteon[yolo]'",
        )
    return import_module("ultralytics")
