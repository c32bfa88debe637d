"""Sorting out the boxes of a dataset: what is usable goes on, what is not is counted with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from osteon.core.geometry import Box
from osteon.data.case import FileFacts, LabelledBox
from osteon.data.remark import Kind, Remark

SMALLEST_SIDE: Final = 1e-3
"""Boxes with a shorter side (px) are slips of the mouse; VinDr-SpineXR has some."""

_ROUNDING: Final = 1.0
"""A box that reaches beyond the image by no more than this (px) is clipped without a remark."""


def usable(
    marked: Iterable[LabelledBox], facts: FileFacts, image: str
) -> tuple[tuple[LabelledBox, ...], tuple[Remark, ...]]:
    """Bring the boxes of one image into the frame of the loaded image, and drop or mend those that do not fit.

    Every reader's boxes pass here, so that boxes and pixels agree: a DICOM image whose pixels are not square is
    resampled when it is loaded, and boxes that count its stored pixels are stretched alike. Turned corners are
    exchanged, what reaches beyond the image is clipped, what is then empty is dropped; each with a remark.

    Args:
        marked: boxes in the pixels that the dataset counts: ``facts.annotated``.
        facts: of the image.
        image: its path, for the remarks.

    Returns:
        boxes in pixels of the loaded image with ``0 <= x0 < x1 <= facts.width`` and ``0 <= y0 < y1 <= facts.height``,
        and the remarks, which count pixels as the dataset does.
    """
    width, height = facts.annotated
    kept: list[LabelledBox] = []
    remarks: list[Remark] = []
    for one in marked:
        box = one.box
        if not all(abs(value) < float("inf") for value in box):
            remarks.append(Remark(Kind.EMPTY_BOX, image, f"{one.label}: a corner is not a number; box dropped"))
            continue
        if box.x1 < box.x0 or box.y1 < box.y0:
            box = Box(min(box.x0, box.x1), min(box.y0, box.y1), max(box.x0, box.x1), max(box.y0, box.y1))
            remarks.append(Remark(Kind.SWAPPED_BOX, image, f"{one.label}: corners in the wrong order; exchanged"))
        clipped = box.clipped(width, height)
        beyond = max(abs(a - b) for a, b in zip(box, clipped, strict=True))
        if min(box.width, box.height) < SMALLEST_SIDE:
            remarks.append(
                Remark(Kind.EMPTY_BOX, image, f"{one.label}: {box.width:.4g} x {box.height:.4g} px; box dropped")
            )
            continue
        if min(clipped.width, clipped.height) < SMALLEST_SIDE:
            fits_turned = box.x1 <= height + _ROUNDING and box.y1 <= width + _ROUNDING
            why = "x and y look exchanged" if fits_turned else "it lies outside the image"
            kind = Kind.SWAPPED_BOX if fits_turned else Kind.BOX_OUTSIDE
            remarks.append(Remark(kind, image, f"{one.label}: {why} ({width} x {height} px); box dropped"))
            continue
        if beyond > _ROUNDING:
            remarks.append(
                Remark(Kind.BOX_OUTSIDE, image, f"{one.label}: reaches {beyond:.1f} px beyond the image; clipped")
            )
        kept.append(stretched(replace(one, box=clipped), facts.width / width, facts.height / height))
    return tuple(kept), tuple(remarks)


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
