"""Images of nothing: clouds, gradients, noise, stripes and plain shapes. Synthetic."""

from __future__ import annotations

import cv2
import numpy as np

from osteon.core.records import Pixels
from osteon.learning.gate.counterexamples.canvas import blank, displayed, ellipse, field, grain, inside, paint, wobbled


def texture(rng: np.random.Generator) -> Pixels:
    """Clouds of many scales, gradients, stripes or blurred noise."""
    image = blank(rng)
    shape = image.shape
    way = int(rng.integers(0, 4))
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    if way == 0:
        for level in range(1, 8):
            image = image + rng.uniform(0.3, 1) * 0.5**level * field(rng, shape, max(2.0 / min(shape), 0.5**level))
        image = 0.5 + image / (4 * image.std())
    elif way == 1:
        angle = rng.uniform(0, 2 * np.pi)
        image = 0.5 + (np.cos(angle) * (rows / shape[0] - 0.5) + np.sin(angle) * (columns / shape[1] - 0.5))
    elif way == 2:
        angle, period = rng.uniform(0, np.pi), rng.uniform(0.03, 0.3) * min(shape)
        image = 0.5 + 0.4 * np.sin((np.cos(angle) * rows + np.sin(angle) * columns) * 2 * np.pi / period)
    else:
        image = grain(rng, image + 0.5, 0.2, rng.uniform(1, 12))
    return displayed(rng, grain(rng, image.astype(np.float32), rng.uniform(0, 0.05)))


def shapes(rng: np.random.Generator) -> Pixels:
    """Plain blobs of different greys on a plain ground."""
    image = blank(rng) + np.float32(rng.choice([rng.uniform(0, 0.15), rng.uniform(0.3, 0.9)]))
    for _ in range(int(rng.integers(1, 14))):
        where = (rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9))
        blob = ellipse(image.shape, where, (rng.uniform(0.03, 0.35), rng.uniform(0.03, 0.35)), rng.uniform(0, 180))
        mask = inside(wobbled(rng, blob, rng.uniform(0, 0.3)), rng.uniform(0.01, 0.2))
        image = paint(image, mask, rng.uniform(0, 1) + rng.uniform(0, 0.1) * field(rng, image.shape, 0.05))
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 3)), np.float32)
    return displayed(rng, grain(rng, image, rng.uniform(0, 0.04)))
