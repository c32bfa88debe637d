"""Sorting out the boxes of a dataset: what is usable goes on, what is not is counted with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from osteon.core.geometry import Box
from osteon.data.formats.outlines import ROUNDING, Outline, clipped, is_outline
from osteon.data.table.case import FileFacts, LabelledBox
from osteon.data.table.remark import Kind, Remark

SMALLEST_SIDE: Final = 1e-3
"""Boxes with a shorter side (px) are slips of the mouse; VinDr-SpineXR has some."""


class Usable(NamedTuple):
    """The boxes of one image that can be used, and what became of the others.

    Attributes:
        boxes: in pixels of the loaded image, with ``0 <= x0 < x1 <= width`` and ``0 <= y0 < y1 <= height``.
        remarks: what was mended or dropped; they count pixels as the dataset does.
        lost: labels of the boxes that were dropped. Something was seen there, so that these labels are not 0.
    """

    boxes: tuple[LabelledBox, ...]
    remarks: tuple[Remark, ...]
    lost: frozenset[str]

    @property
    def present(self) -> frozenset[str]:
        """Labels of the boxes."""
        return frozenset(one.label for one in self.boxes)


def usable(marked: Iterable[LabelledBox], facts: FileFacts, image: str) -> Usable:
    """Bring the boxes of one image into the frame of the loaded image, and drop or mend those that do not fit.

    Every parser's boxes pass here, so that boxes and pixels agree: a DICOM image whose pixels are not square is
    resampled when it is loaded, and boxes that count its stored pixels are stretched alike. Turned corners are
    exchanged, what reaches beyond the image is clipped, boxes and outlines alike, what is then empty is dropped; each
    with a remark.

    Args:
        marked: boxes in the pixels that the dataset counts: ``facts.annotated``.
        facts: of the image.
        image: its path, for the remarks.
    """
    width, height = facts.annotated
    listed = list(marked)
    kept: list[LabelledBox] = []
    lost: set[str] = set()
    remarks = [
        Remark(Kind.LISTED_TWICE, image, f"{one.label}: the same box {count} times; kept")
        for one, count in Counter(listed).items()
        if count > 1
    ]
    for one in listed:
        box, odd = _fitting(one, width, height, image)
        remarks += odd
        if box is None:
            lost.add(one.label)
            continue
        outlines, odd = _outlines(one, width, height, image)
        remarks += odd
        new = replace(one, box=box, polygons=outlines)
        kept.append(stretched(new, facts.width / width, facts.height / height))
    return Usable(tuple(kept), tuple(remarks), frozenset(lost))


def _fitting(one: LabelledBox, width: int, height: int, image: str) -> tuple[Box | None, list[Remark]]:
    """A box as it lies within the image, or None, and what is to be said."""
    box = one.box
    remarks: list[Remark] = []
    if not all(abs(value) < float("inf") for value in box):
        text = f"{one.label}: a corner is missing or not a number; box dropped"
        return None, [Remark(Kind.EMPTY_BOX, image, text)]
    if box.x1 < box.x0 or box.y1 < box.y0:
        box = Box(min(box.x0, box.x1), min(box.y0, box.y1), max(box.x0, box.x1), max(box.y0, box.y1))
        remarks.append(Remark(Kind.SWAPPED_BOX, image, f"{one.label}: corners in the wrong order; exchanged"))
    inside = box.clipped(width, height)
    beyond = max(abs(a - b) for a, b in zip(box, inside, strict=True))
    if min(box.width, box.height) < SMALLEST_SIDE:
        text = f"{one.label}: {box.width:.4g} x {box.height:.4g} px; box dropped"
        return None, [*remarks, Remark(Kind.EMPTY_BOX, image, text)]
    if min(inside.width, inside.height) < SMALLEST_SIDE:
        fits_turned = box.x1 <= height + ROUNDING and box.y1 <= width + ROUNDING
        why = "x and y look exchanged" if fits_turned else "it lies outside the image"
        kind = Kind.SWAPPED_BOX if fits_turned else Kind.BOX_OUTSIDE
        return None, [*remarks, Remark(kind, image, f"{one.label}: {why} ({width} x {height} px); box dropped")]
    if beyond > ROUNDING:
        text = f"{one.label}: reaches {beyond:.1f} px beyond the image; clipped"
        remarks.append(Remark(Kind.BOX_OUTSIDE, image, text))
    return inside, remarks


def _outlines(one: LabelledBox, width: int, height: int, image: str) -> tuple[tuple[Outline, ...], list[Remark]]:
    """The outlines of a box as they lie within the image, and what is to be said of those that do not."""
    kept: list[Outline] = []
    remarks: list[Remark] = []
    for points in one.polygons:
        if not is_outline(points):
            text = f"{one.label}: {len(points)} numbers, or some not finite, are no outline; dropped, its box kept"
            remarks.append(Remark(Kind.EMPTY_BOX, image, text))
            continue
        inside = clipped(points, width, height)
        if len(inside) < 6:
            remarks.append(Remark(Kind.BOX_OUTSIDE, image, f"{one.label}: an outline lies outside the image; dropped"))
        else:
            kept.append(inside)
    return tuple(kept), remarks


def stretched(one: LabelledBox, across: float, down: float) -> LabelledBox:
    """A box and its outlines with x multiplied by ``across`` and y by ``down``."""
    if across == down == 1.0:
        return one
    x0, y0, x1, y1 = one.box
    box = Box(x0 * across, y0 * down, x1 * across, y1 * down)
    polygons = tuple(
        tuple(value * (down if index % 2 else across) for index, value in enumerate(points)) for points in one.polygons
    )
    return replace(one, box=box, polygons=polygons)
