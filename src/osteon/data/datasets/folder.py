"""A folder of classes: ``{train,val,test}/{class}/*.jpg``, or ``{class}/*.jpg`` without splits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.data.card import DatasetCard
from osteon.data.case import Case
from osteon.data.coco import slug
from osteon.data.films import films_below, inspect_films
from osteon.data.remark import Kind, Remark
from osteon.data.sidecar import complete
from osteon.data.table import Table, from_cases

CARD: Final = DatasetCard(
    name="folder",
    title="A folder for each class",
    about="Any images sorted into one folder for each class, under train, val and test or not.",
    licence="as its owner says",
    citation="",
    url="",
    access="own",
    obtain="Your own files.",
    layout="{train,val,test}/{class}/*.{jpg,png,tif,dcm}\nor {class}/*.{jpg,png,tif,dcm}",
    identifiers=("cluster",),
    label_map={
        "fracture, fractured, hairline, displaced, positive": "fracture = 1",
        "normal, no fracture, non fractured, negative": "fracture = 0",
        "any class": "label of that name = 1, the other classes' labels = 0",
    },
)

SPLIT_NAMES: Final[Mapping[str, str]] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}

FRACTURE_WORDS: Final[Mapping[str, int]] = {
    "fracture": 1,
    "fractured": 1,
    "hairline": 1,
    "hairline_fracture": 1,
    "displaced": 1,
    "displaced_fracture": 1,
    "positive": 1,
    "normal": 0,
    "no_fracture": 0,
    "not_fractured": 0,
    "non_fractured": 0,
    "nonfractured": 0,
    "negative": 0,
    "healthy": 0,
}
"""Classes that say whether there is a fracture; where all of a folder's are among them it gets ``label_fracture``."""


def read(root: Path) -> Table:
    """Read a folder of classes.

    Each class gives a label of its name (1 for its images, 0 for the others'); where all classes are known words
    there is also ``label_fracture``.

    Raises:
        DataError: there are no folders of classes with images.
    """
    return read_classes(root, CARD)


def read_classes(root: Path, card: DatasetCard) -> Table:
    """``read`` for a dataset with a card of its own."""
    if not root.is_dir():
        raise DataError(f"no folder {root}")
    found: list[tuple[str, str | None, str]] = []
    remarks: list[Remark] = []
    for name in films_below(root):
        folders = Path(name).parts[:-1]
        split = SPLIT_NAMES.get(folders[0].lower()) if folders else None
        classes = folders[1:] if split else folders
        if classes:
            found.append((name, split, slug(classes[0])))
        else:
            remarks.append(Remark(Kind.UNKNOWN_LABEL, name, "it lies in no folder of a class", skipped=True))
    names = sorted({label for _, _, label in found})
    if len(names) < 2:
        raise DataError(
            "no folders of classes", expected="at least two folders with images", got=", ".join(names) or "none"
        )
    labels = {one: _labels(one, names) for one in names}
    cases: list[Case] = []
    inspected = inspect_films(root, [name for name, _, _ in found])
    for (name, film), (_, split, label) in zip(inspected, found, strict=True):
        if isinstance(film, Remark):
            remarks.append(film)
            continue
        cases.append(replace(film.case(name), labels=labels[label], split=split))
    return from_cases(complete(root, cases), dataset=card.name, licence=card.licence, remarks=remarks)


def _labels(own: str, classes: list[str]) -> dict[str, int]:
    values = {name: int(name == own) for name in classes}
    if all(name in FRACTURE_WORDS for name in classes):
        values["fracture"] = FRACTURE_WORDS[own]
    return values
