"""Validation of the boxes of a dataset: usable boxes are kept, the others are dropped with a remark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from osteon.core.geometry import Box
from osteon.data.formats.outlines import ROUNDING, Outline, clipped, is_outline
from osteon.data.table.case import FileFacts, LabelledBox
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode

SMALLEST_SIDE: Final = 1e-3
"""Boxes with a shorter side (px) are annotation errors; VinDr-SpineXR has some."""


class Usable(NamedTuple):
    """The boxes of one image that can be used, and remarks on the others.

    Attributes:
        boxes: in pixels of the loaded image, with ``0 <= x0 < x1 <= width`` and ``0 <= y0 < y1 <= height``.
        remarks: on what was corrected or dropped, in the pixels of the dataset.
        lost: labels of the boxes that were dropped: something was annotated there, so these labels are not 0.
    """

    boxes: tuple[LabelledBox, ...]
    remarks: tuple[Remark, ...]
    lost: frozenset[str]

    @property
    def present(self) -> frozenset[str]:
        """Labels of the boxes."""
        return frozenset(box.label for box in self.boxes)


def usable(boxes: Iterable[LabelledBox], facts: FileFacts, image: str) -> Usable:
    """Bring the boxes of one image into the frame of the loaded image, and drop or correct those that do not fit.

    Every parser's boxes pass here, so that boxes and pixels agree: a DICOM image whose pixels are not square is
    resampled when it is loaded, and boxes in its stored pixels are scaled accordingly. Swapped corners are
    exchanged, what reaches beyond the image is clipped, boxes and outlines alike, what is then empty is dropped; each
    with a remark.

    Args:
        boxes: in the pixels that the dataset uses: ``facts.annotated``.
        facts: of the image.
        image: its path, for the remarks.
    """
    width, height = facts.annotated
    listed = list(boxes)
    kept: list[LabelledBox] = []
    lost: set[str] = set()
    remarks = [
        Remark(Kind.LISTED_TWICE, image, RemarkCode.BOX_REPEATED, {"label": box.label, "count": count})
        for box, count in Counter(listed).items()
        if count > 1
    ]
    for labelled in listed:
        box, odd = _fitting(labelled, width, height, image)
        remarks += odd
        if box is None:
            lost.add(labelled.label)
            continue
        outlines, odd = _outlines(labelled, width, height, image)
        remarks += odd
        new = replace(labelled, box=box, polygons=outlines)
        kept.append(stretched(new, facts.width / width, facts.height / height))
    return Usable(tuple(kept), tuple(remarks), frozenset(lost))


def _fitting(labelled: LabelledBox, width: int, height: int, image: str) -> tuple[Box | None, list[Remark]]:
    """A box clipped to the image, or None, and the remarks on it."""
    box = labelled.box
    remarks: list[Remark] = []
    if not all(abs(value) < float("inf") for value in box):
        return None, [Remark(Kind.EMPTY_BOX, image, RemarkCode.BOX_NO_NUMBER, {"label": labelled.label})]
    if box.x1 < box.x0 or box.y1 < box.y0:
        box = Box(min(box.x0, box.x1), min(box.y0, box.y1), max(box.x0, box.x1), max(box.y0, box.y1))
        remarks.append(Remark(Kind.SWAPPED_BOX, image, RemarkCode.BOX_CORNERS_SWAPPED, {"label": labelled.label}))
    inside = box.clipped(width, height)
    beyond = max(abs(a - b) for a, b in zip(box, inside, strict=True))
    if min(box.width, box.height) < SMALLEST_SIDE:
        return None, [
            *remarks,
            Remark(
                Kind.EMPTY_BOX,
                image,
                RemarkCode.BOX_THIN,
                {"label": labelled.label, "width": box.width, "height": box.height},
            ),
        ]
    if min(inside.width, inside.height) < SMALLEST_SIDE:
        fits_turned = box.x1 <= height + ROUNDING and box.y1 <= width + ROUNDING
        code = RemarkCode.BOX_TURNED if fits_turned else RemarkCode.BOX_OUTSIDE
        size = {"width": width, "height": height}
        kind = Kind.SWAPPED_BOX if fits_turned else Kind.BOX_OUTSIDE
        return None, [*remarks, Remark(kind, image, code, {"label": labelled.label, **size})]
    if beyond > ROUNDING:
        remarks.append(
            Remark(Kind.BOX_OUTSIDE, image, RemarkCode.BOX_BEYOND, {"label": labelled.label, "pixels": beyond})
        )
    return inside, remarks


def _outlines(labelled: LabelledBox, width: int, height: int, image: str) -> tuple[tuple[Outline, ...], list[Remark]]:
    """The outlines of a box clipped to the image, and the remarks on those that are dropped."""
    kept: list[Outline] = []
    remarks: list[Remark] = []
    for points in labelled.polygons:
        if not is_outline(points):
            remarks.append(
                Remark(
                    Kind.EMPTY_BOX, image, RemarkCode.OUTLINE_INVALID, {"label": labelled.label, "count": len(points)}
                )
            )
            continue
        inside = clipped(points, width, height)
        if len(inside) < 6:
            remarks.append(Remark(Kind.BOX_OUTSIDE, image, RemarkCode.OUTLINE_OUTSIDE, {"label": labelled.label}))
        else:
            kept.append(inside)
    return tuple(kept), remarks


def stretched(labelled: LabelledBox, across: float, down: float) -> LabelledBox:
    """A box and its outlines with x multiplied by ``across`` and y by ``down``."""
    if across == down == 1.0:
        return labelled
    x0, y0, x1, y1 = labelled.box
    box = Box(x0 * across, y0 * down, x1 * across, y1 * down)
    polygons = tuple(
        tuple(value * (down if index % 2 else across) for index, value in enumerate(points))
        for points in labelled.polygons
    )
    return replace(labelled, box=box, polygons=polygons)
