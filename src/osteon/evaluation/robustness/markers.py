"""Lead letters and other small bright things beside the limb: found and painted over, or painted in."""

from __future__ import annotations

from typing import Final, cast

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from osteon.core.records import Pixels
from osteon.stats.checks import Booleans

_BRIGHT: Final = 0.5
"""Least contrast to the surroundings."""

_DARK: Final = 0.4
"""Surroundings of a marker are darker than this: air, or soft tissue at most."""

_LARGEST: Final = 0.13
_SMALLEST: Final = 0.014
"""Longer side of a marker over that of the image."""

_SIDE: Final = 500
"""Markers are sought at this size."""


def markers(pixels: Pixels) -> Booleans:
    """Pixels of small bright things that stand alone on dark ground, bool (H, W).

    A white top-hat keeps what is brighter than its surroundings and smaller than a marker; of its connected parts
    those stay whose ring is dark. Screws and jewellery may be among them, thin bones hardly: they are longer.
    """
    rows, columns = pixels.shape
    scale = min(1.0, _SIDE / max(rows, columns))
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    side = max(size)
    reach = 2 * round(_LARGEST * side / 2) + 1
    ground = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8))
    bright = (small - ground >= _BRIGHT).astype(np.uint8)
    # Strokes of one letter belong together.
    joined = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8))
    count, parts, facts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = np.zeros(small.shape, np.uint8)
    for number in range(1, count):
        left, top, width, height = facts[number, :4].tolist()
        edge = left == 0 or top == 0 or left + width == size[0] or top + height == size[1]
        if edge or not _SMALLEST * side <= max(width, height) <= _LARGEST * side:
            continue
        own = (parts == number).astype(np.uint8)
        ring = cv2.dilate(own, np.ones((9, 9), np.uint8)) - cv2.dilate(own, np.ones((5, 5), np.uint8))
        if float(np.quantile(small[ring > 0], 0.92)) < _DARK:
            found |= own
    found = cv2.dilate(found, np.ones((7, 7), np.uint8))
    return cv2.resize(found, (columns, rows), interpolation=cv2.INTER_NEAREST).astype(bool)


def without_markers(pixels: Pixels) -> Pixels:
    """The image with its markers painted over by what is around them; the same array where there are none."""
    mask = markers(pixels)
    if not mask.any():
        return pixels
    eight = np.rint(pixels * 255).astype(np.uint8)
    filled = cv2.inpaint(eight, mask.astype(np.uint8), 3, cv2.INPAINT_TELEA).astype(np.float32) / np.float32(255)
    return np.where(mask, filled, pixels).astype(np.float32)


def painted(pixels: Pixels, letter: str, height: float) -> Pixels:
    """The image with a white letter in its darkest corner.

    Args:
        pixels: (H, W) in [0, 1].
        letter: to paint.
        height: of the letter over the image's longer side.
    """
    rows, columns = pixels.shape
    size = max(8, round(height * max(rows, columns)))
    # Capitals of Pillow's own font are 0.73 of its size high.
    font = cast("ImageFont.FreeTypeFont", ImageFont.load_default(size / 0.73))
    left, top, right, bottom = (round(side) for side in font.getbbox(letter))
    stamp = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(stamp).text((-left, -top), letter, 255, font, stroke_width=0)
    ink = np.asarray(stamp, np.float32) / np.float32(255)
    ink = ink[: rows // 2, : columns // 2]
    if not ink.size:
        return pixels
    margin_y, margin_x = (
        min(round(0.04 * max(rows, columns)), (whole - part) // 2)
        for whole, part in zip((rows, columns), ink.shape, strict=True)
    )
    places = [
        (y, x)
        for y in (margin_y, rows - margin_y - ink.shape[0])
        for x in (margin_x, columns - margin_x - ink.shape[1])
    ]
    y, x = min(places, key=lambda at: float(pixels[at[0] : at[0] + ink.shape[0], at[1] : at[1] + ink.shape[1]].mean()))
    result = pixels.copy()
    part = result[y : y + ink.shape[0], x : x + ink.shape[1]]
    np.maximum(part, ink, out=part)
    return result
