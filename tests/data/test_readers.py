"""The readers of the other datasets, each on a small dataset in its publisher's layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.datasets import DATASETS, Dataset, read
from osteon.data.datasets.spinexr import LESIONS
from osteon.data.table.remark import Kind, count
from osteon.data.table.table import Table

Writer = Callable[..., Path]


def by_name(table: Table) -> dict[str, dict[str, object]]:
    return {Path(row["image"]).name: row for row in table.frame.iter_rows(named=True)}


def by_path(table: Table) -> dict[str, dict[str, object]]:
    return {row["image"]: row for row in table.frame.iter_rows(named=True)}


def test_pediurf(tmp_path: Path, write_image: Writer, write_csv: Writer) -> None:
    names = {"proximal": "Proximal", "midshaft": "Midshaft", "distal": "Distal"}
    for split, start in (("train", 0), ("test", 10)):
        rows = []
        for number, word in enumerate(names.values(), start=start):
            case = f"{number:018d}"
            folder = tmp_path / split / f"{word} ulna and radius fractures" / case
            write_image(folder / "front.jpg", 2 * number)
            write_image(folder / ("side.JPG" if number % 2 else "side.jpeg"), 2 * number + 1)
            rows.append({"Case ID": case, "Age": number + 1, "Gender": "MF"[number % 2]})
        rows[0]["Age"] = 999
        write_csv(tmp_path / f"{split}.csv", [*rows, {"Case ID": "absent", "Age": 3, "Gender": "M"}])
    spoiled = tmp_path / "train" / "Distal ulna and radius fractures" / f"{2:018d}"
    next(spoiled.glob("side*")).unlink()
    write_image(spoiled / "oblique.jpg", 99)
    table = read("pediurf", tmp_path)
    assert len(table) == 11
    assert count(table.remarks) == {
        Kind.IMPLAUSIBLE_AGE: 2,
        Kind.MISSING_FILE: 2,
        Kind.EXTRA_VIEW: 1,
        Kind.MISSING_VIEW: 1,
    }
    row = by_path(table)[f"train/Midshaft ulna and radius fractures/{1:018d}/side.JPG"]
    assert (row["view"], row["age"], row["sex"], row["split"], row["label_midshaft"]) == (
        "lateral",
        2.0,
        "F",
        "train",
        1,
    )
    assert row["label_distal"] == 0
    assert row["study"] == f"train/Midshaft ulna and radius fractures/{1:018d}"


def test_pediurf_as_it_is_downloaded(tmp_path: Path, write_image: Writer, write_csv: Writer) -> None:
    """The CSV files lie beside the archive's folder, and their header may be in any words."""
    root = tmp_path / "PediURF"
    for split in ("train", "test"):
        rows = []
        for number in range(3):
            folder = root / split / "Distal ulna and radius fractures" / f"{number:018d}"
            write_image(folder / "front.jpg", 2 * number)
            write_image(folder / "side.jpg", 2 * number + 1)
            rows.append({"A": folder.parent.name, "B": folder.name, "C": "male", "D": f"{number + 4}Y"})
        write_csv(tmp_path / f"{split}.csv", rows)
    table = read("pediurf", root)
    assert table.remarks == ()
    assert sorted(table.frame["age"].unique()) == [4.0, 5.0, 6.0]
    assert set(table.frame["sex"]) == {"M"}
    with pytest.raises(DataError, match="seems to be"):
        read("pediurf", tmp_path)


@pytest.fixture
def spinexr(tmp_path: Path, write_dicom: Writer, write_csv: Writer) -> Path:
    """Four images: two lesions and a slip of the mouse, no finding, both at once, and one cut off."""
    root = tmp_path / "vindr-spinexr"
    columns = ("image_id", "study_id", "series_id", "rad_id", "lesion_type", "xmin", "ymin", "xmax", "ymax")

    def rows(*values: tuple[object, ...]) -> list[dict[str, object]]:
        return [dict(zip(columns, value, strict=True)) for value in values]

    write_dicom(root / "train_images" / "a.dicom", rows=90, columns=70, PatientAge="049Y", PatientSex="F")
    write_dicom(root / "train_images" / "b.dicom", rows=90, columns=70)
    write_dicom(root / "train_images" / "c.dicom", rows=90, columns=70)
    cut = write_dicom(root / "train_images" / "d.dicom", rows=90, columns=70)
    cut.write_bytes(cut.read_bytes()[:-500])
    write_dicom(root / "test_images" / "e.dicom", rows=90, columns=70)
    train = rows(
        ("a", "s1", "x", "R1", "Osteophytes", 5.5, 6, 20, 30.25),
        ("a", "s1", "x", "R1", "Enthesophytes", 1, 1, 9, 9),
        ("a", "s1", "x", "R1", "Osteophytes", 40, 40, 40.0004, 50),
        ("b", "s1", "x", "R2", "No finding", "", "", "", ""),
        ("c", "s2", "x", "R1", "No finding", "", "", "", ""),
        ("c", "s2", "x", "R1", "Surgical implant", 10, 10, 30, 80),
        ("d", "s3", "x", "R1", "No finding", "", "", "", ""),
        ("gone", "s3", "x", "R1", "No finding", "", "", "", ""),
    )
    write_csv(root / "annotations" / "train.csv", train)
    write_csv(root / "annotations" / "test.csv", rows(("other", "s9", "x", "R1", "No finding", "", "", "", "")))
    return root


def test_spinexr(spinexr: Path) -> None:
    table = read("spinexr", spinexr)
    assert count(table.remarks) == {
        Kind.MISSING_FILE: 2,
        Kind.EMPTY_BOX: 1,
        Kind.CONTRADICTING_LABEL: 1,
        Kind.TRUNCATED: 1,
        Kind.NO_RECORD: 1,
    }
    rows = by_name(table)
    assert sorted(rows) == ["a.dicom", "b.dicom", "c.dicom", "e.dicom"]
    a = rows["a.dicom"]
    assert [(box["label"], box["reader"]) for box in a["boxes"]] == [("osteophytes", "R1"), ("enthesophytes", "R1")]
    assert [a["boxes"][0][side] for side in ("x0", "y0", "x1", "y1")] == [5.5, 6.0, 20.0, 30.25]
    assert (a["age"], a["sex"], a["study"], a["width"], a["height"]) == (49.0, "F", "s1", 70, 90)
    assert (a["label_abnormal"], a["label_osteophytes"], a["label_fracture"]) == (1, 1, 0)
    assert (rows["b.dicom"]["label_abnormal"], rows["c.dicom"]["label_abnormal"]) == (0, 1)
    assert (rows["c.dicom"]["hardware"], rows["b.dicom"]["hardware"]) == (True, False)
    assert {rows["e.dicom"][f"label_{name}"] for name in ("abnormal", *LESIONS)} == {UNKNOWN}
    assert a["row_spacing"] == pytest.approx(0.14)


def test_mura(tmp_path: Path, write_image: Writer) -> None:
    root = tmp_path / "MURA-v1.1"
    for folder, patient in (("train", "patient00001"), ("train", "patient00002"), ("valid", "patient00003")):
        for study, word in (("study1", "positive"), ("study2", "negative")):
            path = root / folder / "XR_WRIST" / patient / f"{study}_{word}" / "image1.png"
            write_image(path, hash((patient, study)) % 1000)
            (path.parent / "._image1.png").write_bytes(b"\0\5\26\7")
    wrist = "MURA-v1.1/train/XR_WRIST"
    lists = f"{wrist}/patient00001/study1_positive/,1\n{wrist}/patient00002/study2_negative/,1\n"
    (root / "train_labeled_studies.csv").write_text(lists)
    paths = (
        "MURA-v1.1/train/XR_WRIST/patient00001/study1_positive/image1.png\nMURA-v1.1/train/XR_WRIST/p/s/image9.png\n"
    )
    (root / "train_image_paths.csv").write_text(paths)
    table = read("mura", root)
    assert count(table.remarks) == {Kind.CONTRADICTING_LABEL: 1, Kind.MISSING_FILE: 1}
    rows = by_path(table)
    assert len(rows) == 6
    row = rows["train/XR_WRIST/patient00001/study1_positive/image1.png"]
    assert (row["patient"], row["body_part"], row["label_abnormal"], row["split"]) == (
        "patient00001",
        "wrist",
        1,
        "train",
    )
    assert rows["train/XR_WRIST/patient00002/study2_negative/image1.png"]["label_abnormal"] == UNKNOWN
    assert rows["valid/XR_WRIST/patient00003/study2_negative/image1.png"]["split"] == "test"


def test_grazpedwri(tmp_path: Path, write_csv: Writer) -> None:
    images = tmp_path / "images_part1"
    labels = tmp_path / "folder_structure" / "yolov5" / "labels"
    images.mkdir()
    labels.mkdir(parents=True)
    rows = []
    for number, (flag, boxes) in enumerate(
        [("1", "3 0.5 0.5 0.2 0.1\n8 0.1 0.1 0.1 0.1\n"), ("", ""), ("1", ""), ("", None)]
    ):
        stem = f"{number:04d}_1297860395_01_WRI-L1_M014"
        Image.fromarray(np.full((80, 60), 300 * number, np.uint16)).save(images / f"{stem}.png")
        if boxes is not None:
            (labels / f"{stem}.txt").write_text(boxes)
        row = {
            "filestem": stem,
            "patient_id": number // 2,
            "study_number": 1,
            "gender": "M",
            "age": "14.0",
            "laterality": "L",
        }
        rows.append(
            {**row, "projection": number % 3 + 1, "cast": "", "metal": "", "fracture_visible": flag}
            | {"pixel_spacing": 0.144}
        )
    rows.append({**rows[0], "filestem": "gone"})
    write_csv(tmp_path / "dataset.csv", rows, encoding="utf-8-sig")
    table = read("grazpedwri", tmp_path)
    assert count(table.remarks) == {Kind.CONTRADICTING_LABEL: 1, Kind.NO_RECORD: 1, Kind.MISSING_FILE: 1}
    assert table.label("fracture").tolist() == [1, 0, 1, UNKNOWN]
    assert table.label("cast").tolist() == [UNKNOWN] * 4
    first = table.frame.row(0, named=True)
    assert (first["mode"], first["patient"], first["view"], first["laterality"]) == ("I;16", "0", "frontal", "L")
    assert (first["age"], first["sex"], first["row_spacing"], first["hardware"]) == (14.0, "M", 0.144, False)
    assert [first["boxes"][0][side] for side in ("x0", "y0", "x1", "y1")] == pytest.approx([24, 36, 36, 44])
    assert table.frame["hardware"].to_list()[3] is None


def test_elbow_has_its_own_card(tmp_path: Path, write_image: Writer) -> None:
    for number, word in enumerate(("normal", "hairline", "displaced")):
        write_image(tmp_path / word / "a.png", number)
    table = read("elbow", tmp_path)
    assert table.dataset == "elbow"
    assert sorted(table.label("fracture").tolist()) == [0, 1, 1]


def test_coco(tmp_path: Path, write_image: Writer) -> None:
    for number in range(4):
        write_image(tmp_path / "images" / f"{number}.png", number)
    content = {
        "images": [{"id": n, "width": 60, "height": 80, "file_name": f"{n}.png"} for n in (0, 1, 2, 7)],
        "categories": [{"id": 3, "name": "Wrist Fracture"}, {"id": 5, "name": "metal"}],
        "annotations": [
            {"image_id": 0, "category_id": 3, "bbox": [10, 20, 30, 40], "segmentation": [[10, 20, 40, 20, 10, 60]]},
            {"image_id": 1, "category_id": 5, "bbox": [70, 20, 5, 5], "segmentation": {"counts": "x", "size": [1, 1]}},
        ],
    }
    content["images"][2] |= {"width": 80, "height": 60}
    (tmp_path / "instances_val.json").write_text(json.dumps(content))
    table = read("coco", tmp_path)
    assert count(table.remarks) == {Kind.SWAPPED_BOX: 1, Kind.SWAPPED_SIZE: 1, Kind.MISSING_FILE: 1, Kind.NO_RECORD: 1}
    assert table.label("wrist_fracture").tolist() == [1, 0, 0]
    assert table.frame["split"].to_list() == ["val"] * 3
    assert table.frame["boxes"].to_list()[0][0]["polygons"] == [[10, 20, 40, 20, 10, 60]]


def test_coco_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no COCO file"):
        read("coco", tmp_path)
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(DataError, match=r"cannot read a\.json"):
        read("coco", tmp_path)


def test_yolo(tmp_path: Path, write_image: Writer) -> None:
    for number in range(4):
        write_image(tmp_path / "images" / "train" / f"{number}.png", number)
    labels = tmp_path / "labels" / "train"
    labels.mkdir(parents=True)
    (labels / "0.txt").write_text("1 0.5 0.5 0.5 0.25\n0 0.1 0.1 0.5 0.1 0.1 0.5\n")
    (labels / "1.txt").write_text("")
    (labels / "2.txt").write_text("9 0.5 0.5 0.5 0.25\n")
    (tmp_path / "data.yaml").write_text("names:\n  0: Metal\n  1: Fracture\n")
    table = read("yolo", tmp_path)
    assert count(table.remarks) == {Kind.UNREADABLE: 1, Kind.NO_RECORD: 1}
    assert table.label("fracture").tolist() == [1, 0, UNKNOWN, UNKNOWN]
    boxes = table.frame["boxes"].to_list()[0]
    assert [boxes[0][side] for side in ("x0", "y0", "x1", "y1")] == [15, 30, 45, 50]
    assert boxes[1]["polygons"] == [pytest.approx([6, 8, 30, 8, 6, 40])]
    assert table.frame["split"].to_list() == ["train"] * 4
    (tmp_path / "data.yaml").write_text("nc: 2\n")
    with pytest.raises(DataError, match="names no classes"):
        read("yolo", tmp_path)


def test_voc(tmp_path: Path, write_image: Writer) -> None:
    for number in range(3):
        write_image(tmp_path / "JPEGImages" / f"{number}.png", number)
    folder = tmp_path / "Annotations"
    folder.mkdir()
    box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30.5</xmax><ymax>40</ymax></bndbox>"
    size = "<size><width>60</width><height>80</height></size>"
    (folder / "0.xml").write_text(
        f"<annotation><filename>0.png</filename>{size}<object><name>Fracture</name>{box}</object></annotation>"
    )
    (folder / "1.xml").write_text(f"<annotation><filename>1.png</filename>{size}</annotation>")
    bomb = '<!DOCTYPE a [<!ENTITY x "y">]><annotation><filename>&x;</filename></annotation>'
    (folder / "2.xml").write_text(bomb)
    (folder / "9.xml").write_text(f"<annotation><filename>9.png</filename>{size}</annotation>")
    table = read("voc", tmp_path)
    assert count(table.remarks) == {Kind.UNREADABLE: 1, Kind.NO_RECORD: 1, Kind.MISSING_FILE: 1}
    assert table.label("fracture").tolist() == [1, 0, UNKNOWN]
    assert table.frame["boxes"].to_list()[0][0]["x1"] == 30.5


def test_listed(tmp_path: Path, write_image: Writer, write_csv: Writer, write_dicom: Writer) -> None:
    write_image(tmp_path / "a.png", 1)
    write_image(tmp_path / "b.png", 2)
    write_dicom(tmp_path / "c.dcm", PatientAge="018M", BodyPartExamined="HAND")
    row = {
        "image": "a.png",
        "patient": "p1",
        "View": "AP",
        "age": "7.5",
        "sex": "female",
        "split": "valid",
        "label_Fracture": "1",
    }
    blank = dict.fromkeys(row, "")
    write_csv(
        tmp_path / "cases.csv",
        [row, {**blank, "image": "b.png", "age": "-4"}, {**blank, "image": "c.dcm"}, {**blank, "image": "gone.png"}],
    )
    table = read("listed", tmp_path)
    assert count(table.remarks) == {Kind.IMPLAUSIBLE_AGE: 1, Kind.MISSING_FILE: 1}
    assert table.label("fracture").tolist() == [1, UNKNOWN, UNKNOWN]
    rows = by_name(table)
    assert [rows["a.png"][name] for name in ("patient", "view", "age", "sex", "split")] == [
        "p1",
        "frontal",
        7.5,
        "F",
        "val",
    ]
    assert rows["b.png"]["age"] is None
    assert (rows["c.dcm"]["age"], rows["c.dcm"]["body_part"]) == (1.5, "hand")
    table.save(tmp_path / "cases.parquet")
    (tmp_path / "cases.csv").unlink()
    again = read("listed", tmp_path)
    assert again.label("fracture").tolist() == [1, UNKNOWN, UNKNOWN]


def test_dicom_folder(tmp_path: Path, write_dicom: Writer, write_csv: Writer) -> None:
    write_dicom(tmp_path / "a.dcm", AccessionNumber="A1", PatientID="P1", ViewPosition="LL", ImageLaterality="R")
    write_dicom(tmp_path / "deep" / "nosuffix", AccessionNumber="A2")
    write_dicom(tmp_path / "c.dcm", AccessionNumber="A3")
    (tmp_path / "d.dcm").write_bytes(b"no DICOM")
    rows = [{"AccessionNumber": "A1", "label_fracture": 1}, {"AccessionNumber": "A2", "label_fracture": ""}]
    write_csv(tmp_path / "labels.csv", [*rows, {"AccessionNumber": "A9", "label_fracture": 0}])
    table = read("dicom", tmp_path)
    assert count(table.remarks) == {Kind.UNREADABLE: 1, Kind.NO_RECORD: 1, Kind.MISSING_FILE: 1}
    first = by_name(table)["a.dcm"]
    assert (first["view"], first["laterality"], first["patient"], first["label_fracture"]) == ("lateral", "R", "P1", 1)
    assert by_name(table)["nosuffix"]["label_fracture"] == UNKNOWN
    write_csv(tmp_path / "labels.csv", [{"name": "x", "label_fracture": 1}])
    with pytest.raises(DataError, match="cannot be joined"):
        read("dicom", tmp_path)


@pytest.mark.real_data
def test_the_shared_dicom_files(shared_data: Path) -> None:
    table = read("dicom", shared_data / "dicom")
    assert (len(table), table.remarks) == (15, ())
    assert set(table.frame["format"].to_list()) == {"DICOM"}


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.card.name)
def test_every_card_is_complete(dataset: Dataset) -> None:
    card = dataset.card
    assert sum(other.card.name == card.name for other in DATASETS) == 1
    assert all((card.title, card.about, card.licence, card.obtain, card.layout, card.label_map, card.identifiers))
    assert (card.access == "free") == (card.figshare is not None)
    assert card.access == "own" or all((card.citation, card.url, card.expected))


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.card.name)
def test_an_empty_folder_is_an_error_of_data(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        dataset.read(tmp_path)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["RG2_RLE", "RG2_JPLL", "RG3_J2KR"])
def test_a_compressed_dicom_file_that_is_cut_off_is_found(shared_data: Path, tmp_path: Path, name: str) -> None:
    data = (shared_data / "dicom" / f"{name}.dcm").read_bytes()
    (tmp_path / "cut.dcm").write_bytes(data[: len(data) * 2 // 3])
    (tmp_path / "whole.dcm").write_bytes(data)
    table = read("dicom", tmp_path)
    assert table.images == ["whole.dcm"]
    assert [remark.kind for remark in table.skipped] == [Kind.TRUNCATED]
