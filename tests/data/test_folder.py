"""The reader of a folder of classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.datasets import read
from osteon.data.table.remark import Kind


def test_classes_below_splits(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    for split in ("train", "valid", "test"):
        for number, name in enumerate(("normal", "hairline", "displaced")):
            write_image(tmp_path / split / name / f"{split}{number}.jpg", number)
    table = read("folder", tmp_path)
    assert table.labels == ("displaced", "hairline", "normal", "fracture")
    rows = {row["image"]: row for row in table.frame.iter_rows(named=True)}
    row = rows["valid/hairline/valid1.jpg"]
    assert (row["split"], row["label_hairline"], row["label_displaced"], row["label_fracture"]) == ("val", 1, 0, 1)
    assert rows["train/normal/train0.jpg"]["label_fracture"] == 0


def test_classes_without_splits(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    write_image(tmp_path / "Bone Age 1" / "deep" / "a.png", 1)
    write_image(tmp_path / "other" / "b.png", 2)
    write_image(tmp_path / "other" / "._b.png", 3)
    write_image(tmp_path / "loose.png", 4)
    table = read("folder", tmp_path)
    assert table.labels == ("bone_age_1", "other")
    assert table.frame["split"].to_list() == [None, None]
    assert [(remark.kind, remark.image) for remark in table.skipped] == [(Kind.UNKNOWN_LABEL, "loose.png")]


def test_one_class_is_no_folder_of_classes(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    write_image(tmp_path / "a" / "a.png", 1)
    with pytest.raises(DataError, match="at least two folders"):
        read("folder", tmp_path)


PARTS = {
    ("train", "dev"): ("train", "val"),
    ("train_set", "test_set"): ("train", "test"),
    ("Training", "Validation Set"): ("train", "val"),
    ("train2017", "hold-out"): ("train", "test"),
    ("dataset/train", "dataset/valid"): ("train", "val"),
    ("images/Train", "images/internal_test"): ("train", "test"),
}


@pytest.mark.parametrize("folders", PARTS, ids=str)
@pytest.mark.parametrize("below", [True, False])
def test_parts_by_other_names(
    tmp_path: Path, write_image: Callable[..., Path], folders: tuple[str, str], below: bool
) -> None:
    for number, folder in enumerate(folders):
        for one in ("fractured", "normal"):
            place = f"{folder}/{one}" if below else f"{one}/{folder}"
            write_image(tmp_path / place / f"{number}.png", 2 * number + (one == "normal"))
    table = read("folder", tmp_path)
    assert table.labels == ("fractured", "normal", "fracture")
    parts = dict(zip(table.images, table.frame["split"].to_list(), strict=True))
    truth = dict(zip(table.images, table.label("fracture").tolist(), strict=True))
    for image in table.images:
        assert parts[image] == PARTS[folders][int(Path(image).stem)]
        assert truth[image] == int("fractured" in image)
    assert table.remarks == ()


def test_parts_within_the_names_of_classes(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    for number, name in enumerate(("train_fracture", "train_normal", "test_fracture", "test_normal")):
        write_image(tmp_path / name / f"{number}.png", number)
    table = read("folder", tmp_path)
    assert table.labels == ("fracture", "normal")
    assert table.label("fracture").tolist() == [1, 0, 1, 0]
    assert table.frame["split"].to_list() == ["test", "test", "train", "train"]
    assert [remark.kind for remark in table.remarks] == [Kind.ASSUMED]


def test_folds_are_no_classes_and_no_parts(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    for number, fold in enumerate(("fold_1", "fold_2")):
        for part in ("train", "val"):
            for one in ("fracture", "normal"):
                write_image(tmp_path / fold / part / one / f"{part}{number}.png", number)
    table = read("folder", tmp_path)
    assert table.labels == ("fracture", "normal")
    assert set(table.frame["split"].to_list()) == {None}
    assert Kind.ASSUMED in {remark.kind for remark in table.remarks}


@pytest.mark.parametrize("name", ["unknown", "Unlabeled", "unlabelled", "unsorted", "uncertain"])
def test_a_folder_of_no_class_is_unknown(tmp_path: Path, write_image: Callable[..., Path], name: str) -> None:
    for number, one in enumerate(("fracture", "normal", name)):
        write_image(tmp_path / one / f"{number}.png", number)
    table = read("folder", tmp_path)
    assert table.labels == ("fracture", "normal")
    assert dict(zip(table.images, table.label("fracture").tolist(), strict=True))[f"{name}/2.png"] == UNKNOWN
    assert [remark.kind for remark in table.remarks] == [Kind.UNKNOWN_LABEL]


def test_masks_hidden_folders_and_other_pictures_are_left_out(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    for number, name in enumerate(
        ("fracture/a.png", "normal/b.jfif", "fracture/a_mask.png", "masks/a.png", "mask/a.png")
    ):
        write_image(tmp_path / name, number, **({"format": "JPEG"} if name.endswith("jfif") else {}))
    write_image(tmp_path / "fracture" / ".ipynb_checkpoints" / "a-checkpoint.png", 7)
    write_image(tmp_path / "normal" / "c.webp", 8)
    write_image(tmp_path / "normal" / "d.png", 9, format="WEBP")
    table = read("folder", tmp_path)
    assert table.images == ["fracture/a.png", "normal/b.jfif"]
    assert {remark.image for remark in table.remarks} == {
        "fracture/a_mask.png", "mask/a.png", "fracture/.ipynb_checkpoints", "normal/c.webp", "normal/d.png",
    }  # fmt: skip


def test_classes_that_are_spelled_otherwise_in_a_part_are_told(
    tmp_path: Path, write_image: Callable[..., Path]
) -> None:
    for number, name in enumerate(("train/fracture", "train/normal", "test/fractured", "test/Normal")):
        write_image(tmp_path / name / f"{number}.png", number)
    table = read("folder", tmp_path)
    told = [(remark.kind, "fractured" in remark.detail) for remark in table.remarks]
    assert (Kind.UNKNOWN_LABEL, True) in told
    assert Kind.ASSUMED in {remark.kind for remark in table.remarks}
    assert table.label("normal").sum() == 2
