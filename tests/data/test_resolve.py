"""From the names in annotations to files."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from osteon.data.files.resolve import Files, Match, settle
from osteon.data.files.walk import survey


def find(names: list[str], stated: str, near: str = "", part: str | None = None) -> Match:
    return Files(Path("/nowhere"), names).find(stated, near, part)


@pytest.mark.parametrize(
    "stated",
    [
        "images/0.png",
        "./images/0.png",
        "images//0.png",
        "images\\0.png",
        ".\\images\\0.png",
        "0.png",
        "0.PNG",
        "C:\\Users\\me\\bones\\images\\0.png",
        "/home/me/bones/images/0.png",
        "/home/me/images/0.png",
        "../../media/upload/1/0.png",
        "upload/17/0.png",
        "file:///data/images/0.png",
        "https://example.org/images/0.png",
        "s3://bucket/images/0.png",
        "/data/local-files/?d=images/0.png",
        "/data/local-files/?d=images%5C0.png".replace("%5C", "%2F"),
        "IMAGES/0.png",
    ],
)
def test_one_file_by_the_ways_in_which_programs_write_its_name(stated: str) -> None:
    assert find(["images/0.png", "images/10.png", "images/1.png"], stated).image == "images/0.png"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("stated", ["Fuß é.png", "Fu%C3%9F%20%C3%A9.png"])
def test_letters_with_accents_and_blanks(form: str, stated: str) -> None:
    name = unicodedata.normalize(form, "Fuß é.png")
    for written in ("NFC", "NFD"):
        assert find([name], unicodedata.normalize(written, stated)).image == name


@pytest.mark.parametrize(
    ("names", "stated"),
    [
        (["non_fractured/0.png"], "fractured/0.png"),
        (["non_fractured/0.png"], "/data/fractured/0.png"),
        (["10.png"], "0.png"),
        (["a/0.png", "b/0.png"], "0.png"),
        (["a/images/0.png", "b/images/0.png"], "images/0.png"),
        (["a/0.png"], "0.jpg"),
        (["Ab.png", "aB.png"], "AB.png"),
        (["a.png"], ""),
        (["a.png"], "\0"),
        (["a.png"], "../../etc/passwd"),
        (["a.png"], "/"),
        (["a.png"], ".."),
    ],
)
def test_nothing_is_guessed(names: list[str], stated: str) -> None:
    match = find(names, stated)
    assert match.image is None
    assert match.why


def test_the_exact_path_is_taken_before_any_other() -> None:
    names = ["a%20b.png", "a b.png", "x/a b.png", "A b.png"]
    assert [find(names, name).image for name in names] == names


def test_names_are_looked_for_beside_the_file_that_gives_them() -> None:
    names = ["train/0.png", "valid/0.png", "valid/1.png"]
    assert find(names, "0.png", near="train").image == "train/0.png"
    assert find(names, "1.png", near="train").image is None  # train holds images, and this is none of them
    assert find(names, "1.png", near="annotations").image == "valid/1.png"


def test_the_part_decides_between_folders_of_parts() -> None:
    names = ["images/train/0.png", "images/val/0.png"]
    assert find(names, "0.png", part="val").image == "images/val/0.png"
    assert find(names, "0.png").image is None


def test_a_path_of_another_machine_and_longer_ends_win() -> None:
    names = ["fractured/0.png", "normal/0.png", "0.png"]
    assert find(names, "D:/study/fractured/0.png").image == "fractured/0.png"


def test_different_names_do_not_share_a_file() -> None:
    files = Files(Path("/nowhere"), ["images/0.png"])
    one, other = files.find("upload/1/0.png"), files.find("upload/2/0.png")
    assert one.image == other.image == "images/0.png"
    assert set(settle([one, other])) == {(one.stated, "images/0.png"), (other.stated, "images/0.png")}
    exact = files.find("images/0.png")
    assert set(settle([one, exact])) == {(one.stated, "images/0.png")}
    assert not settle([exact, files.find("0.png"), files.find("/data/images/0.png")])


def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / "0.png").write_bytes(b"x")
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    (root / "real" / "1.png").write_bytes(b"x")
    (root / "images").symlink_to(store, target_is_directory=True)
    (root / "again").symlink_to(root / "real", target_is_directory=True)
    (root / "real" / "loop").symlink_to(root, target_is_directory=True)
    found = survey(root)
    assert found.images == ("images/0.png", "real/1.png")
    assert {remark.image for remark in found.remarks} == {"again", "real/loop"}
    files = Files(root, found.images)
    assert files.find("again/1.png").image == "real/1.png"
    assert files.find("images/0.png").exact


def test_what_is_no_radiograph_is_left_out_with_a_remark(tmp_path: Path) -> None:
    for name in (
        "a.png", "a_mask.png", "b.JFIF", "c.webp", "d.gif", "masks/a.png", "SegmentationClass/a.png",
        ".ipynb_checkpoints/a.png", "__MACOSX/a.png", "._a.png", "scan.nii.gz", "notes.txt",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "1.2.840.5").write_bytes(bytes(128) + b"DICM")
    found = survey(tmp_path)
    assert found.images == ("1.2.840.5", "a.png", "b.JFIF")
    assert found.others == ("notes.txt",)
    told = {remark.image for remark in found.remarks}
    assert told == {
        "a_mask.png",
        "c.webp",
        "d.gif",
        "SegmentationClass/a.png",
        ".ipynb_checkpoints",
        "__MACOSX",
        "scan.nii.gz",
    }
