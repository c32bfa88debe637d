"""What a format that a dataset can be written in consists of, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osteon.core.labels import UNKNOWN
from osteon.data.table.case import LabelledBox
from osteon.data.table.table import LABEL_PREFIX


@dataclass(frozen=True, slots=True)
class Written:
    """One image in its new place.

    Attributes:
        name: path of the file below the new root.
        row: its row of the table, by column; ``image`` and ``mask`` are the new paths.
        boxes: in pixels of the written file, upright.
        width: columns of the same.
        height: rows of the same.
        uid: SOPInstanceUID where the file was written as DICOM; empty otherwise.
    """

    name: str
    row: Mapping[str, Any]
    boxes: tuple[LabelledBox, ...]
    width: int
    height: int
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A format that a dataset can be written in.

    Attributes:
        name: the word for it on the command line.
        about: what it is, in a few words.
        reader: name of the dataset reader that reads it again.
        folder: where an image goes, below the new root.
        write: writes the annotations, given the images, the labels of the boxes and the new root.
        boxes: whether it holds boxes and outlines.
        pictures: the kind of files that it asks for; empty where any will do.
    """

    name: str
    about: str
    reader: str
    folder: Callable[[Mapping[str, Any]], str]
    write: Callable[[Sequence[Written], Sequence[str], Path], None]
    boxes: bool = True
    pictures: str = ""


def in_images(row: Mapping[str, Any]) -> str:
    """``images/<part>`` of the official split, or ``images``."""
    return f"images/{row['split']}" if row["split"] else "images"


def says_nothing(one: Written) -> bool:
    """Whether nothing is known of an image: it has labels, all of them unknown, and no box."""
    labels = labels_of(one.row).values()
    return not one.boxes and bool(labels) and all(value == UNKNOWN for value in labels)


def labels_of(row: Mapping[str, Any]) -> dict[str, int]:
    """Labels of a row of the table by name."""
    return {key.removeprefix(LABEL_PREFIX): value for key, value in row.items() if key.startswith(LABEL_PREFIX)}
