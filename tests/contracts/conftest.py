"""A small dataset in the layout of each parser."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from osteon.data.convert import convert
from osteon.data.datasets import read
from osteon.phantom.layouts import write as write_phantoms

PHANTOMS = {"fracatlas": ("hand", 12), "pediurf": ("forearm", 6), "spinexr": ("spine", 10), "elbow": ("elbow", 12)}
CONVERTED = {"coco": "coco", "yolo": "yolo", "voc": "voc", "listed": "listed", "folder": "folder", "dicom": "dicom"}


def _png(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 65536, (40, 30), np.uint16)
    Image.fromarray(values).save(path)


def _mura(root: Path) -> None:
    for number, (part, word) in enumerate((p, w) for p in ("train", "valid") for w in ("positive", "negative")):
        _png(root / part / "XR_WRIST" / f"patient{number:05d}" / f"study1_{word}" / "image1.png", number)


def _grazpedwri(root: Path) -> None:
    stems = [f"000{n}_1297860395_01_WRI-L1_M014" for n in (1, 2)]
    for number, stem in enumerate(stems):
        _png(root / "images_part1" / f"{stem}.png", number)
        labels = root / "folder_structure" / "yolov5" / "labels" / f"{stem}.txt"
        labels.parent.mkdir(parents=True, exist_ok=True)
        labels.write_text("3 0.5 0.5 0.2 0.3\n" if number else "")
    with (root / "dataset.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["filestem", "patient_id", "study_number", "age", "gender", "projection", "fracture_visible"])
        rows.writerows([stem, number, 1, 9.5, "M", 1, number or ""] for number, stem in enumerate(stems))


WRITTEN: dict[str, Callable[[Path], None]] = {"mura": _mura, "grazpedwri": _grazpedwri}


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small dataset in the layout of each reader: simulated, converted from a simulated one, or written here."""
    root = tmp_path_factory.mktemp("datasets")
    for name, (kind, n) in PHANTOMS.items():
        write_phantoms(kind, name, n, 4, root / name, size=96)
    source = read("fracatlas", root / "fracatlas")
    for name, to in CONVERTED.items():
        convert(source, root / "fracatlas", root / name, to)
    for name, make in WRITTEN.items():
        make(root / name)
    return {name: root / name for name in (*PHANTOMS, *CONVERTED, *WRITTEN)}
