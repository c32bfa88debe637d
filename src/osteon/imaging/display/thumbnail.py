"""Small pictures of radiographs."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

THUMBNAIL: Final = 192
"""The longer side of a thumbnail, pixels."""


def thumbnail(pixels: NDArray[np.float32]) -> bytes:
    """A small JPEG of a radiograph (H, W) whose longer side has ``THUMBNAIL`` pixels; it is never enlarged."""
    import cv2

    scale = min(1.0, THUMBNAIL / max(pixels.shape))
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1.0 else pixels
    grey = np.rint(np.clip(small, 0.0, 1.0) * 255.0).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 82])
    return encoded.tobytes()
