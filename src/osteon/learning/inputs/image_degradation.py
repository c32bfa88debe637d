"""What a film loses on its way to the reader, drawn at random: size, sharpness, quiet, and the detail that JPEG leaves out.

Turning a change on moves no draw of the runs that leave it off.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.learning.recipe import Augmentation

Grey = NDArray[np.uint8]
Pixels = NDArray[np.float32]

_FINEST: Final = 95  # quality above which JPEG is not told from the original


def soften(image: Grey, what: Augmentation, random: np.random.Generator) -> Grey:
    """Take sharpness: made smaller and enlarged again, then blurred. Grey levels (H, W) in and out."""
    if what.shrink_share and random.random() < what.shrink_share:
        rows, columns = image.shape
        factor = random.uniform(1.0, what.shrink)
        smaller = max(1, round(columns / factor)), max(1, round(rows / factor))
        shrunk = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
        image = np.asarray(cv2.resize(shrunk, (columns, rows), interpolation=cv2.INTER_LINEAR), np.uint8)
    if random.random() < what.blur_share:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), random.uniform(0.3, what.blur)), np.uint8)
    return image


def roughen(pixels: Pixels, what: Augmentation, random: np.random.Generator) -> Pixels:
    """Add noise, then what JPEG adds. Pixels (H, W) in [0, 1] in and out."""
    if random.random() < what.noise_share:
        deviation = np.float32(random.uniform(0.0, what.noise))
        noisy = pixels + deviation * random.standard_normal(pixels.shape, np.float32)
        pixels = np.clip(noisy, 0.0, 1.0).astype(np.float32)
    if what.jpeg_share and random.random() < what.jpeg_share:
        quality = int(random.integers(what.jpeg, _FINEST + 1))
        _, code = cv2.imencode(".jpg", np.round(pixels * 255.0).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
        pixels = np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), np.float32) / np.float32(255.0)
    return pixels
