"""Split parts in names: folders, files and words for training, validation and test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

_WORDS: Final = {
    "train": ("train", "training", "trn"),
    "val": ("val", "valid", "validation", "validate", "validating", "dev", "devel", "development", "tune", "tuning"),
    "test": ("test", "testing", "tst", "holdout", "heldout", "eval", "evaluation"),
}
PART_WORDS: Final = {word: part for part, words in _WORDS.items() for word in words}
"""The part of the split that each word names."""

_FILLERS: Final = frozenset((
    "set", "sets", "data", "dataset", "split", "splits", "part", "subset", "folder", "dir", "images", "image",
    "imgs", "img", "pictures", "files", "file", "films", "film", "radiographs", "radiograph", "xray", "xrays", "x",
    "ray", "rays", "raw", "final", "original", "internal", "external", "all", "the", "of", "png", "jpg", "jpeg",
    "dicom", "dcm", "instances", "annotations", "annotation", "coco", "default", "list",
))  # fmt: skip
"""Words that may accompany a part's name without changing its meaning."""

_GENERIC_FOLDERS: Final = frozenset((
    "data", "dataset", "datasets", "image", "images", "imgs", "img", "pictures", "files", "films", "radiographs",
    "xrays", "raw", "png", "jpg", "jpeg", "dicom", "dcm",
))  # fmt: skip
"""Words for folders of images."""

_JOINED: Final = re.compile(rf"({'|'.join(PART_WORDS)})(?=(?:sets?|data|images?|imgs?|split)$)")
_APART: Final = re.compile(r"hold[\W_]*out|held[\W_]*out", re.IGNORECASE)
_FOLD: Final = re.compile(r"(?:k|cv|split|train|val|test)?[\W_]*folds?[\W_]*\d+|\d+[\W_]*folds?", re.IGNORECASE)


def words_of(name: str) -> list[str]:
    """The words of a name in lower case: ``TrainSet_2017`` is ``train``, ``set``; numbers are left out."""
    name = _APART.sub("holdout", name)
    name = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    lower = "".join(letter if letter.isalpha() else " " for letter in name).lower()
    return [part for word in lower.split() for part in _JOINED.sub(r"\1 ", word).split()]


def part_of(name: str) -> str | None:
    """The part that a folder or a word names exclusively: ``dev``, ``val_set``, ``Training data``, ``test2017``.

    ``test_fracture`` is not a part, as it names a class, too.
    """
    words = words_of(name)
    parts = {PART_WORDS[word] for word in words if word in PART_WORDS}
    others = [word for word in words if word not in PART_WORDS and word not in _FILLERS]
    return parts.pop() if len(parts) == 1 and not others else None


def part_within(name: str) -> tuple[str, str] | None:
    """The part in a name and the rest of it: ``test_fracture`` is ``test`` and ``fracture``; None where there is none."""
    words = words_of(name)
    parts = {PART_WORDS[word] for word in words if word in PART_WORDS}
    rest = [word for word in words if word not in PART_WORDS]
    return (parts.pop(), "_".join(rest)) if len(parts) == 1 and rest else None


def part_mentioned(name: str) -> str | None:
    """The one part among the words of a file's name: ``instances_val2017`` is ``val``; ``contrast`` has none."""
    parts = {PART_WORDS[word] for word in words_of(name) if word in PART_WORDS}
    return parts.pop() if len(parts) == 1 else None


def part_of_folders(name: str) -> str | None:
    """The part that the folders of a path name; None where they name none, or several."""
    return only(part_of(folder) for folder in PurePosixPath(name).parts[:-1])


def is_generic_folder(name: str) -> bool:
    """Whether a folder's name only says that it contains images: ``images``, ``dataset``, ``PNG``."""
    words = words_of(name)
    return bool(words) and all(word in _GENERIC_FOLDERS for word in words)


def is_fold(name: str) -> bool:
    """Whether a folder is a fold of a cross-validation: ``fold_1``, ``Fold 3``, ``5fold``."""
    return _FOLD.fullmatch(name.strip()) is not None


def only(parts: Iterable[str | None]) -> str | None:
    """The part on which all that are not None agree; None where they do not."""
    found = {part for part in parts if part is not None}
    return found.pop() if len(found) == 1 else None
