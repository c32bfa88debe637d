"""How pictures differ from one another though the limb is the same: machine, field, marker."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.data.phantom.beam import Exposure, blur
from osteon.data.phantom.detector import Processing, stamp

Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Style:
    """Machine and habits of one department.

    Attributes:
        exposure: beam and detector.
        processing: how the signal is shown.
        border: ``none``, ``shutter`` (black edges) or ``edge`` (white unexposed strips).
        margins: left, top, right, bottom of the open field, as shares of the picture.
        marker: height of the letter, as a share of the picture's longer edge.
        corner: corner where the letter lies if the limb leaves it free, 0 to 3.
    """

    exposure: Exposure
    processing: Processing
    border: str
    margins: tuple[float, float, float, float]
    marker: float
    corner: int


def draw_style(random: np.random.Generator, heavy: float = 1.0, dose: float = 1.0) -> Style:
    """Draw a department's style; `heavy` scales the scatter (thick parts scatter more), `dose` the quanta."""
    exposure = Exposure(
        photons=float(np.exp(random.uniform(np.log(35e3), np.log(160e3)))) * dose,
        focus=float(random.uniform(0.12, 0.30)),
        scatter=float(np.clip(random.uniform(0.06, 0.2) * heavy, 0.0, 0.6)),
        spread=float(random.uniform(12, 26)),
    )
    processing = Processing(
        flatten=float(random.uniform(0.2, 0.5)) + 0.25 * (dose > 1.0),
        edges=float(random.uniform(0.3, 1.1)),
        halo=float(random.uniform(0.1, 0.45)),
        gamma=float(random.uniform(1.0, 1.4)),
        floor=float(random.uniform(0.015, 0.13)),
        top=float(random.uniform(0.84, 0.95)),
    )
    border = ("none", "shutter", "edge")[int(random.choice(3, p=[0.55, 0.3, 0.15]))]
    chance = 0.35 if border == "edge" else 0.75
    margins = tuple(float(x) for x in random.uniform(0.0, 0.055, 4) * (random.random(4) < chance))
    return Style(
        exposure, processing, border, (margins[0], margins[1], margins[2], margins[3]),
        float(random.uniform(0.028, 0.05)), int(random.integers(0, 4)),
    )  # fmt: skip


def field(style: Style, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels that the collimator leaves open."""
    height, width = shape
    inside = np.zeros(shape, np.bool_)
    left, top, right, bottom = style.margins if style.border != "none" else (0.0, 0.0, 0.0, 0.0)
    inside[
        round(top * height) : height - round(bottom * height), round(left * width) : width - round(right * width)
    ] = True
    return inside


def frame_field(pixels: Image, inside: NDArray[np.bool_], style: Style) -> Image:
    """Close the picture outside the open field."""
    if style.border == "none" or inside.all():
        return pixels
    weight = blur(inside.astype(np.float32), 0.8 if style.border == "shutter" else 1.6)
    outside = np.float32(0.0 if style.border == "shutter" else 0.97)
    return np.asarray(pixels * weight + outside * (1 - weight), dtype=np.float32)


def mark(pixels: Image, letter: str, style: Style, inside: NDArray[np.bool_]) -> None:
    """Put the letter into the freest corner, in place; the style's own corner wins a tie."""
    height, width = pixels.shape
    size = style.marker * max(height, width)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    gap = 0.9 * size
    lefts = (columns[0] + gap, columns[-1] - gap - 0.8 * size)
    bottoms = (rows[0] + gap + size, rows[-1] - gap)
    spots = [(int(lefts[i % 2]), int(bottoms[i // 2])) for i in range(4)]
    small = cv2.blur(pixels, (2 * int(size) + 1, 2 * int(size) + 1))
    levels = [
        float(small[min(max(y - int(size / 2), 0), height - 1), min(max(x + int(size / 3), 0), width - 1)])
        for x, y in spots
    ]
    levels[style.corner] -= 0.03
    best = int(np.argmin(levels))
    stamp(pixels, letter, spots[best], size)
