"""A learnt augmentation policy for detection: the second of Zoph et al. 2020 (*v2*), on grey images.

Zoph, Cubuk, Ghiasi, Lin, Shlens, Le (2020), *Learning data augmentation strategies for object detection*. An image goes through
one of fifteen rows, chosen uniformly. A row names two or three operations, each with its probability and its strength from 0
to 10; directions are random. Distances in pixels are those of an image of 640 pixels and grow with the canvas.

Differences for grey images:
    - *Colour* blends an image with its grey version: nothing happens.
    - Boxes that are turned or sheared are tightened as ellipses, as everywhere in Osteon, and not as rectangles.
    - *Contrast* blends with the mean grey level.
"""

from __future__ import annotations

from collections.abc import Callable
from math import radians
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.learning.inputs.augment import Affine, Boxes, Grey

Operation = Literal[
    "auto contrast",
    "box cutout",
    "brightness",
    "colour",
    "contrast",
    "cutout",
    "equalise",
    "rotate",
    "sharpness",
    "shear x",
    "shear y",
    "solarise",
    "solarise add",
    "translate y",
]
Row = tuple[tuple[Operation, float, int], ...]

V2: Final[tuple[Row, ...]] = (
    (("colour", 0.0, 6), ("cutout", 0.6, 8), ("sharpness", 0.4, 8)),
    (("rotate", 0.4, 8), ("sharpness", 0.4, 2), ("rotate", 0.8, 10)),
    (("translate y", 1.0, 8), ("auto contrast", 0.8, 2)),
    (("auto contrast", 0.4, 6), ("shear x", 0.8, 8), ("brightness", 0.0, 10)),
    (("solarise add", 0.2, 6), ("contrast", 0.0, 10), ("auto contrast", 0.6, 0)),
    (("cutout", 0.2, 0), ("solarise", 0.8, 8), ("colour", 1.0, 4)),
    (("translate y", 0.0, 4), ("equalise", 0.6, 8), ("solarise", 0.0, 10)),
    (("translate y", 0.2, 2), ("shear y", 0.8, 8), ("rotate", 0.8, 8)),
    (("cutout", 0.8, 8), ("brightness", 0.8, 8), ("cutout", 0.2, 2)),
    (("colour", 0.8, 4), ("translate y", 1.0, 6), ("rotate", 0.6, 6)),
    (("rotate", 0.6, 10), ("box cutout", 1.0, 4), ("cutout", 0.2, 8)),
    (("rotate", 0.0, 0), ("equalise", 0.6, 6), ("shear y", 0.6, 8)),
    (("brightness", 0.8, 8), ("auto contrast", 0.4, 2), ("brightness", 0.2, 2)),
    (("translate y", 0.4, 8), ("solarise", 0.4, 6), ("solarise add", 0.2, 10)),
    (("contrast", 1.0, 10), ("solarise add", 0.2, 8), ("equalise", 0.2, 4)),
)
"""Rows of operations, each with probability and strength."""

_FILL = 128  # of cut-outs and of what comes in from outside
_CANVAS = 640.0  # side of the image that pixels are counted on
_DEGREES, _SHEAR, _SHIFT = 30.0, 0.3, 120.0  # at strength 10
_CUT, _BOX_CUT, _ADDED = 100.0, 0.75, 110.0
_DARK = 128  # below which *solarise add* adds
_SMOOTH = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13


def apply_policy(canvas: Grey, boxes: Boxes, random: np.random.Generator) -> tuple[Grey, Boxes]:
    """Apply a random row of the policy to an image.

    Args:
        canvas: square, uint8; left as it is.
        boxes: (n, 4) in pixels of the canvas.
        random: the generator.

    Returns:
        The changed image and boxes (n, 4), which may reach beyond it.
    """
    for operation, probability, strength in V2[int(random.integers(len(V2)))]:
        if random.random() < probability:
            canvas, boxes = apply(operation, strength / 10, canvas, boxes, random)
    return canvas, boxes


def apply(
    operation: Operation, strength: float, canvas: Grey, boxes: Boxes, random: np.random.Generator
) -> tuple[Grey, Boxes]:
    """One operation at a strength from 0 to 1; see ``apply_policy``."""
    if operation in _MAPS:
        sign = 1 if random.random() < 0.5 else -1
        return _moved(canvas, boxes, *_MAPS[operation](sign * strength, len(canvas)))
    match operation:
        case "cutout":
            half = np.full(2, strength * _CUT * len(canvas) / _CANVAS)
            return _cut(canvas, random.uniform(0, len(canvas), 2), half), boxes
        case "box cutout":
            if not len(boxes):
                return canvas, boxes
            low, high = boxes[int(random.integers(len(boxes)))].reshape(2, 2)
            return _cut(canvas, random.uniform(low, high), strength * _BOX_CUT * (high - low) / 2), boxes
        case _:
            return _toned(operation, strength, canvas), boxes


def _toned(operation: Operation, strength: float, canvas: Grey) -> Grey:
    """Operations that change grey levels only."""
    factor = 0.1 + 1.8 * strength
    match operation:
        case "sharpness":
            smooth = cv2.filter2D(canvas, -1, _SMOOTH, borderType=cv2.BORDER_REPLICATE)
            return _blended(np.asarray(smooth, np.uint8), canvas, factor)
        case "brightness":
            return _blended(np.zeros_like(canvas), canvas, factor)
        case "contrast":
            return _blended(np.full_like(canvas, round(float(canvas.mean()))), canvas, factor)
        case "auto contrast":
            low, high = int(canvas.min()), int(canvas.max())
            levels = (np.arange(256) - low) * (255.0 / max(high - low, 1))
            return canvas if low == high else _grey(levels)[canvas]
        case "equalise":
            return np.asarray(cv2.equalizeHist(canvas), np.uint8)
        case "solarise":
            return np.where(canvas < strength * 256, canvas, 255 - canvas).astype(np.uint8)
        case "solarise add":
            return np.where(canvas < _DARK, _grey(canvas + strength * _ADDED), canvas).astype(np.uint8)
        case _:  # colour
            return canvas


def _rotation(strength: float, side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    del side
    angle = radians(strength * _DEGREES)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]), np.zeros(2)


def _shear_x(strength: float, side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    del side
    return np.array([[1.0, strength * _SHEAR], [0.0, 1.0]]), np.zeros(2)


def _shear_y(strength: float, side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    del side
    return np.array([[1.0, 0.0], [strength * _SHEAR, 1.0]]), np.zeros(2)


def _translation_y(strength: float, side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.eye(2), np.array([0.0, strength * _SHIFT * side / _CANVAS])


_MAPS: Final[dict[Operation, Callable[[float, int], tuple[NDArray[np.float64], NDArray[np.float64]]]]] = {
    "rotate": _rotation,
    "shear x": _shear_x,
    "shear y": _shear_y,
    "translate y": _translation_y,
}


def _moved(canvas: Grey, boxes: Boxes, matrix: NDArray[np.float64], by: NDArray[np.float64]) -> tuple[Grey, Boxes]:
    """Image and boxes under a map about the middle of the canvas."""
    middle = np.full(2, len(canvas) / 2)
    affine = Affine(matrix, middle + by - matrix @ middle)
    pixels = cv2.warpAffine(
        canvas,
        np.column_stack([affine.matrix, affine.shift]),
        canvas.shape[::-1],
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_FILL,
    )
    return np.asarray(pixels, np.uint8), affine.boxes(boxes)


def _cut(canvas: Grey, centre: NDArray[np.floating], half: NDArray[np.floating]) -> Grey:
    """An image with a rectangle filled, given by its centre (x, y) and half its sides."""
    x0, y0 = np.clip(np.rint(centre - half), 0, len(canvas)).astype(int)
    x1, y1 = np.clip(np.rint(centre + half), 0, len(canvas)).astype(int)
    changed = canvas.copy()
    changed[y0:y1, x0:x1] = _FILL
    return changed


def _blended(first: NDArray[np.uint8], second: NDArray[np.uint8], factor: float) -> Grey:
    """The first at 0, the second at 1, and beyond it in the same direction."""
    return _grey(first + (second.astype(np.float32) - first) * factor)


def _grey(values: NDArray[np.floating]) -> Grey:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
