"""Lead letters and printed captions."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.phantom.acquisition.style import Marker

Image = NDArray[np.float32]

FONTS: tuple[int, ...] = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX)


def mark(pixels: Image, letter: str, caption: str, marker: Marker, inside: NDArray[np.bool_]) -> None:
    """Draw the letter, in place, in the darkest corner (the marker's own corner where several are about equal).

    Args:
        pixels: float32 (H, W) in [0, 1], changed in place.
        letter: R or L.
        caption: text of the caption, for departments that print one.
        marker: size, corner and typeface.
        inside: mask (H, W) of the open field.
    """
    if not marker.shown and not marker.caption:
        return
    height, width = pixels.shape
    size = max(marker.height * max(height, width), 5.0)
    spots = _spots(pixels, inside, size, marker.corner)
    if marker.shown:
        stamp(pixels, letter, spots[0], size, marker)
        if marker.initials:
            below = spots[0][0], spots[0][1] + 1.1 * size
            stamp(pixels, marker.initials, below, 0.45 * size, marker)
    if marker.caption:
        text = cv2.getTextSize(caption, FONTS[0], 0.45 * size / 22.0, 1)[0][0]
        x, y = spots[1]
        printed = Marker(True, marker.height, marker.corner, 0.0, marker.grey, 0, "", False)
        middle = min(max(x, 0.55 * text + 2), width - 0.55 * text - 2)
        stamp(pixels, caption, (middle, y), 0.45 * size, printed)


def _spots(pixels: Image, inside: NDArray[np.bool_], size: float, corner: int) -> list[tuple[float, float]]:
    """Centres of the four corners of the open field, from the darkest to the brightest."""
    height, width = pixels.shape
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    gap = 1.6 * size
    xs = float(columns[0]) + gap, float(columns[-1]) - gap
    ys = float(rows[0]) + gap, float(rows[-1]) - gap
    reach = int(size)
    ranked: list[tuple[float, tuple[float, float]]] = []
    for i in range(4):
        x, y = xs[i % 2], ys[i // 2]
        left, top = max(int(x) - reach, 0), max(int(y) - reach, 0)
        patch = pixels[top : min(int(y) + reach, height), left : min(int(x) + reach, width)]
        ranked.append((float(patch.mean()) - 0.03 * (i == corner), (x, y)))
    return [spot for _, spot in sorted(ranked)]


def stamp(pixels: Image, text: str, middle: tuple[float, float], size: float, marker: Marker) -> None:
    """Draw a text on the image, in place.

    Args:
        pixels: float32 (H, W) in [0, 1], changed in place.
        text: a few letters.
        middle: column and row of its centre, pixels.
        size: height of the letters in pixels.
        marker: font, grey and rotation.
    """
    font, scale = FONTS[marker.font], size / 22.0
    thick = max(round(size / 7), 1)
    (wide, high), _ = cv2.getTextSize(text, font, scale, thick)
    half = int(0.75 * max(wide, high)) + 3
    layer = np.zeros((2 * half, 2 * half), np.uint8)
    cv2.putText(layer, text, (half - wide // 2, half + high // 2), font, scale, 255, thick, cv2.LINE_AA)
    if marker.turn:
        turn = cv2.getRotationMatrix2D((half, half), marker.turn, 1.0)
        layer = cv2.warpAffine(layer, turn, (2 * half, 2 * half))
    height, width = pixels.shape
    left, top = int(middle[0]) - half, int(middle[1]) - half
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + 2 * half, width), min(top + 2 * half, height)
    if x0 >= x1 or y0 >= y1:
        return
    weight = layer[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32) * np.float32(1 / 255)
    patch = pixels[y0:y1, x0:x1]
    patch += weight * (np.float32(marker.grey) - patch)
