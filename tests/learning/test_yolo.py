"""The adaptor of YOLOv8: what needs no ultralytics."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.core.errors import DataError, RecipeError
from osteon.data.datasets import read
from osteon.data.phantom.layouts.write import write
from osteon.data.split import Split
from osteon.data.table import Table
from osteon.learning.yolo import FRACTUVISION, detect_yolo, train_yolo, write_data


def dealt(table: Table, *parts: str) -> Split:
    """Every so manieth film to each part; of those with boxes, too."""
    films = sorted(table.images, key=lambda image: image.split("/")[-2])
    return Split(table.dataset, {part: tuple(sorted(films[row :: len(parts)])) for row, part in enumerate(parts)})


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write("hand", "fracatlas", 30, 1, tmp_path_factory.mktemp("yolo") / "phantoms", size=96)


@pytest.mark.parametrize("marked", [True, False])
def test_films_of_a_split_lie_as_ultralytics_wants_them(phantoms: Path, tmp_path: Path, *, marked: bool) -> None:
    table = read("fracatlas", phantoms)
    made = dealt(table, "train", "val", "test")
    file = write_data(table, made, phantoms, tmp_path / "data", marked=marked)
    lines = file.read_text().splitlines()
    assert lines[0] == f"path: {(tmp_path / 'data').resolve()}"  # ultralytics looks elsewhere for relative ones
    assert {"train: images/train", "val: images/val", "test: images/test", "  0: fracture"} <= set(lines)
    boxes = dict(zip(table.images, table.frame["boxes"].to_list(), strict=True))
    for part, images in made.parts.items():
        names = {Path(image).stem for image in images if boxes[image] or not marked}
        assert {path.stem for path in (file.parent / "images" / part).iterdir()} == names
        marks = sum(len(path.read_text().splitlines()) for path in (file.parent / "labels" / part).iterdir())
        assert marks == sum(len(boxes[image] or ()) for image in images)


def test_a_split_without_a_part_is_refused(phantoms: Path, tmp_path: Path) -> None:
    table = read("fracatlas", phantoms)
    made = dealt(table, "train", "test")
    with pytest.raises(DataError, match="val part"):
        write_data(table, made, phantoms, tmp_path / "data", marked=True)


@pytest.mark.skipif(find_spec("ultralytics") is not None, reason="ultralytics is installed")
def test_without_ultralytics_the_extra_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"osteon\[yolo\]"):
        train_yolo(tmp_path / "data.yaml", FRACTUVISION, tmp_path)
    with pytest.raises(RecipeError, match="AGPL"):
        detect_yolo(tmp_path / "best.pt", [], FRACTUVISION, tmp_path / "found.json")
