"""Images on a disc or of spots: the back of an eye in grey, and scintigrams. Synthetic."""

from __future__ import annotations

import cv2
import numpy as np

from osteon.core.records import Pixels
from osteon.learning.gate.counterexamples.canvas import blank, displayed, ellipse, field, grain, inside, wobbled


def fundus(rng: np.random.Generator) -> Pixels:
    """The back of an eye in grey: a disc, a bright head of the nerve, dark vessels that branch from it."""
    image = blank(rng, aspect=1.45)
    shape, side = image.shape, min(image.shape)
    globe = ellipse(shape, (0.5, 0.5), (rng.uniform(0.44, 0.56),) * 2)
    image = np.float32(rng.uniform(0.3, 0.6)) + np.float32(0.06) * field(rng, shape, 0.25)
    image = image + rng.uniform(0, 0.25) * np.clip(globe, 0, 1)
    left = rng.random() < 0.5
    nerve = (rng.uniform(0.45, 0.55), rng.uniform(0.28, 0.4) if left else rng.uniform(0.6, 0.72))
    image = image + rng.uniform(0.2, 0.45) * inside(ellipse(shape, nerve, (rng.uniform(0.05, 0.09),) * 2), 0.15)
    macula = ellipse(shape, (0.5, 0.58 if left else 0.42), (0.12, 0.12))
    image = image - rng.uniform(0.05, 0.2) * np.clip(macula, 0, 1)
    vessels = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(6, 12))):
        _vessel(rng, vessels, nerve[0] * shape[0], nerve[1] * shape[1], rng.uniform(0, 2 * np.pi), 0.012 * side, 3)
    image = image - rng.uniform(0.1, 0.3) * np.asarray(cv2.GaussianBlur(vessels, (0, 0), 1.0), np.float32)
    for _ in range(int(rng.integers(0, 12))):
        spot = ellipse(shape, (rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)), (rng.uniform(0.005, 0.03),) * 2)
        image = image + rng.choice([-0.2, 0.3]) * inside(wobbled(rng, spot, 0.2), 0.2)
    image = image * inside(globe, 0.005)
    return displayed(rng, grain(rng, image, 0.01))


def scintigram(rng: np.random.Generator) -> Pixels:
    """A blurred, noisy distribution of a tracer, whole body or a part, dark on white or white on dark."""
    image = blank(rng, aspect=1.9)
    shape = image.shape
    for _ in range(int(rng.integers(4, 25))):
        where = (rng.uniform(0.1, 0.9), rng.normal(0.5, 0.12))
        spot = ellipse(shape, where, (rng.uniform(0.01, 0.14), rng.uniform(0.01, 0.1)), rng.uniform(0, 180))
        image = image + rng.uniform(0.1, 0.8) * np.clip(spot + 0.3, 0, 1)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), min(shape) * rng.uniform(0.008, 0.025)), np.float32)
    counts = rng.poisson(np.clip(image, 0, None) * rng.uniform(8, 60)).astype(np.float32)
    size = min(shape) * rng.uniform(0.002, 0.006) + 0.5
    image = np.asarray(cv2.GaussianBlur(counts, (0, 0), size), np.float32)
    image = displayed(rng, image / (np.quantile(image, 0.998) + 1e-6))
    return (1 - image).astype(np.float32) if rng.random() < 0.5 else image


def _vessel(
    rng: np.random.Generator, image: Pixels, row: float, column: float, heading: float, width: float, forks: int
) -> None:
    """Draw a vessel and its branches into an image."""
    for _ in range(int(rng.integers(14, 30))):
        heading += rng.normal(0, 0.12)
        step = min(image.shape) * 0.022
        new = (row + step * np.sin(heading), column + step * np.cos(heading))
        cv2.line(
            image, (round(column), round(row)), (round(new[1]), round(new[0])), 1.0, max(1, round(width)), cv2.LINE_AA
        )
        row, column = new
        width = max(0.8, width * 0.96)
        if forks > 0 and rng.random() < 0.1:
            _vessel(rng, image, row, column, heading + rng.choice([-0.6, 0.6]), width * 0.7, forks - 1)
