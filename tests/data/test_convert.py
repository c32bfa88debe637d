"""Conversion: boxes, masks, labels and pixels survive the way there and back."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.data.convert import TARGETS, convert
from osteon.data.datasets import find, read
from osteon.data.files.dicom_writer import age_string
from osteon.data.formats.yolo import yolo_line
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.parse import age_of
from osteon.data.table.table import Table, boxes_of, from_cases
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


def test_files_of_one_name_do_not_overwrite_each_other(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    for number, word in enumerate(("normal", "hairline")):
        write_image(tmp_path / "in" / word / "a.png", number)
    table = read("folder", tmp_path / "in")
    assert convert(table, tmp_path / "in", tmp_path / "out", "coco") == 2
    assert len(list((tmp_path / "out" / "images").iterdir())) == 2


def test_what_cannot_be_written_is_explained(fracatlas: Path, tmp_path: Path) -> None:
    table = read("fracatlas", fracatlas)
    with pytest.raises(DataError, match="no such format"):
        convert(table, fracatlas, tmp_path / "out", "csv")
    with pytest.raises(DataError, match="no such image format"):
        convert(table, fracatlas, tmp_path / "out", "coco", pictures="bmp")
    with pytest.raises(DataError, match="not empty"):
        convert(table, fracatlas, fracatlas, "coco")


def test_outlines_for_segmenters(fracatlas: Path, tmp_path: Path) -> None:
    table = read("fracatlas", fracatlas)
    convert(table, fracatlas, tmp_path / "out", "yolo-seg")
    assert marks(read("yolo", tmp_path / "out")) == marks(table)
    lines = (tmp_path / "out" / "labels" / "train" / "IMG0000002.txt").read_text().splitlines()
    assert [len(line.split()) for line in lines] == [7]


def test_labels_without_boxes_and_people_survive(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    for number, word in enumerate(("normal", "hairline", "displaced")):
        write_image(tmp_path / "in" / word / f"{number}.png", number)
    table = read("folder", tmp_path / "in")
    for to in ("coco", "yolo", "voc", "vindr"):
        reader = next(one.reader for one in TARGETS if one.name == to)
        convert(table, tmp_path / "in", tmp_path / to, to)
        again = read(reader, tmp_path / to).select(sorted(read(reader, tmp_path / to).images))
        assert set(again.labels) == set(table.labels)
        by_name = dict(zip((Path(name).stem for name in again.images), again.label("fracture").tolist(), strict=True))
        assert by_name == {"0": 0, "1": 1, "2": 1}


def test_masks_licence_and_citation_go_along(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    write_image(tmp_path / "in" / "a.png", 1)
    write_image(tmp_path / "in" / "m" / "a-mask.png", 2)
    (tmp_path / "in" / "cases.csv").write_text("image,mask,label_fracture\na.png,m/a-mask.png,1\n")
    table = read("listed", tmp_path / "in")
    convert(table, tmp_path / "in", tmp_path / "out", "voc", card=find("fracatlas").card)
    again = read("voc", tmp_path / "out")
    assert again.frame["mask"].to_list() == ["masks/a.png"]
    assert (tmp_path / "out" / "masks" / "a.png").read_bytes() == (tmp_path / "in" / "m" / "a-mask.png").read_bytes()
    assert len(again) == 1
    assert "CC-BY-4.0" in (tmp_path / "out" / "SOURCE.md").read_text()


@pytest.mark.parametrize(
    ("years", "text"), [(7.0, "007Y"), (7.5, "391W"), (1.5, "548D"), (0.0, "000D"), (93.4, "093Y")]
)
def test_ages_are_written_in_the_finest_unit_that_fits(years: float, text: str) -> None:
    assert age_string(years) == text
    assert age_of(text) == pytest.approx(years, abs=0.5 if text.endswith("Y") else 0.01)


@pytest.mark.parametrize("pictures", ["keep", "png"])
@pytest.mark.parametrize("spacing", [[0.2, 0.1], [0.1, 0.25]])
def test_boxes_of_oblong_pixels_fit_the_loaded_image(
    tmp_path: Path, write_dicom: Callable[..., Path], pictures: str, spacing: list[float]
) -> None:
    root = tmp_path / "in"
    write_dicom(root / "train_images" / "a.dicom", rows=40, columns=30, PixelSpacing=spacing)
    (root / "annotations").mkdir()
    head = "image_id,study_id,series_id,lesion_type,xmin,ymin,xmax,ymax\n"
    (root / "annotations" / "train.csv").write_text(head + "a,s,r,Osteophytes,3,8,27,36\n")
    (root / "annotations" / "test.csv").write_text(head)
    table = read("spinexr", root)
    radiograph = load(root / "train_images" / "a.dicom")[0]
    row = table.frame.row(0, named=True)
    assert (row["height"], row["width"]) == radiograph.pixels.shape
    assert (row["row_spacing"], row["column_spacing"]) == radiograph.spacing
    box = table.frame["boxes"].to_list()[0][0]
    across, down = radiograph.width / 30, radiograph.height / 40
    assert max(across, down) > 1.9
    assert [box[side] for side in ("x0", "y0", "x1", "y1")] == [3 * across, 8 * down, 27 * across, 36 * down]
    convert(table, root, tmp_path / "out", "vindr", pictures=pictures)  # copied files keep their pixels and boxes
    again = read("spinexr", tmp_path / "out")
    assert marks(again) == marks(table)


@pytest.mark.dcmtk
def test_dicom_files_are_valid(fracatlas: Path, tmp_path: Path) -> None:
    checker = shutil.which("dciodvfy")
    if checker is None:
        pytest.skip("needs dciodvfy (Debian's dicom3tools)")
    table = read("fracatlas", fracatlas)
    convert(table.select(table.images[:2]), fracatlas, tmp_path / "out", "coco", pictures="dicom")
    for path in (tmp_path / "out").rglob("*.dcm"):
        said = subprocess.run([checker, "-new", str(path)], capture_output=True, text=True, check=False)
        assert "CRImage" in said.stderr + said.stdout
        assert "Error" not in said.stderr + said.stdout


@pytest.fixture(scope="module")
def published(shared_data: Path) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Images, sizes, published and own numbers of every YOLO line of FracAtlas."""
    root = shared_data / "fracatlas"
    frame = read("fracatlas", root).frame.filter(pl.col("boxes").list.len() > 0)
    images: list[str] = []
    sizes: list[tuple[int, int]] = []
    theirs: list[list[float]] = []
    ours: list[list[float]] = []
    for row in frame.iter_rows(named=True):
        lines = (root / "Annotations" / "YOLO" / f"{Path(row['image']).stem}.txt").read_text().splitlines()
        for line, one in zip(lines, boxes_of(row), strict=True):
            images.append(row["image"])
            sizes.append((row["width"], row["height"]))
            theirs.append([float(word) for word in line.split()[1:]])
            ours.append([float(word) for word in yolo_line(one.box, 0, row["width"], row["height"]).split()[1:]])
    return images, np.array(sizes), np.array(theirs), np.array(ours)


@pytest.mark.real_data
def test_yolo_files_of_fracatlas_equal_the_published_ones(
    published: tuple[list[str], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Rounded to the four decimals that are printed, every number of an image of the published size is the same."""
    images, sizes, theirs, ours = published
    whole = sizes.max(axis=1) < 1440
    assert len({image for image, one in zip(images, whole, strict=True) if one}) == 527
    assert np.abs(np.round(ours[whole], 4) - theirs[whole]).max() < 1e-6
    assert np.abs(ours[whole] - theirs[whole]).max() <= 0.5e-4 + 1e-12


@pytest.mark.real_data
def test_reduced_images_of_fracatlas_differ_by_the_rounding_of_their_width(
    published: tuple[list[str], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """The boxes of reduced images were scaled by one factor, their shorter side was rounded to whole pixels."""
    _, sizes, theirs, ours = published
    reduced = sizes.max(axis=1) >= 1440
    assert reduced.any()
    rounding = 0.5 / sizes[reduced].min(axis=1)
    assert (np.abs(ours[reduced] - theirs[reduced]).max(axis=1) <= 0.5e-4 + rounding).all()


NAMES = [
    ("a/1.png", "a/b_1.png", "b/1.png"),
    ("a/1.png", "b/1.png", "x/b_1.png", "y/b_1.png"),
    ("1.png", "1.jpg", "a/1.png", "a_1.png", "A_1.png"),
    ("a/B.png", "b/b.png", "c/\u00e9.png", "d/e\u0301.png"),
    ("a/1.png", "a/1.2.png", "b/1.2.png", "b_1.png"),
]


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("to", ["coco", "yolo", "voc", "folder", "listed", "vindr"])
def test_no_image_takes_the_place_or_the_box_of_another(
    tmp_path: Path, write_image: Callable[..., Path], to: str, names: tuple[str, ...]
) -> None:
    cases: list[Case] = []
    for number, name in enumerate(names):
        write_image(tmp_path / "in" / name, number, width=60 + number)
        facts = FileFacts(60 + number, 80, "L", "PNG", (tmp_path / "in" / name).stat().st_size)
        box = LabelledBox(Box(1.0 + number, 2, 30, 40), "fracture")
        labels = (
            {"fracture": 1, "even": int(number % 2 == 0)}
            if to != "folder"
            else {"odd": number % 2, "even": 1 - number % 2}
        )
        cases.append(Case(name, facts, study=name, labels=labels, boxes=(box,) if to != "folder" else ()))
    table = from_cases(cases, dataset="tests", licence="CC0-1.0")
    assert convert(table, tmp_path / "in", tmp_path / "out", to) == len(names)
    again = read(next(one.reader for one in TARGETS if one.name == to), tmp_path / "out")
    assert len(again) == len(names)
    assert len({image.casefold() for image in again.images}) == len(names)
    wide = {row["width"]: row for row in again.frame.iter_rows(named=True)}
    for number in range(len(names)):
        row = wide[60 + number]
        assert row["label_even"] == int(number % 2 == 0)
        assert to == "folder" or row["boxes"][0]["x0"] == pytest.approx(1.0 + number)


def test_a_conversion_that_fails_leaves_nothing(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    for number, word in enumerate(("normal", "hairline")):
        write_image(tmp_path / "in" / word / "a.png", number)
    table = read("folder", tmp_path / "in")
    (tmp_path / "in" / "normal" / "a.png").unlink()
    with pytest.raises(DataError, match="cannot write"):
        convert(table, tmp_path / "in", tmp_path / "out", "coco")
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="is a file"):
        convert(table, tmp_path / "in", tmp_path / "file", "coco")


OUTLINES = [
    (20, 30, 36, 42),
    (10, 10, 20, 10, 20),
    (20, 30, 20, 30, 20, 30),
    (20, 30, 36, 30, 28, 30),
    (float("nan"),) * 6,
]


@pytest.mark.parametrize("outline", OUTLINES)
@pytest.mark.parametrize("to", ["yolo", "yolo-seg", "coco", "voc"])
def test_what_is_no_outline_does_not_change_its_box(
    tmp_path: Path, write_image: Callable[..., Path], to: str, outline: tuple[float, ...]
) -> None:
    write_image(tmp_path / "in" / "0.png", 1)
    mark = {"image_id": 0, "category_id": 1, "bbox": [20, 30, 16, 12], "segmentation": [outline]}
    images = [{"id": 0, "file_name": "0.png", "width": 60, "height": 80}]
    content = {"images": images, "annotations": [mark], "categories": [{"id": 1, "name": "fracture"}]}
    (tmp_path / "in" / "a.json").write_text(json.dumps(content))
    convert(read("coco", tmp_path / "in"), tmp_path / "in", tmp_path / "out", to)
    again = read(next(one.reader for one in TARGETS if one.name == to), tmp_path / "out")
    box = again.frame["boxes"][0][0]
    assert [box[side] for side in ("x0", "y0", "x1", "y1")] == pytest.approx([20, 30, 36, 42])
    assert again.label("fracture").tolist() == [1]


def test_outlines_are_clipped_as_their_boxes_are(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    write_image(tmp_path / "in" / "0.png", 1)
    mark = {
        "image_id": 0,
        "category_id": 1,
        "bbox": [50, 60, 20, 30],
        "segmentation": [[50, 60, 70, 60, 70, 90, 50, 90]],
    }
    images = [{"id": 0, "file_name": "0.png", "width": 60, "height": 80}]
    content = {"images": images, "annotations": [mark], "categories": [{"id": 1, "name": "fracture"}]}
    (tmp_path / "in" / "a.json").write_text(json.dumps(content))
    convert(read("coco", tmp_path / "in"), tmp_path / "in", tmp_path / "out", "yolo-seg")
    values = [float(word) for word in (tmp_path / "out" / "labels" / "0.txt").read_text().split()[1:]]
    assert max(values) <= 1
    assert (min(values[::2]) * 60, min(values[1::2]) * 80) == (50, 60)


def test_unknown_images_get_no_empty_file_that_would_say_nothing_is_there(
    tmp_path: Path, write_image: Callable[..., Path]
) -> None:
    write_image(tmp_path / "in" / "images" / "0.png", 1)
    (tmp_path / "in" / "data.yaml").write_text("names: [fracture]")
    table = read("yolo", tmp_path / "in")
    for to, file in (("yolo", "labels/0.txt"), ("voc", "Annotations/0.xml")):
        convert(table, tmp_path / "in", tmp_path / to, to)
        assert not (tmp_path / to / file).exists()
    convert(table, tmp_path / "in", tmp_path / "coco", "coco")
    (tmp_path / "coco" / "cases.csv").unlink()
    assert set(read("coco", tmp_path / "coco").frame.select("^label_.*$").rows()) <= {(-1,), ()}
