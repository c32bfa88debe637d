"""Quantities of a picture that tell that something about pictures has changed; of its thumbnail, so that they cost nothing."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.imaging.display.thumbnail import thumbnail

_DARK: Final = 0.1
_BRIGHT: Final = 0.9
_CORNER: Final = 0.12
"""Part of each side that is a corner: where collimation leaves black, and where markers are burned in."""


def measure(small: bytes) -> dict[str, float]:
    """Quantities of a thumbnail (JPEG), nothing where it cannot be decoded.

    Shares and brightness lie in [0, 1]; ``sharpness`` is the standard deviation of the Laplacian.
    """
    import cv2

    grey = cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_GRAYSCALE) if small else None
    if grey is None:
        return {}
    values = grey.astype(np.float32) / 255.0
    rows, columns = (max(1, round(side * _CORNER)) for side in values.shape)
    corners = (values[:rows, :columns], values[:rows, -columns:], values[-rows:, :columns], values[-rows:, -columns:])
    edges = cv2.Laplacian(values, cv2.CV_32F)
    return {
        "brightness": float(values.mean()),
        "contrast": float(values.std()),
        "dark_share": float((values < _DARK).mean()),
        "bright_share": float((values > _BRIGHT).mean()),
        "corner_brightness": float(max(corner.max() for corner in corners)),
        "sharpness": float(edges.std()),
    }


def measure_pixels(pixels: NDArray[np.float32]) -> dict[str, float]:
    """The same of a radiograph (H, W) in [0, 1]."""
    return measure(thumbnail(pixels))
