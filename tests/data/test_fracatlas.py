"""The reader of FracAtlas, on a small one with the traps of the real one, and on the real one where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.data.datasets import find, read
from osteon.data.table.remark import Kind, count


def test_every_file_is_in_the_table_or_has_a_reason(fracatlas: Path) -> None:
    table = read("fracatlas", fracatlas)
    assert len(table) + len(table.skipped) == 24 + 1
    assert count(table.remarks) == {
        Kind.CONTRADICTING_LABEL: 1,
        Kind.SWAPPED_SIZE: 1,
        Kind.TRUNCATED: 1,
        Kind.UNREADABLE: 1,
        Kind.NO_RECORD: 1,
        Kind.MISSING_FILE: 1,
    }
    assert {Path(remark.image).stem: remark.kind for remark in table.skipped} == {
        "IMG0000008": Kind.TRUNCATED,
        "IMG0000011": Kind.UNREADABLE,
        "IMG0000099": Kind.MISSING_FILE,
    }


def test_the_majority_of_folder_csv_and_boxes_gives_the_label(fracatlas: Path) -> None:
    table = read("fracatlas", fracatlas)
    label = dict(zip(table.images, table.label("fracture").tolist(), strict=True))
    assert label["images/Fractured/IMG0000000.jpg"] == 1
    assert sum(value == 1 for value in label.values()) == 8
    assert label["images/Non_fractured/IMG0000012.jpg"] == 0


def test_boxes_and_size_refer_to_the_upright_image(fracatlas: Path) -> None:
    frame = read("fracatlas", fracatlas).frame
    row = frame.row(frame["image"].to_list().index("images/Fractured/IMG0000001.jpg"), named=True)
    assert (row["width"], row["height"]) == (80, 60)
    assert [row["boxes"][0][side] for side in ("x0", "y0", "x1", "y1")] == [50.0, 20.0, 75.0, 50.0]
    assert row["boxes"][0]["polygons"] == [[50.0, 20.0, 75.0, 20.0, 50.0, 50.0]]


def test_regions_views_hardware_and_official_split(fracatlas: Path) -> None:
    frame = read("fracatlas", fracatlas).frame
    rows = {Path(row["image"]).stem: row for row in frame.iter_rows(named=True)}
    assert rows["IMG0000002"]["body_part"] == "hand"
    assert rows["IMG0000003"]["body_part"] == "leg"
    assert rows["IMG0000002"]["view"] == "frontal"
    assert rows["IMG0000004"]["view"] is None
    assert rows["IMG0000005"]["hardware"] is True
    assert rows["IMG0000012"]["hardware"] is None
    assert [rows[f"IMG000000{n}"]["split"] for n in (5, 6)] == ["train", "test"]
    assert rows["IMG0000009"]["split"] is None


def test_another_folder_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="images is not in"):
        read("fracatlas", tmp_path)
    with pytest.raises(DataError, match="no folder"):
        read("fracatlas", tmp_path / "absent")


def test_an_unknown_dataset_names_the_known_ones() -> None:
    with pytest.raises(DataError, match="fracatlas"):
        find("nothing")


@pytest.mark.real_data
def test_the_real_fracatlas(shared_data: Path) -> None:
    table = read("fracatlas", shared_data / "fracatlas")
    kinds = count(table.remarks)
    assert (len(table), len(table.skipped)) == (3412, 59)
    assert kinds == {Kind.TRUNCATED: 59, Kind.SWAPPED_SIZE: 1, Kind.CONTRADICTING_LABEL: 1}
    assert all("Non_fractured" in remark.image for remark in table.skipped)
    odd = {Path(remark.image).stem: remark.kind for remark in table.remarks if not remark.skipped}
    assert odd == {"IMG0003298": Kind.CONTRADICTING_LABEL, "IMG0002628": Kind.SWAPPED_SIZE}
    assert (table.label("fracture") == 1).sum() == 609
    assert table.frame["boxes"].list.len().sum() == 784
