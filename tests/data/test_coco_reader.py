"""COCO files as programs write them: what is read, and what is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.datasets import read
from osteon.data.formats.rle import rle_bounds
from osteon.data.table.case import LabelledBox
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table, boxes_of

Writer = Callable[..., Path]
CATEGORIES = [{"id": 1, "name": "fracture"}, {"id": 2, "name": "implant"}]
BOX = [20, 30, 16, 12]


def coco(files: list[str], marks: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    images = [{"id": n, "file_name": name, "width": 60, "height": 80} for n, name in enumerate(files)]
    return {"images": images, "annotations": marks, "categories": CATEGORIES, **more}


def mark(image: Any = 0, category: Any = 1, bbox: Any = BOX, **more: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": image, "category_id": category, "bbox": bbox, **more}


@pytest.fixture
def dataset(tmp_path: Path, write_image: Writer) -> Callable[..., Table]:
    """Write images and COCO files, and read them: ``dataset(["0.png"], a=content)``."""

    def make(images: list[str], **files: Any) -> Table:
        for number, name in enumerate(images):
            write_image(tmp_path / name, number)
        for name, content in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return read("coco", tmp_path)

    return make


def labels(table: Table, name: str = "fracture") -> dict[str, int]:
    return dict(zip(table.images, table.label(name).tolist(), strict=True))


def boxes(table: Table, image: str) -> list[LabelledBox]:
    return list(boxes_of(table.select([image]).frame.row(0, named=True)))


def kinds(table: Table) -> set[Kind]:
    return {remark.kind for remark in table.remarks}


UNUSABLE = [
    [20, 30, 0, 12], [20, 30, 16], [20, 30, 16, 12, 1], [], None, "box", {"x": 1}, [None] * 4, ["a", "b", "c", "d"],
    [float("nan"), 1, 2, 3], [1, 1, float("inf"), 2], [1e400, 0, 1, 1], [900, 900, 5, 5], [[20, 30, 16, 12]], [-50, -50, 9, 9],
]  # fmt: skip


@pytest.mark.parametrize("bbox", UNUSABLE, ids=str)
def test_a_box_that_cannot_be_used_makes_the_label_unknown(dataset: Callable[..., Table], bbox: Any) -> None:
    table = dataset(["0.png", "1.png"], a=coco(["0.png", "1.png"], [mark(0, 1, bbox), mark(1)]))
    assert labels(table) == {"0.png": UNKNOWN, "1.png": 1}
    assert labels(table, "implant") == {"0.png": 0, "1.png": 0}
    assert kinds(table) & {Kind.EMPTY_BOX, Kind.BOX_OUTSIDE, Kind.SWAPPED_BOX}


def test_a_second_box_that_can_be_used_keeps_the_label(dataset: Callable[..., Table]) -> None:
    table = dataset(["0.png"], a=coco(["0.png"], [mark(0, 1, []), mark(0, 1)]))
    assert labels(table) == {"0.png": 1}


RLE = {"size": [80, 60], "counts": [20 * 80 + 30, 12, 68, 12, 80 * 38 - 42]}
SQUARE = [20, 30, 36, 30, 36, 42, 20, 42]


@pytest.mark.parametrize("segmentation", [[SQUARE], SQUARE, [SQUARE, [1, 1]], RLE], ids=["list", "flat", "two", "rle"])
def test_a_box_is_taken_from_its_outline_or_mask(dataset: Callable[..., Table], segmentation: Any) -> None:
    table = dataset(["0.png"], a=coco(["0.png"], [mark(0, 1, [], segmentation=segmentation)]))
    assert labels(table) == {"0.png": 1}
    box = boxes(table, "0.png")[0].box
    assert (box.x0, box.y0, box.y1) == (20, 30, 42)


def test_masks_in_run_lengths() -> None:
    assert rle_bounds(RLE) == (20, 30, 22, 42)
    assert rle_bounds({"size": [9, 10], "counts": "n0"}) is None  # all of it background
    assert rle_bounds({"size": [4, 4], "counts": [0, 16]}) == (0, 0, 4, 4)
    assert rle_bounds({"size": [4, 4], "counts": [2, 4, 10]}) == (0, 0, 2, 4)
    for broken in (
        {},
        {"size": [4, 4], "counts": [5, 50]},
        {"size": [4, 4], "counts": "\x7f"},
        {"size": [0, 4], "counts": []},
    ):
        assert rle_bounds(broken) is None


def test_masks_in_compressed_run_lengths() -> None:
    """Written by cocoapi's rleToString for a mask of 80 x 60 with rows 30 to 41 of columns 20 and 21."""
    counts: list[int] = [1630, 12, 68, 12, 3078]
    text = ""
    for i, value in enumerate(counts):
        rest = value - counts[i - 2] if i > 2 else value
        while True:
            bits, rest = rest & 0x1F, rest >> 5
            more = rest != (-1 if bits & 0x10 else 0)
            text += chr((bits | 0x20 if more else bits) + 48)
            if not more:
                break
    assert rle_bounds({"size": [80, 60], "counts": text}) == (20, 30, 22, 42)


def test_crowds_keep_their_boxes(dataset: Callable[..., Table]) -> None:
    table = dataset(["0.png"], a=coco(["0.png"], [mark(iscrowd=1, segmentation={"size": [80, 60], "counts": "??"})]))
    (crowd,) = boxes(table, "0.png")
    assert (crowd.box, crowd.crowd) == ((20, 30, 36, 42), True)
    (single,) = boxes(dataset(["0.png"], a=coco(["0.png"], [mark(iscrowd=0)])), "0.png")
    assert not single.crowd


@pytest.mark.parametrize("annotations", [None, [], "absent"], ids=str)
def test_a_file_without_annotations_says_nothing(dataset: Callable[..., Table], annotations: Any) -> None:
    content = coco(["0.png"], [])
    content["annotations"] = annotations
    if annotations == "absent":
        del content["annotations"]
    table = dataset(["0.png", "1.png"], image_info_test=content, train=coco(["1.png"], [mark()]))
    assert labels(table) == {"0.png": UNKNOWN, "1.png": 1}
    assert labels(table, "implant") == {"0.png": UNKNOWN, "1.png": 0}
    assert any(remark.image == "image_info_test.json" for remark in table.remarks)


def test_a_file_without_annotations_does_not_hide_one_that_has_some(dataset: Callable[..., Table]) -> None:
    table = dataset(["0.png", "1.png"], a=coco(["0.png", "1.png"], []), b=coco(["0.png", "1.png"], [mark()]))
    assert labels(table) == {"0.png": 1, "1.png": 0}


@pytest.mark.parametrize("category", [9, None, "x", 1.5, True])
def test_a_mark_of_an_unknown_category_may_be_of_any(dataset: Callable[..., Table], category: Any) -> None:
    table = dataset(["0.png", "1.png"], a=coco(["0.png", "1.png"], [mark(0, category), mark(0, 2), mark(1)]))
    assert labels(table) == {"0.png": UNKNOWN, "1.png": 1}
    assert labels(table, "implant") == {"0.png": 1, "1.png": 0}
    assert any("annotations[0].category_id" in remark.detail for remark in table.remarks)


def test_names_of_one_label(dataset: Callable[..., Table]) -> None:
    names = ["Fracture", "fracture", "fracture ", "FRACTURE", "frac-ture", "frac_ture", "frac ture"]
    categories = [{"id": 3 * n, "name": name} for n, name in enumerate(names)]
    files = [f"{n}.png" for n in range(len(names))]
    table = dataset(files, a=coco(files, [mark(n, 3 * n) for n in range(len(names))], categories=categories))
    assert [labels(table)[file] for file in files] == [1, 1, 1, 1, 0, 0, 0]
    assert [labels(table, "frac_ture")[file] for file in files] == [0, 0, 0, 0, 1, 1, 1]
    assert sum(remark.kind is Kind.ASSUMED for remark in table.remarks) == 2


@pytest.mark.parametrize("other", ["fracture?", "fracture+", "(fracture)"])
def test_names_that_mean_other_things_are_not_made_one(dataset: Callable[..., Table], other: str) -> None:
    content = coco(["0.png"], [mark()], categories=[{"id": 1, "name": "fracture"}, {"id": 2, "name": other}])
    with pytest.raises(DataError, match="one label"):
        dataset(["0.png"], a=content)


def test_two_categories_of_one_id_are_unknown(dataset: Callable[..., Table]) -> None:
    categories = [*CATEGORIES, {"id": 1, "name": "implant"}]
    table = dataset(["0.png"], a=coco(["0.png"], [mark()], categories=categories))
    assert labels(table, "implant") == {"0.png": UNKNOWN}


def test_two_images_of_one_id_have_unknown_labels(dataset: Callable[..., Table]) -> None:
    files = ["0.png", "1.png", "2.png"]
    content = coco(files, [mark(0), mark(1)])
    content["images"][2]["id"] = 0
    table = dataset(files, a=content)
    assert labels(table) == {"0.png": UNKNOWN, "1.png": 1, "2.png": UNKNOWN}
    assert not boxes(table, "0.png")
    assert Kind.CONTRADICTING_LABEL in kinds(table)


def test_what_several_files_and_entries_say_is_put_together(dataset: Callable[..., Table]) -> None:
    one = coco(["0.png", "0.png"], [mark(0, 1), mark(1, 1, [1, 1, 9, 9])], categories=CATEGORIES[:1])
    two = coco(["0.png"], [mark(0, 2, [5, 5, 9, 9]), mark(0, 1)])
    table = dataset(["images/0.png"], fracture=one, implant=two)
    assert labels(table, "implant") == {"images/0.png": 1}
    assert sorted((mark.label, mark.box.x0) for mark in boxes(table, "images/0.png")) == [
        ("fracture", 1), ("fracture", 20), ("implant", 5),
    ]  # fmt: skip
    assert Kind.LISTED_TWICE in kinds(table)


def test_an_image_of_two_parts_is_of_none(dataset: Callable[..., Table]) -> None:
    table = dataset(["0.png", "1.png"], train=coco(["0.png", "1.png"], [mark()]), val=coco(["0.png"], [mark()]))
    assert table.frame["split"].to_list() == [None, "train"]
    assert Kind.CONTRADICTING_LABEL in kinds(table)


def test_ids_that_are_words_or_numbers_with_points(dataset: Callable[..., Table]) -> None:
    content = coco(["0.png", "1.png"], [mark("a", 1.0), mark(7)])
    content["images"][0]["id"], content["images"][1]["id"] = "a", 7.0
    assert labels(dataset(["0.png", "1.png"], a=content)) == {"0.png": 1, "1.png": 1}


@pytest.mark.parametrize(
    "size", [{}, {"width": None, "height": "?"}, {"width": -1, "height": 0}, {"width": "60", "height": 80.0}]
)
def test_sizes_that_are_not_stated(dataset: Callable[..., Table], size: dict[str, Any]) -> None:
    content = coco(["0.png"], [mark()])
    content["images"][0] = {"id": 0, "file_name": "0.png", **size}
    table = dataset(["0.png"], a=content)
    assert labels(table) == {"0.png": 1}
    assert not table.remarks


def test_entries_that_are_none_are_told_by_their_place(dataset: Callable[..., Table]) -> None:
    content = coco(["0.png"], [mark(), "x", mark(99)])  # type: ignore[list-item]
    content["images"] += [{"id": 5}, 7, {"file_name": "1.png"}]
    content["categories"] = [*CATEGORIES, {"id": 4}, "y"]
    table = dataset(["0.png"], a=content)
    told = " ".join(remark.detail for remark in table.remarks)
    for place in (
        "annotations[1]",
        "annotations[2].image_id",
        "images[1].file_name",
        "images[2]",
        "images[3].id",
        "categories[2]",
    ):
        assert place in told


def test_other_json_files_are_left_out_and_told(dataset: Callable[..., Table]) -> None:
    table = dataset(
        ["0.png"],
        a=coco(["0.png"], [mark()]),
        captions={"images": [], "annotations": [{"id": 1, "image_id": 1, "caption": "a wrist"}]},
        split={"schema": 1, "parts": {}},
        labelme={"shapes": [], "imagePath": "0.png"},
        studio=[{"data": {"image": "0.png"}}],
        cut='{"images": [',
    )
    assert labels(table) == {"0.png": 1}
    told = {remark.image for remark in table.remarks}
    assert told == {"captions.json", "split.json", "labelme.json", "studio.json", "cut.json"}


def test_no_coco_file_among_json_files_says_why(dataset: Callable[..., Table]) -> None:
    with pytest.raises(DataError, match=r"cannot read cut\.json.*line 1, column 13.*1 more"):
        dataset(["0.png"], cut='{"images": [', split={"parts": {}})


LAYOUTS = {
    "roboflow": (
        ["train/a.jpg", "valid/b.jpg"],
        {"train___annotations.coco": ["a.jpg"], "valid___annotations.coco": ["b.jpg"]},
    ),
    "cvat": (
        ["images/train/a.jpg", "images/Validation/b.jpg"],
        {"annotations__instances_train": ["a.jpg"], "annotations__instances_val": ["b.jpg"]},
    ),
    "coco": (
        ["train2017/a.jpg", "val2017/a.jpg"],
        {"annotations__instances_train2017": ["a.jpg"], "annotations__instances_val2017": ["a.jpg"]},
    ),
    "fiftyone": (
        ["train/data/a.jpg", "validation/data/b.jpg"],
        {"train__labels": ["a.jpg"], "validation__labels": ["b.jpg"]},
    ),
    "label studio": (["images/a.jpg", "images/b.jpg"], {"train": ["images\\a.jpg"], "dev": ["images\\b.jpg"]}),
    "x-anylabeling": (
        ["images/a.jpg", "images/b.jpg"],
        {"annotations__train": ["C:\\me\\images\\a.jpg"], "annotations__val": ["..\\images\\b.jpg"]},
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_other_programs(dataset: Callable[..., Table], layout: str) -> None:
    images, files = LAYOUTS[layout]
    table = dataset(images, **{name: coco(named, [mark()]) for name, named in files.items()})
    assert sorted(table.images) == sorted(images)
    assert set(table.frame["split"]) == {"train", "val"}
    assert set(labels(table).values()) == {1}
    assert not table.skipped


def test_a_supercategory_of_no_annotation_is_no_class(dataset: Callable[..., Table]) -> None:
    categories = [{"id": 0, "name": "bones", "supercategory": "none"}]
    categories += [{**one, "supercategory": "bones"} for one in CATEGORIES]
    table = dataset(["0.png"], a=coco(["0.png"], [mark()], categories=categories))
    assert table.labels == ("fracture", "implant")
    table = dataset(["0.png"], a=coco(["0.png"], [mark(0, 0)], categories=categories))
    assert labels(table, "bones") == {"0.png": 1}


def test_images_of_equal_names_in_several_folders(dataset: Callable[..., Table]) -> None:
    images = ["fractured/0.png", "non_fractured/0.png", "0.png"]
    table = dataset(images, a=coco(images, [mark(0)]))
    assert labels(table) == {"fractured/0.png": 1, "non_fractured/0.png": 0, "0.png": 0}
    table = dataset(
        images, a=coco(["fractured/1.png", "ractured/0.png"], [mark(0), mark(1)]), b=coco(["0.png"], [mark()])
    )
    assert labels(table) == {"0.png": 1}
