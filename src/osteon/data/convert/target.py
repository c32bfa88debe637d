"""A format that a dataset can be written in, and the images it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osteon.core.labels import UNKNOWN
from osteon.data.table.case import LabelledBox
from osteon.data.table.schema import LABEL_PREFIX


@dataclass(frozen=True, slots=True)
class Written:
    """One converted image.

    Attributes:
        name: path of the file below the new root.
        row: its row of the table, by column; ``image`` and ``mask`` are the new paths.
        boxes: in pixels of the written file, upright.
        width: columns of the written file.
        height: rows of the written file.
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
        name: on the command line.
        about: description in a few words.
        reader: name of the dataset that reads the format.
        folder: of an image, below the new root.
        write: writes the annotations, given the images, the labels of the boxes and the new root.
        boxes: whether it holds boxes and outlines.
        images: image format that it requires; empty where any is allowed.
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


def is_unlabelled(image: Written) -> bool:
    """Whether nothing is known about an image: all its labels are unknown, and it has no box."""
    labels = labels_of(image.row).values()
    return not image.boxes and bool(labels) and all(value == UNKNOWN for value in labels)


def labels_of(row: Mapping[str, Any]) -> dict[str, int]:
    """Labels of a row of the table by name."""
    return {key.removeprefix(LABEL_PREFIX): value for key, value in row.items() if key.startswith(LABEL_PREFIX)}
