"""Any dataset in the layout of YOLO: ``images/``, ``labels/`` and ``data.yaml``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from osteon.core.errors import DataError
from osteon.data.boxes import usable
from osteon.data.card import DatasetCard
from osteon.data.case import Case, LabelledBox
from osteon.data.coco import slug
from osteon.data.datasets.folder import SPLIT_NAMES
from osteon.data.files import need
from osteon.data.films import Film, films_below, inspect_films
from osteon.data.remark import Kind, Remark
from osteon.data.sidecar import complete
from osteon.data.table import Table, from_cases
from osteon.data.yolo import parse_outlines, parse_yolo

CARD: Final = DatasetCard(
    name="yolo",
    title="YOLO",
    about="Any images with a text file of boxes or outlines each, and the classes in data.yaml.",
    licence="as its owner says",
    citation="",
    url="https://docs.ultralytics.com/datasets/detect/",
    access="own",
    obtain="Your own files.",
    layout="data.yaml\nimages/{train,val,test}/*, labels/{train,val,test}/*.txt\nor {train,val,test}/{images,labels}/",
    identifiers=("cluster",),
    label_map={"any class": "label of its name = 1 where an image has a box of it, 0 where its file has none"},
)


def read(root: Path) -> Table:
    """Read images and YOLO files below ``root``.

    An image with an empty file was looked at and has nothing; one without a file is unknown.

    Raises:
        DataError: there is no ``data.yaml``, or it names no classes.
    """
    need(root, "data.yaml")
    classes = [slug(name) for name in _classes(root / "data.yaml")]
    cases: list[Case] = []
    remarks: list[Remark] = []
    for name, film in inspect_films(root, films_below(root)):
        if isinstance(film, Remark):
            remarks.append(film)
        elif "images" not in (parts := Path(name).parts[:-1]):
            remarks.append(Remark(Kind.EXTRA_FILE, name, "it does not lie below a folder named images", skipped=True))
        else:
            split = next((SPLIT_NAMES[part.lower()] for part in parts if part.lower() in SPLIT_NAMES), None)
            remarks += _add(root, name, film, classes, split, cases)
    return from_cases(complete(root, cases), dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def label_file(name: str, folder: str = "labels") -> str:
    """Where the boxes of ``.../images/.../x.jpg`` lie: ``.../labels/.../x.txt``."""
    *before, file = Path(name).parts
    last = len(before) - 1 - before[::-1].index("images")
    before[last] = folder
    return str(Path(*before, file).with_suffix(".txt").as_posix())


def _add(root: Path, name: str, film: Film, classes: list[str], split: str | None, cases: list[Case]) -> list[Remark]:
    path = root / label_file(name)
    if not path.exists():
        cases.append(replace(film.case(name), split=split))
        return [Remark(Kind.NO_RECORD, name, "no file of boxes; its labels are unknown")]
    try:
        marked = _outlined(root, name, film, parse_yolo(path.read_text("utf-8"), classes, *film.facts.annotated))
    except DataError as error:
        return [Remark(Kind.UNREADABLE, name, f"its boxes cannot be read: {error.problem}", skipped=True)]
    boxes, broken = usable(marked, film.facts, name)
    present = {one.label for one in boxes}
    labels = {label: int(label in present) for label in classes}
    cases.append(replace(film.case(name), labels=labels, boxes=boxes, split=split))
    return list(broken)


def _outlined(root: Path, name: str, film: Film, marked: list[LabelledBox]) -> list[LabelledBox]:
    """The boxes with the outlines of ``outlines/``, which osteon's own conversion writes beside ``labels/``."""
    path = root / label_file(name, "outlines")
    if not path.exists():
        return marked
    outlines = parse_outlines(path.read_text("utf-8"), len(marked), *film.facts.annotated)
    return [replace(one, polygons=outlines.get(index, one.polygons)) for index, one in enumerate(marked)]


def _classes(path: Path) -> list[str]:
    """Names of the classes: a list, or a mapping from number to name."""
    try:
        content: Any = yaml.safe_load(path.read_text("utf-8"))
        names: Any = content["names"]
        listed = [names[number] for number in sorted(names)] if isinstance(names, dict) else list(names)
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise DataError("data.yaml names no classes", expected="names: a list, or numbers with names") from error
    return [str(name) for name in listed]
