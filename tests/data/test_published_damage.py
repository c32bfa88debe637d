"""Published datasets with the faults that copies of them have: doubled rows, boxes without a size, words for numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.datasets import read
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table

Writer = Callable[..., Path]
STEM = "0001_1297860395_01_WRI-L1_M014"


@pytest.fixture
def graz(tmp_path: Path, write_image: Writer, write_csv: Writer) -> Callable[..., Table]:
    """Write one radiograph with rows and a label file, and read it."""

    def make(boxes: str | None, *rows: dict[str, object]) -> Table:
        write_image(tmp_path / "images_part1" / f"{STEM}.png", 1)
        path = tmp_path / "folder_structure" / "yolov5" / "labels" / f"{STEM}.txt"
        if boxes is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(boxes)
        write_csv(
            tmp_path / "dataset.csv", [{"filestem": STEM, "patient_id": 1, "study_number": 1, **row} for row in rows]
        )
        return read("grazpedwri", tmp_path)

    return make


FLAG = "fracture_visible"
GRAZ = [
    ("3 0.5 0.5 0 0\n", [{FLAG: ""}], UNKNOWN),
    ("3 0.5 0.5 0 0\n", [{FLAG: 1}], 1),
    ("3 0.5 0.5 0.2 0.2\n3 0.5 0.5 0 0\n", [{FLAG: ""}], 1),
    ("3 200 200 20 20\n", [{FLAG: ""}], UNKNOWN),
    ("x\n", [{FLAG: ""}], UNKNOWN),
    ("9 0.5 0.5 0.2 0.2\n", [{FLAG: ""}], UNKNOWN),
    ("8 0.5 0.5 0.2 0.2\n", [{FLAG: ""}], 0),
    ("8 0.5 0.5 0 0\n", [{FLAG: ""}], 0),
    ("", [{FLAG: 1}, {FLAG: ""}], UNKNOWN),
    ("", [{FLAG: 1}, {FLAG: 0}], UNKNOWN),
    ("", [{FLAG: 1}, {FLAG: 1}], 1),
    ("3 0.5 0.5 0.2 0.2\n", [{FLAG: 1}, {FLAG: 0}], 1),
    (None, [{FLAG: 1}, {FLAG: 0}], UNKNOWN),
    (None, [{FLAG: ""}], UNKNOWN),
]


@pytest.mark.parametrize(("boxes", "rows", "label"), GRAZ)
def test_grazpedwri(graz: Callable[..., Table], boxes: str | None, rows: list[dict[str, object]], label: int) -> None:
    table = graz(boxes, *rows)
    assert table.label("fracture").tolist() == [label]
    assert table.remarks or label == 0 or boxes == "3 0.5 0.5 0.2 0.2\n" or (len(rows) == 1 and label == 1)


def test_grazpedwri_tells_lines_and_lost_metal(graz: Callable[..., Table]) -> None:
    table = graz(
        "4 0.5 0.5 0 0\n", {FLAG: "maybe", "cast": 1, "gender": "M"}, {FLAG: "maybe", "cast": 0, "gender": "F"}
    )
    told = {remark.kind: remark.detail for remark in table.remarks}
    assert "lines 2, 3" in told[Kind.CONTRADICTING_LABEL]
    assert "fracture_visible" in told[Kind.UNKNOWN_LABEL]
    assert (table.label("cast").tolist(), table.frame["sex"][0], table.frame["hardware"][0]) == ([UNKNOWN], None, None)


FRACATLAS = [
    ("Non_fractured", "0", [10, 10, 0, 5], UNKNOWN),
    ("Fractured", "0", [10, 10, 0, 5], UNKNOWN),
    ("Fractured", "1", [10, 10, 0, 5], 1),
    ("Non_fractured", "0", None, 0),
    ("Non_fractured", "yes", None, 0),
    ("Non_fractured", "0", [10, 10, 5, 5], 0),
]


@pytest.mark.parametrize(("folder", "row", "box", "label"), FRACATLAS)
def test_fracatlas(
    tmp_path: Path, write_image: Writer, write_csv: Writer, folder: str, row: str, box: list[int] | None, label: int
) -> None:
    write_image(tmp_path / "images" / folder / "a.jpg", 1)
    write_image(tmp_path / "images" / "Elsewhere" / "b.jpg", 2)
    write_csv(tmp_path / "dataset.csv", [{"image_id": "a.jpg", "fractured": row}])
    marks = [{"image_id": 0, "category_id": 0, "bbox": box}] if box else []
    images = [{"id": 0, "file_name": "a.jpg", "width": 60, "height": 80}]
    path = tmp_path / "Annotations" / "COCO JSON" / "COCO_fracture_masks.json"
    path.parent.mkdir(parents=True)
    path.write_text(
        json.dumps({"images": images, "annotations": marks, "categories": [{"id": 0, "name": "fractured"}]})
    )
    table = read("fracatlas", tmp_path)
    assert table.label("fracture").tolist() == [label]
    assert "images/Elsewhere/b.jpg" in {remark.image for remark in table.skipped}
    write_csv(tmp_path / "dataset.csv", [{"image": "a.jpg"}])
    with pytest.raises(DataError, match="no column image_id"):
        read("fracatlas", tmp_path)


@pytest.mark.parametrize(
    ("rows", "abnormal", "fracture"),
    [
        ([("No finding", "")], 0, 0),
        ([("Fracture", "20")], 1, 1),
        ([("Fracture", "5")], 1, 1),  # a box without a width: the finding is told all the same
        ([("Fracure", "20")], 1, UNKNOWN),
        ([("", "20")], UNKNOWN, UNKNOWN),
        ([("No finding", ""), ("", "")], UNKNOWN, UNKNOWN),
        ([("No finding", ""), ("Osteophytes", "20")], 1, 0),
    ],
)
def test_spinexr(
    tmp_path: Path, write_dicom: Writer, write_csv: Writer, rows: list[tuple[str, str]], abnormal: int, fracture: int
) -> None:
    write_dicom(tmp_path / "train_images" / "a.dicom", rows=90, columns=70)
    sides = ("xmin", "ymin", "xmax", "ymax")
    listed = [
        {
            "image_id": "a",
            "study_id": "s",
            "lesion_type": lesion,
            **dict(zip(sides, (5, 5, x, 20) if x else [""] * 4, strict=True)),
        }
        for lesion, x in rows
    ]
    write_csv(tmp_path / "annotations" / "train.csv", [*listed, {**listed[0], "image_id": ""}])
    write_csv(tmp_path / "annotations" / "test.csv", [{"image_id": "z", "lesion_type": "No finding"}])
    table = read("spinexr", tmp_path)
    assert (table.label("abnormal").tolist(), table.label("fracture").tolist()) == ([abnormal], [fracture])
    assert any(
        remark.image == "annotations/train.csv" and "names no image" in remark.detail for remark in table.remarks
    )


def test_mura_lists_of_other_roots_and_opposite_lines(tmp_path: Path, write_image: Writer) -> None:
    for number, word in enumerate(("positive", "negative", "")):
        write_image(tmp_path / "train" / "XR_HAND" / "patient1" / f"study{number}_{word}" / "image1.png", number)
    (tmp_path / "valid").mkdir()
    hand = "train/XR_HAND/patient1"
    (tmp_path / "train_labeled_studies.csv").write_text(
        f"{hand}/study0_positive/,1\nD:\\MURA\\{hand}/study1_negative/,0\nMURA-v1.1/{hand}/study1_negative/,1\n{hand}/study2_/\n"
        f"{hand}/study9_positive/,1\n"
    )
    table = read("mura", tmp_path)
    assert table.label("abnormal").tolist() == [1, UNKNOWN, UNKNOWN]
    told = [(remark.kind, remark.image.split("/")[-1]) for remark in table.remarks]
    assert (Kind.CONTRADICTING_LABEL, "train_labeled_studies.csv") in told
    assert (Kind.UNKNOWN_LABEL, "train_labeled_studies.csv") in told
    assert (Kind.MISSING_FILE, "study9_positive") in told


def test_pediurf_cases_of_two_ages(tmp_path: Path, write_image: Writer, write_csv: Writer) -> None:
    for split in ("train", "test"):
        folder = tmp_path / split / "Distal ulna and radius fractures" / "c1"
        write_image(folder / "front.jpg", 1)
        write_image(folder / "side.jpg", 2)
        rows = [{"case": "c1", "sex": "male", "age": age} for age in ((4, 9) if split == "train" else (4, 4))]
        write_csv(tmp_path / f"{split}.csv", rows)
    table = read("pediurf", tmp_path)
    assert table.frame["age"].to_list() == [None, None, 4.0, 4.0]
    assert [remark.kind for remark in table.remarks] == [Kind.CONTRADICTING_LABEL, Kind.LISTED_TWICE]


@pytest.mark.parametrize("key", ["SOPInstanceUID", "SOP Instance UID", "sop_instance_uid"])
def test_dicom_rows_that_contradict_each_other(
    tmp_path: Path, write_dicom: Writer, write_csv: Writer, key: str
) -> None:
    from pydicom import dcmread

    uids = [dcmread(write_dicom(tmp_path / f"{n}.dcm", PatientID="P")).SOPInstanceUID for n in range(3)]
    (tmp_path / "1.2.840.10008.7").write_bytes((tmp_path / "2.dcm").read_bytes())
    (tmp_path / "2.dcm").unlink()
    values = [(uids[0], 1), (uids[0], 0), (uids[1], "fracture"), (uids[2], "1,0"), ("", 1), ("1.2.3", 1)]
    write_csv(tmp_path / "labels.csv", [{key: uid, "label_fracture": value, "note": "x"} for uid, value in values])
    table = read("dicom", tmp_path)
    assert dict(zip(table.images, table.label("fracture").tolist(), strict=True)) == {
        "0.dcm": UNKNOWN, "1.dcm": UNKNOWN, "1.2.840.10008.7": 1,
    }  # fmt: skip
    told = {remark.kind: remark.detail for remark in table.remarks}
    assert "lines 2, 3" in told[Kind.CONTRADICTING_LABEL]
    assert "line 6" in told[Kind.UNREADABLE]
    assert "line 7" in told[Kind.MISSING_FILE]
    assert all(str(uid) not in f"{remark.detail}" for remark in table.remarks for uid in uids)


@pytest.mark.parametrize(
    ("folder", "row", "label"), [("Fractured", 1, 1), ("Non_fractured", 0, 0), ("Fractured", 0, UNKNOWN)]
)
def test_fracatlas_without_its_boxes(
    tmp_path: Path, write_image: Writer, write_csv: Writer, folder: str, row: int, label: int
) -> None:
    write_image(tmp_path / "images" / folder / "a.jpg", 1)
    write_csv(tmp_path / "dataset.csv", [{"image_id": "a.jpg", "fractured": row}])
    table = read("fracatlas", tmp_path)
    assert table.label("fracture").tolist() == [label]
    assert Kind.NO_RECORD in {remark.kind for remark in table.remarks}
