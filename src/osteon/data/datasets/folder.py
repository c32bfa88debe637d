"""A folder of classes: ``{train,val,test}/{class}/*.jpg``, or ``{class}/*.jpg`` without splits.

Split parts have many names (see ``osteon.data.formats.parts``), above or below the classes or within their names
(``train_fracture``). Folds of a cross-validation are not parts: nothing states which of them is for testing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from osteon.core.errors import DataError
from osteon.data.files.images import inspect_images
from osteon.data.files.sidecar import complete
from osteon.data.files.walk import survey
from osteon.data.formats.classes import Classes
from osteon.data.formats.parts import is_fold, is_generic_folder, only, part_of, part_within
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
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
"""Class names that state whether there is a fracture; a dataset with only these also gets ``label_fracture``."""


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
"""Folders of unclassified images: all their labels are unknown."""


@dataclass(frozen=True, slots=True)
class Location:
    """Class and split part of an image, from its folders.

    Attributes:
        image: its path.
        name: of the class, as the folder is called; empty where there is none.
        part: of the split.
        folds: folders that are folds of a cross-validation.
    """

    image: str
    name: str
    part: str | None
    folds: tuple[str, ...] = ()


def read(root: Path) -> Table:
    """Read a folder of classes.

    Each class gives a label of its name (1 for its images, 0 for the others'); where all classes are in `FRACTURE_WORDS`
    there is also ``label_fracture``.

    Raises:
        DataError: there are no folders of classes with images.
    """
    return read_classes(root, CARD)


def read_classes(root: Path, card: DatasetCard) -> Table:
    """``read`` for a dataset with its own card."""
    if not root.is_dir():
        raise DataError(f"no folder {root}")
    found = survey(root)
    remarks: list[Remark] = list(found.remarks)
    located = _parts_in_names([_location(name, remarks) for name in found.images], remarks)
    _fold_remarks(located, remarks)
    classes = Classes("the folders")
    labelled: list[tuple[Location, str]] = []
    for location in located:
        if not location.name:
            remarks.append(Remark(Kind.UNKNOWN_LABEL, location.image, RemarkCode.NO_CLASS_FOLDER, skipped=True))
        else:
            labelled.append((location, classes.label(location.name)))
    remarks += classes.remarks()
    names = sorted({label for _, label in labelled if label not in _NO_CLASS})
    if len(names) < 2:
        raise DataError(
            "no class folders",
            expected="at least two folders with images",
            got=", ".join(names) or "none",
            hint="Give the folder that contains the class folders.",
        )
    _missing_classes(labelled, names, remarks)
    labels = {name: _labels(name, names) for name in names}
    cases: list[Case] = []
    inspected = inspect_images(root, [location.image for location, _ in labelled])
    for (name, image), (location, label) in zip(inspected, labelled, strict=True):
        if isinstance(image, Remark):
            remarks.append(image)
            continue
        if label in _NO_CLASS:
            remarks.append(Remark(Kind.UNKNOWN_LABEL, name, RemarkCode.FOLDER_NO_CLASS, {"folder": location.name}))
        cases.append(replace(image.case(name), labels=labels.get(label, {}), split=location.part))
    cases = complete(root, cases, remarks)
    return from_cases(cases, dataset=card.name, licence=card.licence, remarks=remarks)


def _location(image: str, remarks: list[Remark]) -> Location:
    """The part and class of an image from its folders: the first folder that is neither part nor fold is the class."""
    folders = PurePosixPath(image).parts[:-1]
    parts = [part for part in map(part_of, folders) if part is not None]
    if len(set(parts)) > 1:
        remarks.append(
            Remark(
                Kind.CONTRADICTING_LABEL,
                image,
                RemarkCode.FOLDERS_SEVERAL_PARTS,
                {"parts": tuple(dict.fromkeys(parts))},
            )
        )
    folds = tuple(folder for folder in folders if is_fold(folder))
    others = [folder for folder in folders if part_of(folder) is None and folder not in folds]
    while len(others) > 1 and is_generic_folder(others[0]):
        others.pop(0)
    if others and is_generic_folder(others[0]):
        others = []
    return Location(image, others[0] if others else "", only(parts), folds)


def _parts_in_names(located: list[Location], remarks: list[Remark]) -> list[Location]:
    """The locations with the split parts in the names of their classes: ``train_fracture``, ``test_fracture``."""
    split = {location.name: part_within(location.name) for location in located if location.name}
    if not split or None in split.values() or len({found[0] for found in split.values() if found}) < 2:
        return located
    if any(location.part for location in located):
        return located
    remarks.append(
        Remark(
            Kind.ASSUMED,
            next(location.image for location in located if location.name),
            RemarkCode.PARTS_IN_NAMES,
            {"folders": tuple(sorted(split))},
        )
    )
    return [
        replace(location, part=found[0], name=found[1]) if (found := split.get(location.name)) else location
        for location in located
    ]


def _fold_remarks(located: list[Location], remarks: list[Remark]) -> None:
    folded = {location.folds for location in located if location.folds}
    if folded:
        first = next(location.image for location in located if location.folds)
        remarks.append(Remark(Kind.ASSUMED, first, RemarkCode.FOLDS, {"count": len(folded)}))
    if len(folded) > 1:  # an image is for training in one fold and for testing in another
        located[:] = [replace(location, part=None) if location.folds else location for location in located]


def _missing_classes(labelled: list[tuple[Location, str]], names: list[str], remarks: list[Remark]) -> None:
    """Remarks where a part lacks a class that others have: it may be named differently there."""
    parts = {location.part for location, _ in labelled if location.part is not None}
    for part in sorted(parts):
        labels_in_part = {label for location, label in labelled if location.part == part}
        if missing := [name for name in names if name not in labels_in_part]:
            first = next(location.image for location, _ in labelled if location.part == part)
            remarks.append(
                Remark(
                    Kind.UNKNOWN_LABEL, first, RemarkCode.PART_WITHOUT_CLASSES, {"part": part, "labels": tuple(missing)}
                )
            )


def _labels(own: str, classes: list[str]) -> dict[str, int]:
    values = {name: int(name == own) for name in classes}
    if all(name in FRACTURE_WORDS for name in classes):
        values["fracture"] = FRACTURE_WORDS[own]
    return values
