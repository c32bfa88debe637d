"""``cases.csv`` beside other formats, as people edit it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from osteon.core.labels import UNKNOWN
from osteon.data.datasets import read
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table

HEADER = "image,patient,split,label_fracture"


@pytest.fixture
def dataset(tmp_path: Path, write_image: Callable[..., Path]) -> Callable[[str], Table]:
    """Write two images with a COCO file and this ``cases.csv``, and read them."""
    for number in range(2):
        write_image(tmp_path / f"{number}.png", number)
    images = [{"id": n, "file_name": f"{n}.png", "width": 60, "height": 80} for n in range(2)]
    marks = [{"image_id": 0, "category_id": 1, "bbox": [5, 5, 9, 9]}]
    content = {"images": images, "annotations": marks, "categories": [{"id": 1, "name": "fracture"}]}
    (tmp_path / "a.json").write_text(json.dumps(content))

    def make(text: str) -> Table:
        (tmp_path / "cases.csv").write_text(text)
        return read("coco", tmp_path)

    return make


def test_it_completes_what_the_format_says(dataset: Callable[[str], Table]) -> None:
    table = dataset(f"{HEADER}\n0.png,p1,train,1\n1.png,p2,test,0\n")
    assert table.frame.select("patient", "split", "label_fracture").rows() == [("p1", "train", 1), ("p2", "test", 0)]
    assert table.remarks == ()


def test_what_it_says_twice_or_not_clearly_is_unknown_and_told(dataset: Callable[[str], Table]) -> None:
    table = dataset(f"{HEADER}\n0.png,p1,train,1\n0.png,p1,test,0\n1.png,p2,later,normal\n9.png,p3,,1\n,p4,,\n")
    assert table.label("fracture").tolist() == [UNKNOWN, UNKNOWN]
    assert table.frame["split"].to_list() == [None, None]
    told = [(remark.kind, remark.detail) for remark in table.remarks]
    kinds = [kind for kind, _ in told]
    assert sorted(set(kinds)) == sorted(
        {Kind.CONTRADICTING_LABEL, Kind.UNKNOWN_LABEL, Kind.MISSING_FILE, Kind.UNREADABLE}
    )
    assert any("lines 2, 3" in text for _, text in told)
    assert any("line 4" in text and "'normal'" in text for _, text in told)
    assert any("line 5" in text for _, text in told)


def test_another_table_of_that_name_is_told(dataset: Callable[[str], Table]) -> None:
    table = dataset("bone;length\nulna;9,5\n")
    assert table.label("fracture").tolist() == [1, 0]
    assert any("no column image" in remark.detail for remark in table.remarks)
