"""The layout of PediURF: an 8-bit grey JPEG of each image and a table of case, view, age in years and sex."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.core.labels import View
from osteon.deidentify.cleaned import Cleaned
from osteon.imaging.limits import DEFAULT_LIMITS, Limits
from osteon.imaging.load import load

COLUMNS: Final = ("image", "study", "view", "age", "sex")
"""Columns of the table, as the dataset ``listed`` reads them."""

_NAMES: Final = {View.FRONTAL: "front", View.LATERAL: "side", View.OBLIQUE: "oblique"}
_QUALITY: Final = 95


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Attributes:
        image: path below the folder.
        study: pseudonym of the case.
        view: or empty.
        age: whole years, or empty.
        sex: F, M, O or empty.
    """

    image: str
    study: str
    view: str
    age: str
    sex: str


def render(cleaned: Cleaned, *, limits: Limits = DEFAULT_LIMITS) -> list[bytes]:
    """JPEGs of the frames as they are displayed (window, polarity), without any metadata.

    Raises:
        InputError: a frame cannot be displayed or encoded.
    """
    jpegs: list[bytes] = []
    for radiograph in load(cleaned.data, limits=limits):
        grey = np.rint(radiograph.pixels * 255.0).astype(np.uint8)
        succeeded, encoded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        if not succeeded:
            raise InputError(FaultCode.TOO_LARGE_FOR_JPEG)
        jpegs.append(encoded.tobytes())
    return jpegs


class Cases:
    """Names images by case and view; a second one of the same view gets ``-2``."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}
        self.rows: list[Row] = []

    def add(self, cleaned: Cleaned, case: str) -> str:
        """Path of the next image of a case; adds its line to the table."""
        stem = f"{case}/{'image' if cleaned.view is None else _NAMES[cleaned.view]}"
        number = self._taken[stem] = self._taken.get(stem, 0) + 1
        path = f"{stem}.jpg" if number == 1 else f"{stem}-{number}.jpg"
        view = cleaned.view.value if cleaned.view is not None else ""
        sex = cleaned.sex.value if cleaned.sex is not None else ""
        self.rows.append(Row(path, case, view, "" if cleaned.age is None else str(cleaned.age), sex))
        return path

    def save(self, path: Path) -> None:
        """Write the table; existing lines are kept, unless they are of the same images."""
        lines: dict[str, tuple[str, ...]] = {}
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                for old in csv.DictReader(file):
                    lines[old["image"]] = tuple(old[column] for column in COLUMNS)
        for row in self.rows:
            lines[row.image] = (row.image, row.study, row.view, row.age, row.sex)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(lines[image] for image in sorted(lines))
