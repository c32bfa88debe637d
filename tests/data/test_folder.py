"""The reader of a folder of classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.data.datasets import read
from osteon.data.remark import Kind


def test_classes_below_splits(tmp_path: Path, write_film: Callable[..., Path]) -> None:
    for split in ("train", "valid", "test"):
        for number, name in enumerate(("normal", "hairline", "displaced")):
            write_film(tmp_path / split / name / f"{split}{number}.jpg", number)
    table = read("folder", tmp_path)
    assert table.labels == ("displaced", "hairline", "normal", "fracture")
    rows = {row["image"]: row for row in table.frame.iter_rows(named=True)}
    row = rows["valid/hairline/valid1.jpg"]
    assert (row["split"], row["label_hairline"], row["label_displaced"], row["label_fracture"]) == ("val", 1, 0, 1)
    assert rows["train/normal/train0.jpg"]["label_fracture"] == 0


def test_classes_without_splits(tmp_path: Path, write_film: Callable[..., Path]) -> None:
    write_film(tmp_path / "Bone Age 1" / "deep" / "a.png", 1)
    write_film(tmp_path / "other" / "b.png", 2)
    write_film(tmp_path / "other" / "._b.png", 3)
    write_film(tmp_path / "loose.png", 4)
    table = read("folder", tmp_path)
    assert table.labels == ("bone_age_1", "other")
    assert table.frame["split"].to_list() == [None, None]
    assert [(remark.kind, remark.image) for remark in table.skipped] == [(Kind.UNKNOWN_LABEL, "loose.png")]


def test_one_class_is_no_folder_of_classes(tmp_path: Path, write_film: Callable[..., Path]) -> None:
    write_film(tmp_path / "a" / "a.png", 1)
    with pytest.raises(DataError, match="at least two folders"):
        read("folder", tmp_path)
