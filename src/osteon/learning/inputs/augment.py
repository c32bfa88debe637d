"""Augmentation of a training image and of its boxes, by one affine map and one table of grey levels."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, exp, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.inputs.image_degradation import roughen, soften
from osteon.learning.recipe import Augmentation

Grey = NDArray[np.uint8]
Boxes = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Affine:
    """A point p of the cached canvas lies at ``matrix @ p + shift`` in the input."""

    matrix: NDArray[np.float64]
    shift: NDArray[np.float64]

    def boxes(self, boxes: Boxes) -> Boxes:
        """Upright boxes (n, 4) round the images of boxes (n, 4), tightened as an ellipse within the box would be.

        The bounding box of a turned rectangle grows with the angle though its content does not; that of the inscribed
        ellipse stays close to the finding.
        """
        if not len(boxes):
            return boxes.reshape(0, 4)
        corners = boxes.reshape(-1, 2, 2).astype(np.float64)
        centre = corners.mean(1) @ self.matrix.T + self.shift
        half = (corners[:, 1] - corners[:, 0]) / 2
        reach = np.sqrt((half**2) @ (self.matrix**2).T)
        return np.concatenate([centre - reach, centre + reach], 1).astype(np.float32)


def draw_affine(
    side: int, preprocessing: Preprocessing, augmentation: Augmentation, random: np.random.Generator
) -> Affine:
    """A random map from the cached canvas of ``side`` pixels to the input."""
    angle = radians(random.uniform(-augmentation.rotation, augmentation.rotation))
    shear = random.uniform(-augmentation.shear, augmentation.shear)
    turn = np.array([[cos(angle), -sin(angle) + shear], [sin(angle), cos(angle)]])
    flips = np.diag(
        [
            -1.0 if random.random() < share else 1.0
            for share in (augmentation.flip_horizontal, augmentation.flip_vertical)
        ]
    )
    fit = np.diag([preprocessing.width / side, preprocessing.height / side])
    matrix = fit @ turn @ flips @ _zoom(augmentation, random) @ _reshaped(augmentation, random)
    size = np.array([preprocessing.width, preprocessing.height])
    shift = size / 2 + random.uniform(-augmentation.shift, augmentation.shift, 2) * size - matrix @ np.full(2, side / 2)
    return Affine(matrix, shift)


def draw_table(augmentation: Augmentation, random: np.random.Generator) -> NDArray[np.float32]:
    """A random table of 256 grey levels in [0, 1]: gamma and gain, then contrast round mid grey and brightness."""
    levels = np.linspace(0.0, 1.0, 256)
    if augmentation.tone_share >= 1.0 or random.random() < augmentation.tone_share:
        levels = levels ** exp(_within(augmentation.gamma, random))
        levels = levels * _factor(augmentation.gain, augmentation, random)
        levels = (levels - 0.5) * _factor(augmentation.contrast, augmentation, random) + 0.5
        levels += _within(augmentation.brightness, random)
    return np.clip(levels, 0.0, 1.0).astype(np.float32)


def _zoom(augmentation: Augmentation, random: np.random.Generator) -> NDArray[np.float64]:
    """A random scaling: of both axes alike, or of each by itself, where a factor above 1 makes the image smaller."""
    if not augmentation.even_factors:
        return np.eye(2) * exp(random.uniform(-augmentation.zoom, augmentation.zoom))
    largest = exp(augmentation.zoom)
    return np.diag(1 / random.uniform(2 - largest, largest, 2))


def _reshaped(augmentation: Augmentation, random: np.random.Generator) -> NDArray[np.float64]:
    """A random squeeze and quarter turn; changes that are off use no random number."""
    squeeze = _within(augmentation.aspect, random) / 2
    matrix = np.diag([exp(squeeze), exp(-squeeze)])
    if augmentation.turn_share and random.random() < augmentation.turn_share:
        matrix = np.linalg.matrix_power(np.array([[0.0, -1.0], [1.0, 0.0]]), int(random.integers(1, 4))) @ matrix
    return matrix


def _factor(reach: float, augmentation: Augmentation, random: np.random.Generator) -> float:
    """A factor whose logarithm is at most ``reach``, with one or the other distribution."""
    if not augmentation.even_factors:
        return exp(_within(reach, random))
    largest = exp(reach)
    return random.uniform(2 - largest, largest) if reach else 1.0


def _within(reach: float, random: np.random.Generator) -> float:
    """A number between -reach and reach; a change that is off uses no random number."""
    return random.uniform(-reach, reach) if reach else 0.0


def augment(
    canvas: Grey, boxes: Boxes, preprocessing: Preprocessing, augmentation: Augmentation, random: np.random.Generator
) -> tuple[NDArray[np.float32], Boxes]:
    """Change an image and its boxes.

    Args:
        canvas: the cached image, square.
        boxes: (n, 4) in pixels of the canvas.
        preprocessing: the size of the input.
        augmentation: the ranges.
        random: the generator.

    Returns:
        Pixels (H, W) in [0, 1] and boxes (n, 4) in pixels of the input; boxes may reach beyond it.
    """
    affine = draw_affine(canvas.shape[0], preprocessing, augmentation, random)
    matrix = np.column_stack([affine.matrix, affine.shift])
    image = np.asarray(
        cv2.warpAffine(canvas, matrix, (preprocessing.width, preprocessing.height), flags=cv2.INTER_LINEAR), np.uint8
    )
    image = soften(image, augmentation, random)
    return roughen(draw_table(augmentation, random)[image], augmentation, random), affine.boxes(boxes)


def places(boxes: Boxes, preprocessing: Preprocessing, stride: int) -> NDArray[np.float32]:
    """Cells of a map that a box covers: (H / stride, W / stride) of 0 and 1.

    A box covers a cell whose centre lies in it; a box without any such centre covers the cell at its own centre.
    """
    rows, columns = preprocessing.height // stride, preprocessing.width // stride
    target = np.zeros((rows, columns), np.float32)
    for x0, y0, x1, y1 in boxes / stride:
        left, right = _span(x0, x1, columns)
        top, bottom = _span(y0, y1, rows)
        target[top:bottom, left:right] = 1.0
    return target


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    """The cells whose centres lie between two points, at least the one in the middle, clipped to the map."""
    first, last = int(np.ceil(low - 0.5)), int(np.floor(high - 0.5)) + 1
    if first >= last:
        first = int(np.floor((low + high) / 2))
        last = first + 1
    return max(0, min(first, size)), max(0, min(last, size))
