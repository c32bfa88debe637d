"""YOLO datasets as programs write them."""

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
BOX = "0.5 0.5 0.2 0.1"


@pytest.fixture
def dataset(tmp_path: Path, write_image: Writer) -> Callable[..., Table]:
    """Write files by path and read them; a file whose content is None is an image."""

    def make(files: dict[str, str | bytes | None], yaml: str = "names: [fracture, implant]") -> Table:
        for number, (name, content) in enumerate(files.items()):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                write_image(path, number)
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if yaml:
            (tmp_path / "data.yaml").write_text(yaml)
        return read("yolo", tmp_path)

    return make


def one(dataset: Callable[..., Table], label: str | bytes, yaml: str = "names: [fracture, implant]") -> dict[str, int]:
    """Labels of one image with this label file."""
    table = dataset({"images/0.png": None, "labels/0.txt": label}, yaml)
    return {name: int(table.label(name)[0]) for name in table.labels}


NAMES = {
    "[yes, no]": ["yes", "no"],
    "['on', \"off\"]": ["on", "off"],
    "\n  0: a\n  1: b": ["a", "b"],
    "\n  '0': a\n  \"1\": b": ["a", "b"],
    "{0: a, 1: null_}": ["a", "null"],
    "\n- 1\n- 2.50": ["1", "2_50"],
    "\n  10: ten\n  2: two\n  1: b": ["ten", "two", "b"],
}


@pytest.mark.parametrize("names", NAMES, ids=repr)
def test_names_in_every_legal_form(dataset: Callable[..., Table], names: str) -> None:
    assert set(one(dataset, "", f"names: {names}\n")) == set(NAMES[names])
    labels = one(dataset, f"1 {BOX}\n", f"names: {names}\n")
    assert [name for name, value in labels.items() if value == 1] == [NAMES[names][-1]]


@pytest.mark.parametrize(
    "yaml",
    [
        "names: fracture", "names:", "names: []", "names: {}", "nc: 2", "names: {a: 0}", "names: [a, '']", "names: [[a]]",
        "names:\n  0: a\n  0: b", "names: [a]\nnames: [b]", "names: {1.5: a}", "[a, b]", "just words", "names: [a\n", "\t- x: [",
        "names: [fracture, fracture?]", "", "names: {0: a, '0': b}",
    ],
    ids=repr,
)  # fmt: skip
def test_names_that_are_none_are_refused(dataset: Callable[..., Table], yaml: str) -> None:
    with pytest.raises(DataError):
        one(dataset, f"0 {BOX}\n", yaml)


def test_a_gap_in_the_numbers_is_no_class(dataset: Callable[..., Table]) -> None:
    yaml = "names:\n  0: fracture\n  5: implant\n"
    assert one(dataset, f"5 {BOX}\n", yaml) == {"fracture": 0, "implant": 1}
    assert one(dataset, f"1 {BOX}\n", yaml) == {"fracture": UNKNOWN, "implant": UNKNOWN}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_label_files_of_any_encoding(dataset: Callable[..., Table], encoding: str, end: str) -> None:
    assert one(dataset, f"1 {BOX}{end}".encode(encoding)) == {"fracture": 0, "implant": 1}


ANY = {"fracture": UNKNOWN, "implant": UNKNOWN}
LINES = {
    f"2 {BOX}": ANY, f"-1 {BOX}": ANY, f"0.5 {BOX}": ANY, f"1e400 {BOX}": ANY, f"nan {BOX}": ANY, f"fracture {BOX}": ANY,
    "0,0.5,0.5,0.2,0.1": ANY, "0 0,5 0,5 0,2 0,1": ANY, "<html>": ANY, "\0\0\0": ANY,
    "0": {"fracture": UNKNOWN, "implant": 0}, "0 0.5 0.5 0.2": {"fracture": UNKNOWN, "implant": 0},
    "0 nan 0.5 0.2 0.1": {"fracture": UNKNOWN, "implant": 0}, "0 1e400 0.5 0.2 0.1": {"fracture": UNKNOWN, "implant": 0},
    "0 0.1 0.1 0.2 0.2 0.3 0.3 0.4": {"fracture": UNKNOWN, "implant": 0}, "0 28 36 16 12": {"fracture": UNKNOWN, "implant": 0},
    "0 0.5 0.5 0 0": {"fracture": UNKNOWN, "implant": 0}, f"0 {BOX}\n0 x": {"fracture": 1, "implant": UNKNOWN},
    f"0 {BOX} 0.87": {"fracture": 1, "implant": 0}, f"0.0 {BOX}": {"fracture": 1, "implant": 0},
    f"0 {BOX}\n0 {BOX}": {"fracture": 1, "implant": 0},
}  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=repr)
def test_lines_that_cannot_be_understood_are_unknown_and_told(dataset: Callable[..., Table], line: str) -> None:
    table = dataset({"images/0.png": None, "labels/0.txt": line})
    assert {name: int(table.label(name)[0]) for name in table.labels} == LINES[line]
    if UNKNOWN in LINES[line].values():
        assert any("labels/0.txt, line" in remark.detail or "box dropped" in remark.detail for remark in table.remarks)


def test_key_points_are_no_outline(dataset: Callable[..., Table]) -> None:
    yaml = "names: [fracture]\nkpt_shape: [2, 3]\n"
    table = dataset({"images/0.png": None, "labels/0.txt": f"0 {BOX} 0.1 0.1 2 0.9 0.9 2\n"}, yaml)
    box = table.frame["boxes"][0][0]
    assert (box["x0"], box["x1"], box["polygons"]) == (24, 36, [])


FLAT = {"obj_train_data/0.png": None, "obj_train_data/0.txt": f"1 {BOX}", "obj.names": "fracture\nimplant\n"}


def test_the_layout_of_darknet_and_cvat(dataset: Callable[..., Table]) -> None:
    files = {
        **FLAT,
        "obj.data": "classes = 2",
        "train.txt": "data/obj_train_data/0.png\n",
        "valid.txt": "data/obj_train_data/9.png",
    }
    table = dataset(files, yaml="")
    assert table.label("implant").tolist() == [1]
    assert table.frame["split"].to_list() == ["train"]
    assert any(remark.image.endswith("9.png") and "valid.txt, line 1" in remark.detail for remark in table.remarks)


def test_the_layout_of_roboflow(dataset: Callable[..., Table]) -> None:
    files: dict[str, str | None] = {}
    for part in ("train", "valid", "test"):
        files |= {f"{part}/images/a.rf.{part}.jpg": None, f"{part}/labels/a.rf.{part}.txt": f"0 {BOX}"}
    yaml = "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnc: 1\nnames: ['fracture']\n"
    table = dataset({**files, "README.roboflow.txt": "x"}, yaml)
    assert sorted(table.frame["split"].to_list()) == ["test", "train", "val"]
    assert table.label("fracture").tolist() == [1, 1, 1]
    assert not table.remarks


@pytest.mark.parametrize("path", ["", "path: .\n", "path: /home/me/bones\n", "path: ../datasets/bones\n"])
def test_parts_by_lists_of_images(dataset: Callable[..., Table], path: str) -> None:
    files: dict[str, str | None] = {f"images/{n}.png": None for n in range(3)}
    files |= {f"labels/{n}.txt": "" for n in range(3)}
    files |= {
        "lists/a.txt": "./images/0.png\n",
        "lists/b.txt": "/home/me/bones/images/1.png\nimages\\2.png\n\nimages/3.png\n",
    }
    table = dataset(files, f"{path}train: lists/a.txt\nval: [lists/b.txt]\nnames: [fracture]\n")
    assert table.frame["split"].to_list() == ["train", "val", "val"]
    assert any("lists/b.txt, line 4" in remark.detail for remark in table.remarks)


def test_parts_that_overlap_or_cover_everything_divide_nothing(dataset: Callable[..., Table]) -> None:
    files = {"images/0.png": None, "labels/0.txt": ""}
    assert dataset(files, "train: images\nval: images\nnames: [a]\n").frame["split"].to_list() == [None]
    assert dataset(files, "train: images\nnames: [a]\n").frame["split"].to_list() == [None]


def test_what_belongs_to_nothing_is_told(dataset: Callable[..., Table]) -> None:
    files = {
        "images/0.png": None,
        "labels/0.txt": "",
        "labels/9.txt": f"0 {BOX}",
        "labels/classes.txt": "a",
        "loose.png": None,
    }
    table = dataset({**files, "images/1.png": None}, "nc: 3\nnames: [fracture]\n")
    told = {(remark.kind, remark.image) for remark in table.remarks}
    assert told == {
        (Kind.MISSING_FILE, "labels/9.txt"), (Kind.EXTRA_FILE, "loose.png"), (Kind.NO_RECORD, "images/1.png"),
        (Kind.CONTRADICTING_LABEL, "data.yaml"),
    }  # fmt: skip


def test_names_of_label_files_in_other_letters(dataset: Callable[..., Table]) -> None:
    table = dataset({"Images/Fu\u00df \u00e9.PNG": None, "Labels/Fu\u00df e\u0301.TXT": f"0 {BOX}"})
    assert table.label("fracture").tolist() == [1]
