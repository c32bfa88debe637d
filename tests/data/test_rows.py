"""Tables as other programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.data.table.parse import age_of, is_unknown, label_of, meaning, number_of
from osteon.data.table.remark import Kind
from osteon.data.table.rows import by_key, read_lists, read_sheet


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends(tmp_path: Path, encoding: str, separator: str, end: str) -> None:
    place = "Wien" if encoding in {"utf-16-le", "utf-16-be"} else "Köln"  # without a mark it is told by its zeros
    text = end.join([separator.join(row) for row in (("Image", "Source-Name"), ("a.png", place), ("b, c.png", ""))])
    sheet = read_sheet(write(tmp_path, text.replace("b, c", "b c"), encoding))
    assert sheet.columns == ("image", "source_name")
    assert [dict(row.cells) for row in sheet.rows] == [
        {"image": "a.png", "source_name": place},
        {"image": "b c.png", "source_name": ""},
    ]
    assert [row.lines for row in sheet.rows] == [(2,), (3,)]
    assert bool(sheet.remarks) == (separator != "," or encoding == "cp1252")


def test_what_excel_says_of_the_separator(tmp_path: Path) -> None:
    sheet = read_sheet(write(tmp_path, "sep=;\r\nimage;age\r\na,b.png;9,5\r\n"))
    assert dict(sheet.rows[0].cells) == {"image": "a,b.png", "age": "9,5"}
    assert sheet.rows[0].lines == (3,)


def test_quotes_blank_rows_and_lines_within_cells(tmp_path: Path) -> None:
    text = '"image","report"\n\n"a, b.png","two\nlines"\n,\n"c.png","say ""no"""\n'
    sheet = read_sheet(write(tmp_path, text))
    assert [row.cells["image"] for row in sheet.rows] == ["a, b.png", "c.png"]
    assert [row.lines for row in sheet.rows] == [(3,), (6,)]
    assert sheet.rows[1].cells["report"] == 'say "no"'


def test_rows_of_another_length_are_told_by_their_line(tmp_path: Path) -> None:
    sheet = read_sheet(write(tmp_path, "image,age,label\na.png,9,5,1\nb.png,9\nc.png,1,0,,\n"))
    assert [row.cells["image"] for row in sheet.rows] == ["b.png", "c.png"]
    assert sheet.rows[0].cells["label"] == ""
    assert ["line 2" in sheet.remarks[0].detail, "line 3" in sheet.remarks[1].detail] == [True, True]


def test_a_repeated_column_that_contradicts_itself_is_unknown(tmp_path: Path) -> None:
    sheet = read_sheet(write(tmp_path, "image,x,X,y,y\na,0,1,2,2\nb,1,,3,3\n"))
    assert [dict(row.cells) for row in sheet.rows] == [
        {"image": "a", "x": "", "y": "2"},
        {"image": "b", "x": "1", "y": "3"},
    ]
    assert [remark.kind for remark in sheet.remarks] == [Kind.CONTRADICTING_LABEL, Kind.LISTED_TWICE]


def test_rows_of_one_key(tmp_path: Path) -> None:
    text = "k,label,age\na,1,9\na,1.0,9\nb,0,9\nb,1,\n,1,9\nc,1,9\n"
    sheet = read_sheet(write(tmp_path, text))
    remarks = list(sheet.remarks)
    rows = by_key(sheet, lambda row: row.cells["k"], remarks, meaning)
    assert {key: dict(row.cells) for key, row in rows.items()} == {
        "a": {"k": "a", "label": "1.0", "age": "9"},
        "b": {"k": "b", "label": "", "age": "9"},
        "c": {"k": "c", "label": "1", "age": "9"},
    }
    assert rows["b"].differing == {"label", "age"}
    assert [remark.kind for remark in remarks] == [Kind.UNREADABLE, Kind.LISTED_TWICE, Kind.CONTRADICTING_LABEL]
    assert "lines 4, 5" in remarks[2].detail


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b'image,label\n"a.png,1\nb.png,0\n', "quotation mark"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\xd0\xcf\x11\xe0rest", "Excel"),
        (b"\xff\xfea", "UTF-16"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with pytest.raises(DataError, match=problem) as caught:
        read_sheet(path)
    assert "t.csv" in str(caught.value)


def test_absent_columns_and_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column image.*got file, label"):
        read_sheet(write(tmp_path, "file,label\na,1\n")).need("image")
    with pytest.raises(DataError, match="FileNotFoundError"):
        read_sheet(tmp_path / "absent.csv")
    assert read_lists(write(tmp_path, "\na;1\n"))[0] == [(2, ["a", "1"])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("0,0", 0),
        ("1,0", 1),
        ("1.00", 1),
        ("TRUE", 1),
        ("n", 0),
        ("2", -1),
        ("f", -1),
        ("normal", -1),
        ("", -1),
        ("inf", -1),
    ],
)
def test_labels(text: str, value: int) -> None:
    assert label_of(text) == value


def test_numbers_with_a_comma() -> None:
    assert (number_of("0,144"), age_of("9,5")) == (0.144, 9.5)
    assert [number_of(text) for text in ("1e400", "nan", "1,2,3", "")] == [None] * 4
    assert [is_unknown(text) for text in ("", "NA", "nan", "-1", "0", "normal")] == [True] * 4 + [False] * 2
