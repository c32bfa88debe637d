"""A folder of classes: ``{train,val,test}/{class}/*.jpg``, or ``{class}/*.jpg`` without splits.

Parts are known by many names (see ``osteon.data.formats.parts``), above or below the classes or within their names
(``train_fracture``). Folds are no parts: which of them is for testing, nothing says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from osteon.core.errors import DataError
from osteon.data.files.images import inspect_films
from osteon.data.files.sidecar import complete
from osteon.data.files.walk import survey
from osteon.data.formats.classes import Classes
from osteon.data.formats.parts import is_fold, is_place, only, part_of, part_within
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.table import Table, from_cases

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

FRACTURE_WORDS: Final[Mapping[str, int]] = {
    "fracture": 1,
    "fractured": 1,
    "hairline": 1,
    "hairline_fracture": 1,
    "displaced": 1,
    "displaced_fracture": 1,
    "fractures": 1,
    "broken": 1,
    "with_fracture": 1,
    "positive": 1,
    "normal": 0,
    "no_fracture": 0,
    "no_fractures": 0,
    "nofracture": 0,
    "non_fracture": 0,
    "nonfracture": 0,
    "without_fracture": 0,
    "not_fractured": 0,
    "non_fractured": 0,
    "nonfractured": 0,
    "unfractured": 0,
    "not_broken": 0,
    "unbroken": 0,
    "negative": 0,
    "healthy": 0,
}
"""Classes that say whether there is a fracture; where all of a folder's are among them it gets ``label_fracture``."""


_NO_CLASS: Final = frozenset(
    [
        "unknown",
        "unlabeled",
        "unlabelled",
        "unannotated",
        "unsorted",
        "unclassified",
        "unclear",
        "uncertain",
        "unsure",
        "todo",
    ]
)
"""Folders of images whose class nobody gave: all their labels are unknown."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the folders of an image say.

    Attributes:
        image: its path.
        name: of the class, as the folder is called; empty where it lies in none.
        part: of the split.
        folds: folders that are folds of a cross-validation.
    """

    image: str
    name: str
    part: str | None
    folds: tuple[str, ...] = ()


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
    found = survey(root)
    remarks: list[Remark] = list(found.remarks)
    places = _parts_in_names([_place(name, remarks) for name in found.images], remarks)
    _fold_remarks(places, remarks)
    classes = Classes("the folders")
    labelled: list[tuple[Place, str]] = []
    for one in places:
        if not one.name:
            remarks.append(Remark(Kind.UNKNOWN_LABEL, one.image, "it lies in no folder of a class", skipped=True))
        else:
            labelled.append((one, classes.label(one.name)))
    remarks += classes.remarks()
    names = sorted({label for _, label in labelled if label not in _NO_CLASS})
    if len(names) < 2:
        raise DataError(
            "no folders of classes",
            expected="at least two folders with images",
            got=", ".join(names) or "none",
            hint="Point at the folder that holds the folders of the classes.",
        )
    _lopsided(labelled, names, remarks)
    labels = {one: _labels(one, names) for one in names}
    cases: list[Case] = []
    inspected = inspect_films(root, [one.image for one, _ in labelled])
    for (name, film), (one, label) in zip(inspected, labelled, strict=True):
        if isinstance(film, Remark):
            remarks.append(film)
            continue
        if label in _NO_CLASS:
            text = f"its folder {one.name} names no class; its labels are unknown"
            remarks.append(Remark(Kind.UNKNOWN_LABEL, name, text))
        cases.append(replace(film.case(name), labels=labels.get(label, {}), split=one.part))
    cases = complete(root, cases, remarks)
    return from_cases(cases, dataset=card.name, licence=card.licence, remarks=remarks)


def _place(image: str, remarks: list[Remark]) -> Place:
    """What the folders of an image say: its part, folds left out, and the first of the others its class."""
    folders = PurePosixPath(image).parts[:-1]
    parts = [part for part in map(part_of, folders) if part is not None]
    if len(set(parts)) > 1:
        text = f"its folders name several parts ({' and '.join(dict.fromkeys(parts))}); its part is unknown"
        remarks.append(Remark(Kind.CONTRADICTING_LABEL, image, text))
    folds = tuple(folder for folder in folders if is_fold(folder))
    others = [folder for folder in folders if part_of(folder) is None and folder not in folds]
    while len(others) > 1 and is_place(others[0]):
        others.pop(0)
    if others and is_place(others[0]):
        others = []
    return Place(image, others[0] if others else "", only(parts), folds)


def _parts_in_names(places: list[Place], remarks: list[Remark]) -> list[Place]:
    """The places with the parts that the names of all their classes hold: ``train_fracture``, ``test_fracture``."""
    split = {one.name: part_within(one.name) for one in places if one.name}
    if not split or None in split.values() or len({found[0] for found in split.values() if found}) < 2:
        return places
    if any(one.part for one in places):
        return places
    text = f"the names of the folders hold parts of a split: {', '.join(sorted(split))}"
    remarks.append(Remark(Kind.ASSUMED, next(one.image for one in places if one.name), text))
    return [replace(one, part=found[0], name=found[1]) if (found := split.get(one.name)) else one for one in places]


def _fold_remarks(places: list[Place], remarks: list[Remark]) -> None:
    folded = {one.folds for one in places if one.folds}
    if folded:
        first = next(one.image for one in places if one.folds)
        text = f"{len(folded)} folds of a cross-validation, which are no parts of a split; parts are unknown there"
        remarks.append(Remark(Kind.ASSUMED, first, text))
    if len(folded) > 1:  # an image is for training in one fold and for testing in another
        places[:] = [replace(one, part=None) if one.folds else one for one in places]


def _lopsided(labelled: list[tuple[Place, str]], names: list[str], remarks: list[Remark]) -> None:
    """Remarks where a part lacks a class of the others: it may be called otherwise there."""
    parts = {one.part for one, _ in labelled if one.part is not None}
    for part in sorted(parts):
        here = {label for one, label in labelled if one.part == part}
        if missing := [name for name in names if name not in here]:
            text = f"the part {part} has no folder {', '.join(missing)}; these labels are 0 in all of it"
            first = next(one.image for one, _ in labelled if one.part == part)
            remarks.append(Remark(Kind.UNKNOWN_LABEL, first, text))


def _labels(own: str, classes: list[str]) -> dict[str, int]:
    values = {name: int(name == own) for name in classes}
    if all(name in FRACTURE_WORDS for name in classes):
        values["fracture"] = FRACTURE_WORDS[own]
    return values
