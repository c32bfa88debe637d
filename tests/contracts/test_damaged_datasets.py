"""Every dataset parser, given files as they are found in the wild: damaged, saved by another program, or doubled.

Whatever is wrong, a parser refuses the folder with an error of data, or gives a table in which no label has turned from
1 to 0, or from unknown to anything; and where the table is not that of the sound folder, a remark says why.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.datasets import DATASETS, read
from osteon.data.table.table import Table

NAMES = [dataset.card.name for dataset in DATASETS]
FILES = {
    "fracatlas": "dataset.csv",
    "pediurf": "train.csv",
    "spinexr": "annotations/train.csv",
    "mura": "train_labeled_studies.csv",
    "grazpedwri": "dataset.csv",
    "listed": "cases.csv",
    "dicom": "labels.csv",
    "coco": "instances_train.json",
    "yolo": "labels/train/*.txt",
    "voc": "Annotations/*.xml",
}
"""A file of annotations of each parser that has any."""

WITHOUT = {"folder", "elbow"}
"""Parsers that take labels from the names of folders."""

TABLES = [name for name, file in FILES.items() if file.endswith(".csv")]
ANNOTATED = [name for name in NAMES if name not in WITHOUT]

MARKED = {"yolo": "0 0", "voc": "<object>"}


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    """The table of each sound folder, once it was read."""
    return {}


@pytest.fixture
def dataset(
    request: pytest.FixtureRequest, folders: dict[str, Path], tables: dict[str, Table], tmp_path: Path
) -> tuple[str, Path, Table]:
    """A parser's name, a copy of its folder without what osteon's own conversion keeps beside it, and its table."""
    name: str = request.param
    root = tmp_path / name
    shutil.copytree(folders[name], root)
    if name == "listed":
        (root / "cases.parquet").unlink()
    elif name != "spinexr":
        (root / "cases.csv").unlink(missing_ok=True)
    if name == "mura":
        studies = sorted({path.parent.relative_to(root).as_posix() for path in root.glob("train/*/*/*/*.png")})
        lines = [f"MURA-v1.1/{study}/,{int(study.endswith('positive'))}" for study in studies]
        (root / FILES[name]).write_text("\n".join(lines) + "\n")
    if name not in tables:
        tables[name] = read(name, root)
    return name, root, tables[name]


def annotations(name: str, root: Path) -> Path:
    """The file of annotations, of an image that has a mark where each image has its own."""
    found = sorted(root.glob(FILES[name])) or sorted(root.parent.glob(FILES[name]))
    marked = [path for path in found if MARKED.get(name, "") in path.read_text("utf-8-sig")]
    assert marked, f"{name} has no {FILES[name]}"
    return marked[0]


def labels(table: Table) -> dict[str, dict[str, int]]:
    columns = [column for column in table.frame.columns if column.startswith("label_")]
    return {row["image"]: {column: row[column] for column in columns} for row in table.frame.to_dicts()}


def read_or_refuse(name: str, root: Path) -> Table | None:
    """The table of a folder; None where it is refused."""
    try:
        return read(name, root)
    except DataError:
        return None


def assert_honest(sound: Table, found: Table | None, file: str = "", unlisted: str = "") -> None:
    """No label has become 0 or 1 that was something else, and a table that differs has a remark more.

    Args:
        sound: table of the sound folder.
        found: table of the damaged one.
        file: that the remarks must name.
        unlisted: an image of which nobody can know that it was there.
    """
    if found is None:
        return
    before, after = labels(sound), labels(found)
    before.pop(unlisted, None)
    for image in set(before) & set(after):
        for label in set(before[image]) & set(after[image]):
            was, now = before[image][label], after[image][label]
            assert now in (was, UNKNOWN), f"{label} of {image} was {was} and is {now}"
    new = set(found.remarks) - set(sound.remarks)
    if before != after:
        assert new
        # a file of annotations has the name of its image, which a remark may give instead
        assert not file or any(Path(file).stem in f"{remark.image} {remark.detail}" for remark in new), new


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _numbers(word: bytes) -> Callable[[bytes], bytes]:
    """The first number with a point or of a box, replaced."""
    return lambda data: re.sub(rb"(?<![\w.])\d+\.\d+(?![\w.])", word, data, count=3)


def _twice(data: bytes) -> bytes:
    head, _, rest = data.partition(b"\n")
    return head + b"\n" + rest + rest


def _opposite(data: bytes) -> bytes:
    """Each row once more, with every 1 for 0 and 0 for 1 that stands alone."""
    head, _, rest = data.partition(b"\n")
    swap = {b"0": b"1", b"1": b"0"}
    other = re.sub(rb"(?<=,)[01](?=[,\r\n])", lambda found: swap[found[0]], rest)
    return head + b"\n" + rest + other


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "blank": lambda _: b"\n \n\n",
    "cut off": _half,
    "cut off in a line": lambda data: data[:-7],
    "zeros": lambda data: bytes(len(data)),
    "noise": lambda _: bytes(range(256)) * 8,
    "marked as UTF-16, and is not": lambda data: b"\xff\xfe" + data + b"x" * (len(data) % 2 + 1),
    "Latin-1": lambda data: data + "\nKöln".encode("latin-1"),
    "not a number": _numbers(b"NaN"),
    "infinite": _numbers(b"inf"),
    "huge": _numbers(b"1e400"),
    "very long": _numbers(b"9" * 6000),
    "words for numbers": _numbers(b"none"),
    "an open quotation mark": lambda data: data.replace(b",", b',"', 1),
    "HTML": lambda _: b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
    "a pointer of Git LFS": lambda _: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
    "an Excel workbook": lambda _: b"PK\x03\x04" + bytes(60),
    "nested": lambda _: b"[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGE, ids=str)
@pytest.mark.parametrize("dataset", ANNOTATED, indirect=True)
def test_damaged_annotations(dataset: tuple[str, Path, Table], damage: str) -> None:
    name, root, sound = dataset
    if name == "yolo" and damage in {"empty", "blank"}:
        pytest.skip("an empty file says that there is nothing")
    path = annotations(name, root)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    assert_honest(sound, read_or_refuse(name, root), path.name)


ALIKE: dict[str, Callable[[str], bytes]] = {
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big-endian": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "line ends of Windows": lambda text: re.sub("\r?\n", "\r\n", text).encode(),
    "blank lines": lambda text: (text + "\n\n\n").encode(),
}


@pytest.mark.parametrize("way", ALIKE, ids=str)
@pytest.mark.parametrize("dataset", ANNOTATED, indirect=True)
def test_annotations_saved_in_another_way_say_the_same(dataset: tuple[str, Path, Table], way: str) -> None:
    name, root, sound = dataset
    path = annotations(name, root)
    text = path.read_text("utf-8-sig")
    if name == "voc" and way.startswith("UTF-16"):
        if "without" in way:
            pytest.skip("XML must have a mark, or say its encoding")
        text = re.sub(r"<\?xml.*?\?>", "", text)
    path.write_bytes(ALIKE[way](text))
    found = read(name, root)
    assert labels(found) == labels(sound)
    assert found.frame.equals(sound.frame)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("dataset", TABLES, indirect=True)
def test_tables_with_another_separator_say_the_same(dataset: tuple[str, Path, Table], separator: str) -> None:
    name, root, sound = dataset
    path = annotations(name, root)
    text = path.read_text("utf-8-sig")
    if '"' in text:
        pytest.skip("its cells hold commas")
    path.write_text(text.replace(",", separator))
    assert labels(read(name, root)) == labels(sound)


@pytest.mark.parametrize("dataset", TABLES, indirect=True)
def test_rows_that_stand_twice_change_nothing(dataset: tuple[str, Path, Table]) -> None:
    name, root, sound = dataset
    path = annotations(name, root)
    path.write_bytes(_twice(path.read_bytes()))
    found = read(name, root)
    assert labels(found) == labels(sound)
    if name != "mura":
        assert set(found.remarks) > set(sound.remarks)


@pytest.mark.parametrize("dataset", TABLES, indirect=True)
def test_rows_that_contradict_each_other_decide_nothing(dataset: tuple[str, Path, Table]) -> None:
    name, root, sound = dataset
    path = annotations(name, root)
    path.write_bytes(_opposite(path.read_bytes()))
    assert_honest(sound, read_or_refuse(name, root), path.name)


def _lost(root: Path, image: str) -> None:
    (root / image).unlink()


def _cut(root: Path, image: str) -> None:
    (root / image).write_bytes((root / image).read_bytes()[:300])


def _emptied(root: Path, image: str) -> None:
    (root / image).write_bytes(b"")


def _folder(root: Path, image: str) -> None:
    (root / image).unlink()
    (root / image).mkdir()


def _dangling(root: Path, image: str) -> None:
    (root / image).unlink()
    (root / image).symlink_to("nowhere.png")


def _text(root: Path, image: str) -> None:
    (root / image).write_text("no image")


UNLISTED = {"folder", "elbow", "voc", "dicom", "yolo", "mura", "fracatlas"}
"""Parsers of which no file lists the images, or not all of them."""

IMAGES: dict[str, Callable[[Path, str], None]] = {
    "gone": _lost,
    "cut off": _cut,
    "empty": _emptied,
    "a folder": _folder,
    "a link to nowhere": _dangling,
    "no image": _text,
}


@pytest.mark.parametrize("damage", IMAGES, ids=str)
@pytest.mark.parametrize("dataset", NAMES, indirect=True)
def test_a_damaged_image(dataset: tuple[str, Path, Table], damage: str) -> None:
    name, root, sound = dataset
    image = sound.images[0]
    IMAGES[damage](root, image)
    found = read_or_refuse(name, root)
    unlisted = damage in {"gone", "a folder"} and name in UNLISTED
    assert_honest(sound, found, unlisted=image if unlisted else "")
    if found is not None:
        assert image not in found.images
        new = " ".join(f"{remark.image} {remark.detail}" for remark in set(found.remarks) - set(sound.remarks))
        assert unlisted or Path(image).stem in new or Path(image).parent.name in new


def _looped(root: Path, image: str) -> None:
    (root / image).parent.joinpath("loop").symlink_to(root, target_is_directory=True)


def _odd_names(root: Path, image: str) -> None:
    source = root / image
    for name in ("[bold]x[", "a\nb", "%20", "ü\u0308", "x" * 200, "-rf", " ", "__MACOSX"):
        shutil.copyfile(source, source.with_name(f"{name}{source.suffix}"))


def _leavings(root: Path, image: str) -> None:
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", f"._{Path(image).name}", "notes.webp", "readme.md"):
        (root / image).with_name(name).write_bytes(b"\0\5\26\7")
    hidden = root / ".ipynb_checkpoints"
    hidden.mkdir()
    shutil.copyfile(root / image, hidden / Path(image).name)


EXTRA: dict[str, Callable[[Path, str], None]] = {"a loop": _looped, "odd names": _odd_names, "leavings": _leavings}


@pytest.mark.parametrize("more", EXTRA, ids=str)
@pytest.mark.parametrize("dataset", NAMES, indirect=True)
def test_files_that_do_not_belong(dataset: tuple[str, Path, Table], more: str) -> None:
    name, root, sound = dataset
    EXTRA[more](root, sound.images[0])
    found = read(name, root)
    before, after = labels(sound), labels(found)
    assert set(before) <= set(after)
    assert all(after[image] == value for image, value in before.items())
    if more == "a loop":
        assert before == after
    if more == "leavings":
        assert before == after
        assert any("notes.webp" in remark.image for remark in found.remarks)
    assert all(len(image) < 400 for image in found.images)


@pytest.mark.parametrize("dataset", ["coco", "yolo", "voc", "listed", "fracatlas", "grazpedwri"], indirect=True)
def test_all_annotations_gone(dataset: tuple[str, Path, Table]) -> None:
    """What nobody says is unknown, or refused; it is not nothing."""
    name, root, sound = dataset
    for path in [*root.glob(FILES[name])]:
        path.unlink()
    assert_honest(sound, read_or_refuse(name, root))
