"""One row of the table, typed: what a dataset's `read` function fills in for each image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from osteon.core.geometry import Box
from osteon.core.labels import BodyPart, Laterality, Sex, View

TURNED: Final = frozenset({5, 6, 7, 8})
"""EXIF orientations that exchange rows and columns (EXIF 2.32, tag 0x0112)."""


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A box that an annotator drew in an image.

    Attributes:
        box: corners in pixels of the image as ``osteon.imaging.load`` gives it: upright (after EXIF orientation), and
            with square pixels. A dataset states them in stored pixels; ``osteon.data.table.boxes.usable`` converts them.
        label: class in the dataset, in lower case with underscores.
        reader: who annotated it, where the dataset states it; empty otherwise.
        polygons: outlines of the mask, each a flat sequence ``x, y, x, y, ...`` in source pixels; empty where there
            is none.
        crowd: whether it stands for several findings that were not marked one by one (``iscrowd`` of COCO).
    """

    box: Box
    label: str
    reader: str = ""
    polygons: tuple[tuple[float, ...], ...] = ()
    crowd: bool = False


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of an image file before it is decoded.

    Attributes:
        width: columns of the image as ``osteon.imaging.load`` gives it (upright, square pixels).
        height: rows of that image.
        mode: how samples are stored: ``L``, ``RGB``, ``I;16``, ``MONOCHROME1`` ...
        format: ``JPEG``, ``PNG``, ``TIFF``, ``BMP`` or ``DICOM``.
        size: bytes of the file.
        orientation: EXIF orientation, 1 where none is given.
        oblong: columns and rows of the upright image before pixels that are not square were resampled; None where
            they are square.
    """

    width: int
    height: int
    mode: str
    format: str
    size: int
    orientation: int = 1
    oblong: tuple[int, int] | None = None

    @property
    def annotated(self) -> tuple[int, int]:
        """Columns and rows of the upright image whose pixels the annotations of a dataset count."""
        return self.oblong or (self.width, self.height)

    @property
    def stored(self) -> tuple[int, int]:
        """Columns and rows as stored, before EXIF orientation."""
        width, height = self.annotated
        return (height, width) if self.orientation in TURNED else (width, height)


@dataclass(frozen=True, slots=True)
class Case:
    """One image and what is known about it; None where the dataset does not state it.

    Attributes:
        image: path of the file below the dataset's root, with forward slashes.
        facts: from its header.
        study: identifier shared by views taken together; the image itself where the dataset has no studies.
        patient: pseudonym of the patient in the dataset.
        view: projection.
        laterality: side.
        body_part: region; None also where several regions are in one image.
        age: years.
        sex: in DICOM's terms.
        labels: 1, 0 or ``UNKNOWN`` for each label of the dataset.
        boxes: drawn by annotators.
        mask: path of a mask image below the root.
        split: part of the official split: ``train``, ``val`` or ``test``.
        source: hospital, device or part of the dataset that the image came from.
        row_spacing: distance of the centres of two rows, in mm.
        column_spacing: distance of the centres of two columns, in mm.
        hardware: whether metal (plate, screw, implant) is visible.
    """

    image: str
    facts: FileFacts
    study: str
    patient: str | None = None
    view: View | None = None
    laterality: Laterality | None = None
    body_part: BodyPart | None = None
    age: float | None = None
    sex: Sex | None = None
    labels: Mapping[str, int] = field(default_factory=dict[str, int])
    boxes: tuple[LabelledBox, ...] = ()
    mask: str | None = None
    split: str | None = None
    source: str | None = None
    row_spacing: float | None = None
    column_spacing: float | None = None
    hardware: bool | None = None
