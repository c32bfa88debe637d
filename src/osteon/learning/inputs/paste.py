"""Pasting a finding of one image into another (Ghiasi et al. 2021, *Simple copy-paste*), for want of fractures.

The box of the finding with some of its surroundings is laid over a random place of tissue, brought to the brightness and the
contrast that are there, and blended in by an ellipse with soft edges. It is no anatomy: what helps is measured, not presumed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.learning.inputs.augment import Boxes, Grey

_AROUND: Final = 1.6  # side of what is pasted, in sides of the box
_LEAST: Final = 12  # and at least, in pixels of the canvas
_TISSUE: Final = 60  # percentile of the grey levels above which a place may be tissue
_DARK: Final = 20  # grey level below which it is none
_CONTRAST: Final = (0.5, 2.0)  # by which the contrast of what is pasted may change


class Pasted(NamedTuple):
    """An image with a finding more, and where that is, (4,) in pixels of the canvas."""

    canvas: Grey
    box: NDArray[np.float32]


def paste(canvas: Grey, donor: Grey, boxes: Boxes, random: np.random.Generator) -> Pasted | None:
    """Paste one of the findings of ``donor`` into an image.

    Args:
        canvas: the image (H, W); it stays as it is.
        donor: an image of the same size.
        boxes: of its findings, (n, 4) in pixels of the canvas, n at least 1.
        random: the generator.

    Returns:
        The new image, or None where there is no room.
    """
    box = boxes[int(random.integers(len(boxes)))]
    middle, half = (box[:2] + box[2:]) / 2, np.maximum((box[2:] - box[:2]) * _AROUND, _LEAST) / 2
    rows, columns = donor.shape
    left, top = np.maximum(np.floor(middle - half), 0).astype(int)
    right, bottom = np.minimum(np.ceil(middle + half), (columns, rows)).astype(int)
    patch = donor[top:bottom, left:right].astype(np.float32)
    height, width = patch.shape
    limit = max(float(np.percentile(canvas, _TISSUE)), _DARK)
    inner = canvas[height // 2 : rows - height + height // 2 + 1, width // 2 : columns - width + width // 2 + 1]
    places = np.flatnonzero(inner > limit)
    if min(height, width) < 2 or not len(places):
        return None
    y, x = divmod(int(places[int(random.integers(len(places)))]), inner.shape[1])
    there = canvas[y : y + height, x : x + width].astype(np.float32)
    gain = np.clip(there.std() / max(float(patch.std()), 1.0), *_CONTRAST)
    fitted = (patch - patch.mean()) * gain + there.mean()
    soft = _ellipse(height, width)
    changed = canvas.copy()
    changed[y : y + height, x : x + width] = np.clip(np.rint(there + (fitted - there) * soft), 0, 255).astype(np.uint8)
    shift = np.array([x - left, y - top, x - left, y - top], np.float32)
    return Pasted(changed, (box + shift).astype(np.float32))


def _ellipse(height: int, width: int) -> NDArray[np.float32]:
    """1 in the middle, 0 at the edge, (height, width)."""
    mask = np.zeros((height, width), np.float32)
    axes = (max(1, round(0.38 * width)), max(1, round(0.38 * height)))
    cv2.ellipse(mask, (width // 2, height // 2), axes, 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.5, 0.08 * min(height, width))), np.float32)
