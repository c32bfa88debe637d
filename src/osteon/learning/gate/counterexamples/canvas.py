"""What synthetic images are drawn with: soft shapes, grain and display, all on float32 images (H, W) in [0, 1]."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.records import Pixels

Values = NDArray[np.floating[Any]]
"""An image or a map while it is drawn."""

_LOW: Final = 1e-6


def blank(rng: np.random.Generator, shortest: int = 200, longest: int = 480, aspect: float = 1.35) -> Pixels:
    """A black image of random size; the ratio of its sides is at most ``aspect``."""
    side = int(rng.integers(shortest, longest))
    other = int(side * rng.uniform(1.0, aspect))
    shape = (side, other) if rng.random() < 0.5 else (other, side)
    return np.zeros(shape, np.float32)


def ellipse(
    shape: tuple[int, ...], centre: tuple[float, float], radii: tuple[float, ...], angle: float = 0.0
) -> NDArray[np.float32]:
    """How deep each pixel lies within an ellipse: 1 at its centre, 0 on its border, negative outside.

    Args:
        shape: (H, W).
        centre: (row, column), as shares of height and width.
        radii: two, along rows and columns, as shares of the shorter side.
        angle: in degrees.
    """
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    side = min(shape[:2])
    y, x = (rows - centre[0] * shape[0]) / side, (columns - centre[1] * shape[1]) / side
    turn = np.deg2rad(angle)
    u, v = y * np.cos(turn) + x * np.sin(turn), -y * np.sin(turn) + x * np.cos(turn)
    return (1.0 - np.sqrt((u / radii[0]) ** 2 + (v / radii[1]) ** 2 + _LOW)).astype(np.float32)


def wobbled(rng: np.random.Generator, depth: Values, amount: float, scale: float = 0.12) -> Pixels:
    """A depth map whose border is made irregular."""
    return np.asarray(depth + amount * field(rng, depth.shape, scale), np.float32)


def inside(depth: Values, softness: float = 0.03) -> Pixels:
    """A soft mask of a depth map: 1 inside, 0 outside."""
    return (1.0 / (1.0 + np.exp(-np.clip(depth / softness, -30, 30)))).astype(np.float32)


def ring(depth: Values, width: float, softness: float = 0.015) -> Pixels:
    """A soft mask of the outermost part of a depth map."""
    return np.asarray(inside(depth, softness) * (1.0 - inside(depth - width, softness)), np.float32)


def paint(image: Values, mask: Values, value: float | np.floating[Any] | Values) -> Pixels:
    """The image with a value where the mask is 1."""
    return np.asarray(image * (1.0 - mask) + mask * np.asarray(value, np.float32), np.float32)


def field(rng: np.random.Generator, shape: tuple[int, ...], scale: float) -> Pixels:
    """Smooth noise of mean 0 and standard deviation 1; ``scale`` is the size of its blobs as a share of the shorter side."""
    cells = max(2, round(1.0 / scale))
    size = (max(2, round(cells * shape[0] / min(shape[:2]))), max(2, round(cells * shape[1] / min(shape[:2]))))
    coarse = rng.standard_normal(size).astype(np.float32)
    smooth = np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)
    return (smooth - smooth.mean()) / (smooth.std() + 1e-6)


def grain(rng: np.random.Generator, image: Values, amount: float, blur: float = 0.0) -> Pixels:
    """The image with noise, as of a receiver; ``blur`` in pixels makes it coarser."""
    noise = rng.standard_normal(image.shape).astype(np.float32)
    if blur > 0:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), blur), np.float32)
        noise /= noise.std() + 1e-6
    return np.asarray(image + amount * noise, np.float32)


def coarse(rng: np.random.Generator, image: Values, least: int = 96, most: int = 320) -> Pixels:
    """The image as one acquired with a small matrix and magnified."""
    side = int(rng.integers(least, most))
    scale = side / min(image.shape)
    if scale >= 1:
        return np.asarray(image, np.float32)
    size = (max(16, round(image.shape[1] * scale)), max(16, round(image.shape[0] * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    way = cv2.INTER_CUBIC if rng.random() < 0.7 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(small, image.shape[::-1], interpolation=way), np.float32)


def displayed(rng: np.random.Generator, image: Values, gamma: tuple[float, float] = (0.7, 1.5)) -> Pixels:
    """The image in [0, 1], with a random gamma."""
    return np.clip(np.clip(image, 0, 1) ** np.float32(rng.uniform(*gamma)), 0, 1).astype(np.float32)


def lettered(rng: np.random.Generator, image: Values, lines: int) -> Pixels:
    """The image with short words burnt in at its borders, as viewers do."""
    rows, columns = image.shape
    for _ in range(lines):
        word = "".join(rng.choice(list("ABCDEFGHKLMNPRSTVW0123456789.:/-"), int(rng.integers(3, 12))))
        size = float(rng.uniform(0.3, 0.6)) * min(rows, columns) / 400
        y = int(rng.choice([rng.uniform(0.03, 0.2), rng.uniform(0.82, 0.98)]) * rows)
        x = int(rng.choice([rng.uniform(0.01, 0.05), rng.uniform(0.75, 0.9)]) * columns)
        image = written(image, word, (x, y), size, float(rng.uniform(0.6, 1)))
    return np.asarray(image, np.float32)


def written(image: Values, text: str, place: tuple[int, int], size: float, grey: float) -> Pixels:
    """The image with a line of text whose first letter stands at ``place`` (column, row)."""
    mask = np.zeros(image.shape, np.uint8)
    cv2.putText(mask, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, 255, 1, cv2.LINE_AA)
    return paint(image, mask.astype(np.float32) / np.float32(255), grey)
