"""COCO and YOLO files of a run are whole, and our own readers of datasets give the same boxes back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.core.records import Finding, Radiograph, Reading
from osteon.data.datasets import read as read_dataset
from osteon.data.formats.coco import read_coco
from osteon.evaluation.predictions.detections import detections, read_detections
from osteon.outputs.formats import coco, yolo
from osteon.outputs.result import StudyResult
from osteon.outputs.write import write_output

LABELS = ("fracture", "metal")
BOXES = {
    "a": (
        Finding("fracture", Box(10.5, 20.25, 60.0, 90.0), 0.75, definite=True),
        Finding("metal", Box(0, 0, 192, 256), 0.4),
    ),
    "b": (),
    "c": (Finding("metal", Box(100, 100, 101.5, 200), 0.3),),
}


@pytest.fixture
def images(blobs: ModuleType, tmp_path: Path) -> Path:
    """A folder with images/a.png, b.png, c.png and refused.png."""
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    for name in (*BOXES, "refused"):
        blobs.save(blobs.film(0.5), folder / "images" / f"{name}.png")
    return folder


def readings(images: Path) -> list[Reading]:
    """A reading of each image; the last abstains."""

    def reading(name: str, **fields: Any) -> Reading:
        film = Radiograph(np.full((256, 192), 0.5, np.float32), source=str(images / "images" / f"{name}.png"))
        common = {"source": film.source, "study": "", "bundle": "b@1", "radiographs": (film,), "finding_labels": LABELS}
        return Reading(**common | fields)  # pyright: ignore[reportArgumentType]

    said = {"call": Call.DOUBT, "probability": 0.4, "image_probabilities": (0.4,)}
    refused = {"call": Call.ABSTAIN, "refusals": (Refusal(RefusalCode.BLANK),), "image_probabilities": (float("nan"),)}
    return [*(reading(name, findings=found, **said) for name, found in BOXES.items()), reading("refused", **refused)]


def corners(table: Any, image: str) -> list[tuple[str, list[float]]]:
    """Label and corners of the boxes of an image of a table."""
    row = table.images.index(image)
    marks = table.frame["boxes"].to_list()[row]
    return [(mark["label"], [mark[side] for side in ("x0", "y0", "x1", "y1")]) for mark in marks]


def test_coco_is_whole_after_every_reading_and_comes_back(images: Path) -> None:
    file = images / "readings.coco.json"
    for count, reading in enumerate(readings(images), 1):
        write_output(coco.FORMAT, StudyResult.of(reading), file)
        content = json.loads(file.read_text("utf-8"))
        assert len(content["images"]) == min(count, 3)
        assert [one["name"] for one in content["categories"]] == list(LABELS)
    assert [path.name for path in images.glob("*.json*")] == ["readings.coco.json"]
    assert len({one["id"] for one in content["annotations"]}) == 3
    assert content["annotations"][0]["score"] == 0.75
    assert [one["definite"] for one in content["annotations"]] == [True, False, False]
    assert read_coco(file).labels == {"1": "fracture", "2": "metal"}
    table = read_dataset("coco", images)
    assert sorted(table.images) == ["images/a.png", "images/b.png", "images/c.png"]
    for name, found in BOXES.items():
        expected = [(one.label, pytest.approx(list(one.box), abs=0.011)) for one in found]
        assert corners(table, f"images/{name}.png") == expected
    marks, outside = read_detections(file, table)
    assert outside == 0
    assert [(mark.label, mark.score) for mark in marks] == [("fracture", 0.75), ("metal", 0.4), ("metal", 0.3)]
    assert len(detections(table, marks).found) == 3


def test_coco_learns_labels_that_no_reading_before_had(images: Path) -> None:
    file = images / "r.coco.json"
    first, _second, third, _ = readings(images)
    write_output(coco.FORMAT, StudyResult.of(replace(first, finding_labels=())), file)
    odd = replace(third.findings[0], label='a "new", strange\nlabel')
    write_output(coco.FORMAT, StudyResult.of(replace(third, finding_labels=(), findings=(odd,))), file)
    content = json.loads(file.read_text("utf-8"))
    assert [one["name"] for one in content["categories"]] == [*LABELS, odd.label]
    assert [one["category_id"] for one in content["annotations"]] == [1, 2, 3]
    assert [one["image_id"] for one in content["annotations"]] == [1, 1, 2]


def test_pycocotools_reads_it(images: Path) -> None:
    tools = pytest.importorskip("pycocotools.coco")
    file = images / "readings.coco.json"
    for reading in readings(images):
        write_output(coco.FORMAT, StudyResult.of(reading), file)
    opened = tools.COCO(str(file))
    assert len(opened.getImgIds()) == 3
    assert len(opened.getAnnIds(catIds=[2])) == 2


def test_yolo_comes_back(images: Path) -> None:
    stale = images / "labels" / "refused.txt"
    stale.parent.mkdir()
    stale.write_text("0 0.5 0.5 1 1 0.9\n")
    for reading in readings(images):
        write_output(yolo.FORMAT, StudyResult.of(reading), images / f"{Path(reading.source).stem}{yolo.FORMAT.suffix}")
    assert sorted(path.name for path in (images / "labels").iterdir()) == ["a.txt", "b.txt", "c.txt"]
    assert (images / "labels" / "b.txt").read_text() == ""
    line = (images / "labels" / "a.txt").read_text().splitlines()[0].split()
    assert line[0] == "0"
    assert [float(word) for word in line[1:]] == pytest.approx(
        [35.25 / 192, 55.125 / 256, 49.5 / 192, 69.75 / 256, 0.75]
    )
    table = read_dataset("yolo", images)
    for name, found in BOXES.items():
        expected = [(one.label, pytest.approx(list(one.box), abs=1e-4)) for one in found]
        assert corners(table, f"images/{name}.png") == expected
    assert table.label("metal").tolist() == [1, 0, 1, -1]


def test_yolo_numbers_the_images_of_a_study(images: Path) -> None:
    one, two, *_ = readings(images)
    films = (*one.radiographs, *two.radiographs)
    study = replace(one, radiographs=films, image_probabilities=(0.4, 0.4))
    write_output(yolo.FORMAT, StudyResult.of(study), images / "study.txt")
    assert (images / "labels" / "study.1.txt").read_text().count("\n") == 2
    assert (images / "labels" / "study.2.txt").read_text() == ""
