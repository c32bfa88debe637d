"""The published layouts: whole datasets, read by the readers without a remark."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread

from osteon.core.errors import DataError
from osteon.data.datasets import elbow, fracatlas, pediurf, spinexr
from osteon.phantom.anatomy.spinelesions import LESIONS as SPINE
from osteon.phantom.layouts import LAYOUTS, write
from osteon.phantom.layouts.order import shares
from osteon.phantom.truth import VISIBLE


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


READERS = {"pediurf": pediurf, "fracatlas": fracatlas, "spinexr": spinexr, "elbow": elbow}
CASES = {"pediurf": ("forearm", 6), "fracatlas": ("hand", 10), "spinexr": ("spine", 10), "elbow": ("elbow", 12)}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("phantoms")
    return {name: write(kind, name, n, 4, root / name, size=128) for name, (kind, n) in CASES.items()}


def test_there_is_a_reader_for_each_layout() -> None:
    assert {layout.name for layout in LAYOUTS} == set(READERS)


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_reader_has_nothing_to_remark(name: str, folders: dict[str, Path]) -> None:
    table = READERS[name].read(folders[name])
    assert list(table.remarks) == []
    pictures = 2 if name in ("pediurf", "spinexr") else 1
    assert len(table.frame) == CASES[name][1] * pictures


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_truth_names_every_picture(name: str, folders: dict[str, Path]) -> None:
    truth = json.loads((folders[name] / "truth.json").read_text())
    assert truth["seed"] == 4
    for record in truth["images"]:
        assert (folders[name] / record["image"]).is_file()
        for finding in record["findings"]:
            x0, y0, x1, y1 = finding["box"]
            assert 0 <= x0 < x1 <= record["width"]
            assert 0 <= y0 < y1 <= record["height"]


def test_yolo_boxes_are_the_coco_boxes(folders: dict[str, Path]) -> None:
    root = folders["fracatlas"]
    coco = json.loads((root / "Annotations/COCO JSON/COCO_fracture_masks.json").read_text())
    images = {image["id"]: image for image in coco["images"]}
    assert coco["annotations"]
    for annotation in coco["annotations"]:
        image = images[annotation["image_id"]]
        x, y, w, h = annotation["bbox"]
        expected = [
            (x + w / 2) / image["width"],
            (y + h / 2) / image["height"],
            w / image["width"],
            h / image["height"],
        ]
        lines = (root / "Annotations/YOLO" / image["file_name"].replace(".jpg", ".txt")).read_text().splitlines()
        found = [[float(value) for value in line.split()[1:]] for line in lines]
        assert any(np.allclose(row, expected, atol=1e-6) for row in found)


def test_the_split_lists_hold_the_fractured_pictures(folders: dict[str, Path]) -> None:
    root = folders["fracatlas"]
    listed = [
        row["image_id"]
        for name in ("train", "valid", "test")
        for row in table(root / "Utilities/Fracture Split" / f"{name}.csv")
    ]
    assert sorted(listed) == sorted(path.name for path in (root / "images/Fractured").iterdir())


def test_a_spine_is_a_whole_dicom_object(folders: dict[str, Path]) -> None:
    truth = json.loads((folders["spinexr"] / "truth.json").read_text())
    studies = set()
    for record in truth["images"]:
        header = dcmread(folders["spinexr"] / record["image"])
        studies.add(header.StudyInstanceUID)
        assert (header.Rows, header.Columns) == (record["height"], record["width"])
        assert header.pixel_array.max() <= 4095
        assert header.ViewPosition == {"frontal": "AP", "lateral": "LL"}[record["view"]]
        assert float(header.PixelSpacing[0]) == pytest.approx(record["spacing_mm"], abs=1e-4)
        assert header.PatientName == ""
        assert header.PatientIdentityRemoved == "YES"
    assert len(studies) == CASES["spinexr"][1]


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="needs dciodvfy (Debian's dicom3tools)")
def test_the_validator_finds_no_error_in_a_spine(folders: dict[str, Path]) -> None:
    for path in sorted(folders["spinexr"].glob("*_images/*.dicom"))[:4]:
        told = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        lines = (told.stdout + told.stderr).splitlines()
        assert "DXImageForPresentation" in lines
        assert [line for line in lines if line.startswith("Error")] == []


def test_each_view_says_what_it_shows(folders: dict[str, Path]) -> None:
    """Both pictures of a case list the same fractures, each with its own flag."""
    cases: dict[str, list[dict[str, Any]]] = {}
    for record in json.loads((folders["pediurf"] / "truth.json").read_text())["images"]:
        cases.setdefault(record["case"], []).append(record)
    for front, side in cases.values():
        assert [one["numbers"] for one in front["findings"]] == [one["numbers"] for one in side["findings"]]
        for finding in (*front["findings"], *side["findings"]):
            assert finding["visible"] == (finding["contrast"] >= VISIBLE)


@pytest.mark.parametrize("name", ["fracatlas", "elbow"])
def test_a_picture_of_a_fracture_shows_it(name: str, folders: dict[str, Path]) -> None:
    images = json.loads((folders[name] / "truth.json").read_text())["images"]
    for record in images:
        assert any(one["visible"] for one in record["findings"]) == (record["finding"] != "normal")
    if name == "elbow":  # frontal and lateral in turn in each class, whatever shows
        assert len({(record["finding"], record["view"]) for record in images}) == 6


def test_the_seven_lesions_come_with_boxes(tmp_path: Path) -> None:
    root = write("spine", "spinexr", 14, 2, tmp_path / "spines", size=128)
    rows = [row for split in ("train", "test") for row in table(root / "annotations" / f"{split}.csv")]
    boxed = {row["lesion_type"] for row in rows if row["xmin"]}
    assert set(SPINE) - {"Other lesions"} <= boxed
    assert boxed & {"Other lesions", "Sclerotic lesion", "Foreign body"}


def test_normal_images_have_one_row_without_a_box(folders: dict[str, Path]) -> None:
    rows = [row for split in ("train", "test") for row in table(folders["spinexr"] / "annotations" / f"{split}.csv")]
    normal = [row for row in rows if row["lesion_type"] == "No finding"]
    assert normal
    assert all(row["xmin"] == "" for row in normal)
    images = [row["image_id"] for row in normal]
    assert len(images) == len(set(images))
    assert all(float(row["xmin"]) < float(row["xmax"]) for row in rows if row["lesion_type"] != "No finding")


def test_a_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write("elbow", "elbow", 3, 9, tmp_path / name, size=96) for name in "ab")
    names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert names
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)


@pytest.mark.slow
def test_two_processes_write_what_one_does(tmp_path: Path) -> None:
    one = write("hand", "fracatlas", 4, 9, tmp_path / "one", size=96)
    two = write("hand", "fracatlas", 4, 9, tmp_path / "two", size=96, workers=2)
    for path in one.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (two / path.relative_to(one)).read_bytes()


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write("forearm", "pediurf", 3, 1, tmp_path / "out", size=96, progress=lambda done, all_: told.append((done, all_)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    for kind, layout, n in (("spine", "pediurf", 2), ("hand", "mura", 2), ("hand", "fracatlas", 0)):
        with pytest.raises(DataError):
            write(kind, layout, n, 1, tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(DataError, match="not empty"):
        write("hand", "fracatlas", 1, 1, tmp_path / "full")


@pytest.mark.parametrize(
    ("total", "weights"), [(10, [572, 1319, 3374]), (3, [1, 1, 1]), (2, [5, 1, 1]), (100, [7, 1.5, 1.5])]
)
def test_shares_add_up(total: int, weights: list[float]) -> None:
    counts = shares(total, weights)
    assert sum(counts) == total
    assert total < len(weights) or min(counts) >= 1
