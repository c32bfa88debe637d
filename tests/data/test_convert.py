"""Conversion: boxes, masks, labels and pixels survive the way there and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from osteon.core.errors import DataError
from osteon.data.convert import TARGETS, convert
from osteon.data.datasets import read
from osteon.data.table import Table
from osteon.data.yolo import parse_yolo
from osteon.imaging.load import load

BOXED = ("coco", "yolo", "voc")


def marks(table: Table) -> dict[str, list[tuple[object, ...]]]:
    """Boxes and outlines of each image by the name of its file, rounded to a millionth of a pixel."""
    return {
        Path(row["image"]).stem: [
            (
                box["label"],
                *(round(box[side], 6) for side in ("x0", "y0", "x1", "y1")),
                str(np.round(box["polygons"], 6).tolist()),
            )
            for box in row["boxes"]
        ]
        for row in table.frame.iter_rows(named=True)
    }


@pytest.mark.parametrize("to", BOXED)
@pytest.mark.parametrize("pictures", ["keep", "png"])
def test_boxes_and_outlines_survive(fracatlas: Path, tmp_path: Path, to: str, pictures: str) -> None:
    table = read("fracatlas", fracatlas)
    assert convert(table, fracatlas, tmp_path / "out", to, pictures=pictures) == len(table)
    again = read(next(one.reader for one in TARGETS if one.name == to), tmp_path / "out")
    assert marks(again) == marks(table)
    assert again.remarks == ()
    values = dict(zip((Path(image).stem for image in again.images), again.label("fracture").tolist(), strict=True))
    assert values == dict(
        zip((Path(image).stem for image in table.images), table.label("fracture").tolist(), strict=True)
    )


@pytest.mark.parametrize("pictures", ["png", "tiff", "dicom"])
def test_pixels_survive_in_sixteen_bit_and_upright(fracatlas: Path, tmp_path: Path, pictures: str) -> None:
    table = read("fracatlas", fracatlas)
    table = table.select([image for image in table.images if "IMG0000001" in image or "IMG0000002" in image])
    convert(table, fracatlas, tmp_path / "out", "coco", pictures=pictures)
    for image in table.images:
        (copy,) = (path for path in (tmp_path / "out").rglob("*") if path.stem == Path(image).stem)
        before, after = load(fracatlas / image)[0].pixels, load(copy)[0].pixels
        assert before.shape == after.shape
        assert np.abs(before - after).max() <= 0.51 / 65535


def test_vindr_there_and_back(fracatlas: Path, tmp_path: Path) -> None:
    table = read("fracatlas", fracatlas)
    convert(table, fracatlas, tmp_path / "out", "vindr", pictures="dicom")
    again = read("spinexr", tmp_path / "out")
    assert len(again) == len(table)
    assert (again.label("fracture") == 1).sum() == (table.label("fracture") == 1).sum()
    plain = {name: [mark[:5] for mark in found] for name, found in marks(table).items()}
    assert {name: [mark[:5] for mark in found] for name, found in marks(again).items()} == plain


def test_folders_of_classes(fracatlas: Path, tmp_path: Path) -> None:
    table = read("fracatlas", fracatlas)
    convert(table, fracatlas, tmp_path / "out", "folder")
    again = read("folder", tmp_path / "out")
    assert (again.label("fracture") == 1).sum() == 8
    assert len(again) == len(table)


def test_files_of_one_name_do_not_overwrite_each_other(tmp_path: Path, write_film: Callable[..., Path]) -> None:
    for number, word in enumerate(("normal", "hairline")):
        write_film(tmp_path / "in" / word / "a.png", number)
    table = read("folder", tmp_path / "in")
    assert convert(table, tmp_path / "in", tmp_path / "out", "coco") == 2
    assert len(list((tmp_path / "out" / "images").iterdir())) == 2


def test_what_cannot_be_written_is_explained(fracatlas: Path, tmp_path: Path) -> None:
    table = read("fracatlas", fracatlas)
    with pytest.raises(DataError, match="no such format"):
        convert(table, fracatlas, tmp_path / "out", "csv")
    with pytest.raises(DataError, match="no such kind of picture"):
        convert(table, fracatlas, tmp_path / "out", "coco", pictures="bmp")
    with pytest.raises(DataError, match="not empty"):
        convert(table, fracatlas, fracatlas, "coco")


@pytest.mark.real_data
def test_yolo_files_of_fracatlas_equal_the_published_ones(shared_data: Path) -> None:
    """The published ones have four decimals, and widths reduced to whole pixels move the larger images a little."""
    root = shared_data / "fracatlas"
    table = read("fracatlas", root)
    frame = table.frame
    small = frame["image"].filter((frame["boxes"].list.len() > 0) & (frame["height"] <= 454) & (frame["width"] <= 454))
    table = table.select(small.to_list())
    assert len(table) > 300
    for image, boxes, width, height in table.frame.select("image", "boxes", "width", "height").iter_rows():
        text = (root / "Annotations" / "YOLO" / f"{Path(image).stem}.txt").read_text()
        published = [list(one.box) for one in parse_yolo(text, ["fracture"], 1, 1)]
        ours = [
            [box[side] / (height if side[0] == "y" else width) for side in ("x0", "y0", "x1", "y1")] for box in boxes
        ]
        assert np.abs(np.array(published) - np.array(ours)).max() < 1.1e-4, image
