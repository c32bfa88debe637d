"""YOLOv8 by ultralytics, for those who choose it: trained on our tables and splits, measured by our figures.

ultralytics is licensed under AGPL-3.0, and so is what is built on it. Osteon neither contains nor needs it: the extra
``osteon[yolo]`` installs it, and nothing else imports it. What it finds is written as COCO results, which ``osteon evaluate``
reads; it makes no bundle.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import polars as pl

from osteon.core.errors import DataError, RecipeError
from osteon.data.convert import convert
from osteon.data.split import Split
from osteon.data.table import Table
from osteon.learning.recipe import Claim

PARTS: Final = ("train", "val", "test")
_RASTER: Final = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True, slots=True)
class Yolo:
    """How a YOLO is trained; all else is ultralytics' default.

    Attributes:
        model: weights to start from, or an architecture (``yolov8s.yaml``), by ultralytics' name or as a path.
        epochs: over the training part; the epoch that is best on the validation part is kept.
        side: of the input, in pixels.
        batch: films in a step.
        optimizer: by ultralytics' name.
        lr: its learning rate at the start.
        seed: of the run.
        marked: whether only films with boxes are learnt from and measured on.
    """

    model: str
    epochs: int
    side: int
    batch: int
    optimizer: str
    lr: float
    seed: int
    marked: bool


FRACTUVISION: Final = Yolo(
    model="yolov8s.pt",  # unstated: the paper names no size
    epochs=100,  # 5.3
    side=640,  # unstated: ultralytics' default
    batch=16,  # the same
    optimizer="AdamW",  # 5.3
    lr=1e-3,  # unstated
    seed=0,
    marked=True,  # 5.3: FracAtlas's lists of fractured films
)
"""Wang & Siddiqui 2024, *FractuVision*, sections 4.2 and 5.3."""

CLAIMS: Final = (
    Claim("detection.map50", 0.53, None, "5.3, on fractured films only"),
    Claim("detection.map", 0.22, None, "5.3, the same"),
    Claim("detection.precision", 0.77, None, "5.3: IoU 0.45, confidence 0.25"),
    Claim("detection.recall", 0.55, None, "5.3, the same"),
)
"""The paper's figures of it."""


def write_data(table: Table, made: Split, root: Path, out: Path, *, marked: bool) -> Path:
    """Write the films of a split as ultralytics wants them.

    Args:
        table: of the cases.
        made: which of them lies where.
        root: folder of the dataset.
        out: folder to write into; empty or absent.
        marked: leave out films without boxes.

    Returns:
        ``data.yaml``, whose paths are absolute.

    Raises:
        DataError: a part holds no film, or nothing is marked.
        InputError: an image cannot be read.
    """
    part_of = {image: part for part in PARTS for image in made.parts.get(part, ())}
    rows = [
        (image, part_of[image])
        for image, boxes in zip(table.images, table.frame["boxes"].to_list(), strict=True)
        if image in part_of and (boxes or not marked)
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


def train_yolo(data: Path, how: Yolo, out: Path) -> Path:
    """Train on what ``write_data`` wrote.

    Returns:
        The weights of the epoch that was best on the validation part.

    Raises:
        RecipeError: ultralytics is not installed.
    """
    _ultralytics().YOLO(how.model).train(
        data=str(data),
        epochs=how.epochs,
        imgsz=how.side,
        batch=how.batch,
        optimizer=how.optimizer,
        lr0=how.lr,
        seed=how.seed,
        deterministic=True,
        project=str(out.resolve()),
        name="train",
        exist_ok=True,
    )
    return out / "train" / "weights" / "best.pt"


def detect_yolo(weights: Path, images: Sequence[Path], how: Yolo, out: Path) -> Path:
    """Find boxes, and write them as COCO results that ``osteon evaluate`` reads.

    Args:
        weights: trained.
        images: files; their names without suffix name them in the results.
        how: the size of the input.
        out: JSON to write.

    Raises:
        RecipeError: ultralytics is not installed.
    """
    model = _ultralytics().YOLO(str(weights))
    marks: list[dict[str, Any]] = []
    for number, image in enumerate(images):
        # The least score and suppression of ultralytics' own validation.
        (found,) = model.predict(str(image), imgsz=how.side, conf=0.001, iou=0.7, max_det=300, verbose=False)
        boxes = found.boxes
        for (x0, y0, x1, y1), score, label in zip(
            boxes.xyxy.tolist(), boxes.conf.tolist(), boxes.cls.tolist(), strict=True
        ):
            marks.append(
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
        "annotations": marks,
    }
    out.write_text(json.dumps(content), "utf-8")
    return out


def _ultralytics() -> Any:
    if find_spec("ultralytics") is None:
        raise RecipeError(
            "YOLOv8 needs ultralytics, which is licensed under AGPL-3.0",
            hint="If you can live with that licence: pip install 'osteon[yolo]'",
        )
    return import_module("ultralytics")
