"""The table of cases: its rules, its file, its labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.core.labels import UNKNOWN, BodyPart, Sex, View
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.schema import CaseSchema
from osteon.data.table.table import Table, boxes_of, from_cases, load

FACTS = FileFacts(60, 80, "L", "PNG", 100)


def case(image: str = "a.png", **values: object) -> Case:
    return replace(Case(image, FACTS, study="s"), **values)


def table(*cases: Case) -> Table:
    return from_cases(cases, dataset="tests", licence="CC0-1.0")


def test_every_column_is_documented() -> None:
    assert all(column.description for column in CaseSchema.columns().values())


def test_a_label_that_nobody_gave_is_unknown_and_never_zero() -> None:
    made = table(case("a.png", labels={"fracture": 1}), case("b.png", labels={"cast": 0}))
    assert made.labels == ("fracture", "cast")
    assert made.label("fracture").tolist() == [1, UNKNOWN]
    assert made.label("cast").tolist() == [UNKNOWN, 0]


def test_save_and_load_keep_everything(tmp_path: Path) -> None:
    marked = LabelledBox(Box(1.5, 2.5, 30.25, 40.0), "fracture", "R1", ((1.5, 2.5, 30.25, 2.5, 30.25, 40.0),))
    full = case(
        boxes=(marked,),
        view=View.LATERAL,
        body_part=BodyPart.HAND,
        age=7.5,
        sex=Sex.FEMALE,
        split="val",
        patient="p",
        row_spacing=0.14,
        column_spacing=0.14,
        hardware=False,
        labels={"fracture": 1},
    )
    remark = Remark(Kind.TRUNCATED, "b.png", RemarkCode.IMAGE_ENDS_EARLY, skipped=True)
    made = from_cases([full], dataset="tests", licence="CC0-1.0", remarks=[remark])
    made.save(tmp_path / "t.parquet")
    again = load(tmp_path / "t.parquet")
    assert again.frame.equals(made.frame)
    assert again.remarks == (remark,)
    assert again.skipped == (remark,)
    assert again.dataset == "tests"
    assert again.frame["boxes"].to_list()[0][0]["polygons"] == [[1.5, 2.5, 30.25, 2.5, 30.25, 40.0]]


def test_whole_numbers_and_fractions_are_corners_alike() -> None:
    sides = (LabelledBox(Box(0, 0, 0.5, 0.5), "fracture"), LabelledBox(Box(0, 0, 5, 80), "fracture"))
    made = table(case(boxes=sides, labels={"fracture": 1}))
    assert boxes_of(made.frame.to_dicts()[0]) == sides


def test_boxes_of_schema_1_are_no_crowds(tmp_path: Path) -> None:
    boxes = (
        LabelledBox(Box(1, 2, 3, 4), "fracture"),
        LabelledBox(Box(5, 6, 7, 8), "fracture", "r", ((5.0, 6.0, 7.0, 8.0),)),
    )
    made = table(case(boxes=boxes, labels={"fracture": 1}), case("b.png", labels={"fracture": 0}))
    old = made.frame.with_columns(
        pl.col("boxes").list.eval(
            pl.struct(pl.element().struct.field("x0", "y0", "x1", "y1", "label", "reader", "polygons"))
        )
    )
    old.write_parquet(tmp_path / "t.parquet", metadata={"osteon.table": '{"schema": 1, "dataset": "d", "remarks": []}'})
    again = load(tmp_path / "t.parquet")
    assert again.frame["boxes"].dtype == made.frame["boxes"].dtype
    assert boxes_of(again.frame.to_dicts()[0]) == boxes
    assert again.frame["boxes"].to_list()[1] == []


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    made = table(case())
    made.frame.write_parquet(tmp_path / "t.parquet", metadata={"osteon.table": '{"schema": 99}'})
    with pytest.raises(DataError, match="newer osteon"):
        load(tmp_path / "t.parquet")


def test_another_parquet_file_and_no_file_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="not a table of cases"):
        load(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="cannot read the table"):
        load(tmp_path / "absent.parquet")
    (tmp_path / "text.parquet").write_text("no parquet at all")
    with pytest.raises(DataError, match="cannot read the table"):
        load(tmp_path / "text.parquet")


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"age": 140.0}, r"age\|max"),
        ({"facts": replace(FACTS, width=0)}, r"width\|min"),
        ({"row_spacing": 0.0}, r"row_spacing"),
        ({"image": ""}, r"image\|min_length"),
        ({"boxes": (LabelledBox(Box(5, 5, 5, 9), "fracture"),)}, "boxes"),
        ({"boxes": (LabelledBox(Box(5, 5, 70, 9), "fracture"),)}, "beyond"),
        ({"labels": {"fracture": 2}}, "label_fracture"),
    ],
)
def test_values_out_of_range_are_refused(values: dict[str, object], rule: str) -> None:
    with pytest.raises(DataError, match=rule):
        table(case(**values))


def test_two_rows_of_one_image_are_refused() -> None:
    with pytest.raises(DataError, match="primary_key"):
        table(case("a.png"), case("a.png"))


def test_the_message_shows_no_patient() -> None:
    with pytest.raises(DataError) as caught:
        table(case(patient="Doe^Jane", age=-3.0))
    assert "Doe" not in str(caught.value)


def test_unknown_columns_and_missing_ones_are_refused() -> None:
    frame = table(case()).frame
    with pytest.raises(DataError, match="unknown columns"):
        Table(frame.with_columns(pl.lit(1).alias("extra")), "tests")
    with pytest.raises(DataError, match="missing columns"):
        Table(frame.drop("age"), "tests")


def test_an_empty_dataset_says_how_many_files_were_skipped() -> None:
    with pytest.raises(DataError, match="1 files were examined"):
        from_cases(
            [], dataset="t", licence="x", remarks=[Remark(Kind.UNREADABLE, "a", RemarkCode.FILE_EMPTY, skipped=True)]
        )


def test_select_keeps_the_order_asked_for_and_refuses_strangers() -> None:
    made = table(case("a.png"), case("b.png"), case("c.png"))
    assert made.select(["c.png", "a.png"]).images == ["c.png", "a.png"]
    with pytest.raises(DataError, match="1 images are not in the table"):
        made.select(["d.png"])


def test_an_absent_label_names_those_that_are_there() -> None:
    with pytest.raises(DataError, match="expected cast, got fracture"):
        table(case(labels={"cast": 0})).label("fracture")


def test_clusters_are_a_column() -> None:
    made = table(case("a.png"), case("b.png")).with_group("cluster", np.array([0, 0], np.int32))
    assert made.frame["cluster"].to_list() == [0, 0]
