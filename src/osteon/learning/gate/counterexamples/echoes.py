"""Images like those of ultrasound: a fan or a rectangle of speckle on black. Synthetic."""

from __future__ import annotations

import cv2
import numpy as np

from osteon.core.records import Pixels
from osteon.learning.gate.counterexamples.canvas import (
    blank,
    displayed,
    ellipse,
    field,
    grain,
    inside,
    lettered,
    wobbled,
)


def ultrasound(rng: np.random.Generator) -> Pixels:
    """Speckle within a fan (heart, abdomen) or a rectangle (soft tissue), with dark chambers and bright walls."""
    image = blank(rng, aspect=1.5)
    shape = image.shape
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    y, x = rows / shape[0], (columns / shape[1] - 0.5) * shape[1] / shape[0]
    if rng.random() < 0.75:
        apex, half = rng.uniform(-0.25, 0.05), rng.uniform(0.45, 0.85)
        radius, angle = np.hypot(y - apex, x), np.arctan2(x, y - apex)
        near = max(0.0, 0.02 - apex) + rng.uniform(0, 0.05)
        area = (np.abs(angle) < half) & (radius > near) & (radius < rng.uniform(0.8, 0.98) - apex)
        depth = radius / radius.max()
    else:
        area = (np.abs(x) < rng.uniform(0.3, 0.5)) & (y > 0.03) & (y < rng.uniform(0.8, 0.97))
        depth = y
    tissue = rng.uniform(0.25, 0.5) + rng.uniform(0.05, 0.2) * field(rng, shape, rng.uniform(0.1, 0.3))
    for _ in range(int(rng.integers(1, 6))):
        where = (rng.uniform(0.2, 0.8), rng.uniform(0.3, 0.7))
        chamber = ellipse(shape, where, (rng.uniform(0.05, 0.2), rng.uniform(0.04, 0.14)), rng.uniform(0, 180))
        chamber = wobbled(rng, chamber, 0.15)
        tissue = tissue * (1 - inside(chamber, 0.06) * rng.uniform(0.6, 1))
        tissue = tissue + rng.uniform(0.1, 0.5) * np.exp(-((chamber / 0.08) ** 2))
    for _ in range(int(rng.integers(0, 5))):
        level = rng.uniform(0.1, 0.9) + 0.05 * field(rng, shape, 0.3)
        tissue = tissue + rng.uniform(0.2, 0.5) * np.exp(-(((depth - level) / 0.012) ** 2))
    size = rng.uniform(0.8, 2.5)
    speckle = np.abs(cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), 2 * size, None, size))
    speckle = np.asarray(speckle / speckle.mean(), np.float32)
    image = np.where(area, np.clip(tissue, 0, None) * speckle ** rng.uniform(0.5, 1.0), 0.0).astype(np.float32)
    image *= np.float32(1) - np.asarray(rng.uniform(0, 0.6) * depth, np.float32)
    image = displayed(rng, grain(rng, image, 0.01))
    if rng.random() < 0.7:
        image = lettered(rng, image, int(rng.integers(2, 10)))
    if rng.random() < 0.5:  # a scale of grey at the border
        height = int(shape[0] * 0.3)
        image[10 : 10 + height, -18:-8] = np.linspace(1, 0, height, dtype=np.float32)[:, None]
    return image
