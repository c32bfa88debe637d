"""Text that is burned into pixels: found by its strokes, without a trained network.

Characters are small, sharply bounded, of one brightness, of similar height, and aligned. Strokes brighter and
darker than what is around them are extracted by top-hat filters at several scales; connected components of the shape of a
character are joined to lines, upright and turned by 90 degrees. Three characters in a row are text. One or two alone
are not: a side marker ("L", "R", "RT") is kept. Names and the initials of a radiographer are not distinguished.
Handwriting and cursive scripts are not detected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from osteon.core.geometry import Box
from osteon.deidentify.text.glyphs import Grey8
from osteon.deidentify.text.lines import find_lines

LONGEST: Final = 1600
"""Pixels of the longer edge at which the search starts; larger images are reduced to it."""

_SHORTEST: Final = 420
"""Minimum longer edge of a reduced image, pixels: below it bones would become as sharp as letters."""
_LEVELS: Final = 3
_MARGIN: Final = 0.35
"""Margin of the box of a line of text, as a part of its height."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text.

    Attributes:
        box: in pixels of the image, a margin included.
        characters: number detected.
    """

    box: Box
    characters: int


def find_text(image: Grey8) -> list[Text]:
    """The lines of text in an image of 8 bits, shape (H, W), of either polarity; overlapping lines are merged."""
    found: list[Text] = []
    longest = max(image.shape)
    level = image
    if longest > LONGEST:
        level = _reduced(image, LONGEST / longest)
    for _ in range(_LEVELS):
        if max(level.shape) < _SHORTEST and level is not image:
            break
        scale = image.shape[1] / level.shape[1], image.shape[0] / level.shape[0]
        for turned in (False, True):
            picture = np.ascontiguousarray(np.rot90(level)) if turned else level
            for box, count in find_lines(picture):
                upright = _turn_back(box, level.shape[1]) if turned else box
                found.append(Text(_scaled(upright, scale, image.shape), count))
        level = _reduced(level, 0.5)
    return merge(found)


def _reduced(image: Grey8, factor: float) -> Grey8:
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _turn_back(box: Box, width: int) -> Box:
    """A box of the image turned by 90 degrees counterclockwise, in the upright image of ``width`` columns."""
    return Box(width - box.y1, box.x0, width - box.y0, box.x1)


def _scaled(box: Box, scale: tuple[float, float], shape: tuple[int, ...]) -> Box:
    margin = _MARGIN * min(box.x1 - box.x0, box.y1 - box.y0)
    return Box(
        max(0.0, float(np.floor((box.x0 - margin) * scale[0]))),
        max(0.0, float(np.floor((box.y0 - margin) * scale[1]))),
        min(float(shape[1]), float(np.ceil((box.x1 + margin) * scale[0]))),
        min(float(shape[0]), float(np.ceil((box.y1 + margin) * scale[1]))),
    )


def merge(found: Iterable[Text]) -> list[Text]:
    """Merge boxes that overlap, from the top down, until none do."""
    remaining = sorted(found, key=lambda text: (text.box.y0, text.box.x0))
    while True:
        kept = np.empty((len(remaining), 4))
        counts: list[int] = []
        for text in remaining:
            box, position = np.array(text.box), len(counts)
            merged = kept[:position]
            overlapping = (box[:2] < merged[:, 2:]).all(axis=1) & (merged[:, :2] < box[2:]).all(axis=1)
            if overlapping.any():
                position = int(overlapping.argmax())
                kept[position, :2] = np.minimum(kept[position, :2], box[:2])
                kept[position, 2:] = np.maximum(kept[position, 2:], box[2:])
                counts[position] = max(counts[position], text.characters)
            else:
                kept[position] = box
                counts.append(text.characters)
        merged_texts = [
            Text(Box(*(float(end) for end in box)), count) for box, count in zip(kept, counts, strict=False)
        ]
        if len(merged_texts) == len(remaining):
            return merged_texts
        remaining = merged_texts
