"""Pascal VOC as programs write it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from osteon.core.labels import UNKNOWN
from osteon.data.datasets import read
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table

Writer = Callable[..., Path]


def xml(*objects: str, file: str = "0.png", size: str = "") -> str:
    return f"<annotation><filename>{file}</filename>{size}{''.join(objects)}</annotation>"


def mark(corners: str = "20 30 36 42", name: str = "fracture", more: str = "") -> str:
    sides = zip(("xmin", "ymin", "xmax", "ymax"), corners.split(), strict=False)
    inner = "".join(f"<{side}>{value}</{side}>" for side, value in sides)
    return f"<object><name>{name}</name>{f'<bndbox>{inner}</bndbox>' if inner else ''}{more}</object>"


@pytest.fixture
def dataset(tmp_path: Path, write_image: Writer) -> Callable[..., Table]:
    """Write files by path and read them; a file whose content is None is an image."""

    def make(files: dict[str, str | bytes | None]) -> Table:
        for number, (name, content) in enumerate(files.items()):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                write_image(path, number)
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read("voc", tmp_path)

    return make


def labels(table: Table, name: str = "fracture") -> dict[str, int]:
    return dict(zip(table.images, table.label(name).tolist(), strict=True))


OUTLINE = "<polygon><x1>10</x1><y1>10</y1><x2>30</x2><y2>10</y2><x3>30</x3><y3>30</y3></polygon>"
UNUSABLE = [
    mark(""),
    mark("20 30"),
    mark("20 30 20 42"),
    mark("a b c d"),
    mark("nan 1 2 3"),
    mark("1 1 inf 9"),
    mark("900 900 910 910"),
]


@pytest.mark.parametrize("broken", [*UNUSABLE, mark("", more="<polygon><x1>1</x1></polygon>")])
def test_a_box_that_cannot_be_used_makes_the_label_unknown(dataset: Callable[..., Table], broken: str) -> None:
    files = {
        "0.png": None,
        "0.xml": xml(broken),
        "1.png": None,
        "1.xml": xml(mark(), mark(name="implant"), file="1.png"),
    }
    table = dataset(files)
    assert labels(table) == {"0.png": UNKNOWN, "1.png": 1}
    assert labels(table, "implant") == {"0.png": 0, "1.png": 1}
    assert any(remark.kind in {Kind.EMPTY_BOX, Kind.BOX_OUTSIDE} for remark in table.remarks)


def test_an_object_without_a_name_may_be_anything(dataset: Callable[..., Table]) -> None:
    table = dataset({"0.png": None, "0.xml": xml(mark(name="")), "1.png": None, "1.xml": xml(mark(), file="1.png")})
    assert labels(table) == {"0.png": UNKNOWN, "1.png": 1}


def test_a_box_is_taken_from_its_outline_and_decimals_may_have_commas(dataset: Callable[..., Table]) -> None:
    table = dataset({"0.png": None, "0.xml": xml(mark("", more=OUTLINE), mark("20,5 30 36 42", name="Fracture"))})
    assert [(box["x0"], box["x1"]) for box in table.frame["boxes"][0]] == [(10, 30), (20.5, 36)]
    assert table.labels == ("fracture",)


OTHER_XML = ["<annotations><image/></annotations>", "<html/>", "", "<annotation>", "\0", "<annotation/><annotation/>"]


@pytest.mark.parametrize("content", OTHER_XML, ids=repr)
def test_another_xml_file_says_nothing(dataset: Callable[..., Table], content: str) -> None:
    table = dataset({"0.png": None, "0.xml": content, "1.png": None, "1.xml": xml(mark(), file="1.png")})
    assert labels(table) == {"0.png": UNKNOWN, "1.png": 1}
    assert any(remark.image == "0.xml" and remark.kind is Kind.UNREADABLE for remark in table.remarks)


def test_masks_are_no_images_and_lists_give_the_parts(dataset: Callable[..., Table]) -> None:
    files: dict[str, str | None] = {}
    for number in range(4):
        files |= {f"JPEGImages/{number}.jpg": None, f"Annotations/{number}.xml": xml(mark(), file=f"{number}.jpg")}
    files |= {
        f"{folder}/0.png": None
        for folder in ("SegmentationClass", "SegmentationObject", "SegmentationClassRaw", "masks")
    }
    files |= {"JPEGImages/0_mask.png": None}
    lists = {
        "train": "0\n3\n",
        "val": "1.jpg\n3\n",
        "test": "2 -1\n9\n",
        "trainval": "0\n1\n",
        "fracture_train": "0 1\n",
    }
    table = dataset({**files, **{f"ImageSets/Main/{name}.txt": text for name, text in lists.items()}})
    assert table.images == [f"JPEGImages/{number}.jpg" for number in range(4)]
    assert table.frame["split"].to_list() == ["train", "val", "test", None]
    told = [(remark.kind, remark.image) for remark in table.remarks]
    assert (Kind.CONTRADICTING_LABEL, "JPEGImages/3.jpg") in told
    assert (Kind.MISSING_FILE, "ImageSets/Main/test.txt") in told
    assert (Kind.EXTRA_FILE, "SegmentationObject/0.png") in told


def test_equal_names_in_several_folders(dataset: Callable[..., Table]) -> None:
    files = {
        "train/images/0.png": None, "train/annotations/0.xml": xml(mark()),
        "test/images/0.png": None, "test/annotations/0.xml": xml(),
        "a/1.png": None, "b/1.png": None, "Annotations/1.xml": xml(mark(), file="1.png"),
    }  # fmt: skip
    table = dataset(files)
    assert labels(table) == {
        "train/images/0.png": 1, "test/images/0.png": 0, "a/1.png": UNKNOWN, "b/1.png": UNKNOWN,
    }  # fmt: skip
    assert any(remark.image == "Annotations/1.xml" for remark in table.remarks)


def test_a_file_that_names_another_image_than_its_own_decides_nothing(dataset: Callable[..., Table]) -> None:
    table = dataset(
        {"0.png": None, "1.png": None, "0.xml": xml(mark(), file="1.png"), "x.xml": xml(mark(), file="C:\\d\\1.png")}
    )
    assert labels(table) == {"0.png": UNKNOWN, "1.png": 1}
    renamed = dataset({"0.xml": xml(mark(), file="before it was renamed.jpg")})
    assert labels(renamed) == {"0.png": 1, "1.png": 1}


def test_two_files_of_one_image_are_put_together(dataset: Callable[..., Table]) -> None:
    files = {
        "img/0.png": None,
        "Annotations/0.xml": xml(mark()),
        "xml/0.xml": xml(mark(), mark("1 1 9 9", name="implant")),
    }
    table = dataset(files)
    assert (labels(table), labels(table, "implant")) == ({"img/0.png": 1}, {"img/0.png": 1})
    assert len(table.frame["boxes"][0]) == 2
    assert Kind.LISTED_TWICE in {remark.kind for remark in table.remarks}
