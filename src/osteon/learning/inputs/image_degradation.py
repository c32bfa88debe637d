"""Random degradation of training images: smaller size, blur, noise, and JPEG compression.

A degradation that is off uses no random number, so that adding one does not change the runs without it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.learning.recipe import Augmentation

Grey = NDArray[np.uint8]
Pixels = NDArray[np.float32]

_FINEST: Final = 95  # quality above which JPEG is not distinguishable from the original


def soften(image: Grey, augmentation: Augmentation, random: np.random.Generator) -> Grey:
    """Reduce sharpness: made smaller and enlarged again, then blurred. Grey levels (H, W) in and out."""
    if augmentation.shrink_share and random.random() < augmentation.shrink_share:
        rows, columns = image.shape
        factor = random.uniform(1.0, augmentation.shrink)
        smaller = max(1, round(columns / factor)), max(1, round(rows / factor))
        shrunk = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
        image = np.asarray(cv2.resize(shrunk, (columns, rows), interpolation=cv2.INTER_LINEAR), np.uint8)
    if random.random() < augmentation.blur_share:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), random.uniform(0.3, augmentation.blur)), np.uint8)
    return image


def roughen(pixels: Pixels, augmentation: Augmentation, random: np.random.Generator) -> Pixels:
    """Add noise, then JPEG artefacts. Pixels (H, W) in [0, 1] in and out."""
    if random.random() < augmentation.noise_share:
        deviation = np.float32(random.uniform(0.0, augmentation.noise))
        noisy = pixels + deviation * random.standard_normal(pixels.shape, np.float32)
        pixels = np.clip(noisy, 0.0, 1.0).astype(np.float32)
    if augmentation.jpeg_share and random.random() < augmentation.jpeg_share:
        quality = int(random.integers(augmentation.jpeg, _FINEST + 1))
        _, code = cv2.imencode(".jpg", np.round(pixels * 255.0).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
        pixels = np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), np.float32) / np.float32(255.0)
    return pixels
