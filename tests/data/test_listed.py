"""Tables of images as Excel and others write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.datasets import read
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table

Writer = Callable[..., Path]


@pytest.fixture
def dataset(tmp_path: Path, write_image: Writer) -> Callable[..., Table]:
    """Write a table of two images and read it."""
    for number in range(2):
        write_image(tmp_path / "images" / f"{number}.png", number)

    def make(text: str, name: str = "cases.csv") -> Table:
        (tmp_path / name).write_text(text)
        return read("listed", tmp_path)

    return make


def kinds(table: Table) -> list[Kind]:
    return [remark.kind for remark in table.remarks]


@pytest.mark.parametrize("cell", ["normal", "2", "-2", "0.5", "fracture", "yes!", "1;0"])
def test_labels_that_are_not_understood_are_unknown_and_told(dataset: Callable[..., Table], cell: str) -> None:
    table = dataset(f"image,label_fracture\nimages/0.png,{cell}\nimages/1.png,0\n")
    assert table.label("fracture").tolist() == [UNKNOWN, 0]
    assert any("line 2" in remark.detail and "label_fracture" in remark.detail for remark in table.remarks)


@pytest.mark.parametrize("column", ["label", "fracture", "Diagnosis", "labels_fracture"])
def test_columns_that_are_not_read_are_told(dataset: Callable[..., Table], column: str) -> None:
    table = dataset(f"image,{column}\nimages/0.png,1\n")
    assert table.labels == ()
    assert kinds(table) == [Kind.UNKNOWN_LABEL]
    assert column.lower() in table.remarks[0].detail
    assert "label_<name>" in table.remarks[0].detail


def test_cells_of_every_column_that_are_not_understood_are_told(dataset: Callable[..., Table]) -> None:
    columns = ["age", "sex", "view", "laterality", "body_part", "split", "row_spacing", "hardware"]
    table = dataset(
        f"image,{','.join(columns)}\nimages/0.png,{','.join(['xyz'] * len(columns))}\nimages/1.png{',' * len(columns)}\n"
    )
    told = " ".join(remark.detail for remark in table.remarks)
    assert all(column.replace("_", " ") in told for column in columns)
    assert len(table.remarks) == len(columns)
    assert all(table.frame[column].to_list() == [None, None] for column in columns)


def test_other_names_of_columns_and_parts(dataset: Callable[..., Table]) -> None:
    table = dataset(
        "File Name;Patient-ID;Gender;subset;label_fracture\nimages/0.png;p1;F;dev;1,0\nimages/1.png;p2;M;holdout;0,0\n"
    )
    assert table.frame.select("patient", "sex", "split").rows() == [("p1", "F", "val"), ("p2", "M", "test")]
    assert table.label("fracture").tolist() == [1, 0]
    assert set(kinds(table)) == {Kind.ASSUMED}


def test_an_image_listed_twice(dataset: Callable[..., Table]) -> None:
    table = dataset(
        "image,label_a,label_b,age\nimages/0.png,0,1,9\nimages\\0.png,1,1,9\nimages/1.png,0,0,\n./images/1.png,0,0,4\n"
    )
    assert table.images == ["images/0.png", "images/1.png"]
    assert (table.label("a").tolist(), table.label("b").tolist()) == ([UNKNOWN, 0], [1, 0])
    assert table.frame["age"].to_list() == [9.0, 4.0]
    told = [remark.detail for remark in table.remarks if remark.kind is Kind.CONTRADICTING_LABEL]
    assert "lines 2, 3" in told[0]
    assert "label_a" in told[0]


def test_rows_without_an_image_and_images_that_are_not_there(dataset: Callable[..., Table]) -> None:
    table = dataset("image,label_a\nimages/0.png,1\n,1\nimages/9.png,1\n")
    assert table.images == ["images/0.png"]
    assert [(remark.kind, "line 3" in remark.detail, "line 4" in remark.detail) for remark in table.remarks] == [
        (Kind.UNREADABLE, True, False),
        (Kind.MISSING_FILE, False, True),
    ]
    with pytest.raises(DataError, match=r"no image was found.*images/9\.png.*there is no such file"):
        dataset("image,label_a\nimages/9.png,1\n")


def test_what_is_no_table_of_images_is_said(dataset: Callable[..., Table], tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column image.*got 0, 1"):
        dataset("0,1\n1,0\n")
    (tmp_path / "cases.csv").unlink()
    (tmp_path / "bones.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match=r"Save bones\.xlsx as CSV"):
        read("listed", tmp_path)
    (tmp_path / "cases.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match=r"cannot read cases\.parquet"):
        read("listed", tmp_path)


def test_two_columns_that_would_be_one_label(dataset: Callable[..., Table]) -> None:
    with pytest.raises(DataError, match="one label"):
        dataset("image,label_grade<2,label_grade>2\nimages/0.png,1,0\n")
