"""Pages of text, plots and windows of programs in grey. Synthetic."""

from __future__ import annotations

import cv2
import numpy as np

from osteon.core.records import Pixels
from osteon.learning.gate.counterexamples.canvas import blank, displayed, field, written


def page(rng: np.random.Generator) -> Pixels:
    """A page of words, dark on light or light on dark."""
    image = blank(rng, shortest=260, longest=640, aspect=1.5)
    rows, columns = image.shape
    ground, ink = sorted(rng.uniform(0, 1, 2)) if rng.random() < 0.5 else sorted(rng.uniform(0, 1, 2))[::-1]
    if abs(ground - ink) < 0.4:
        ground, ink = 0.95, 0.1
    image = np.full_like(image, ground)
    size = rng.uniform(0.3, 0.9) * min(rows, columns) / 450
    step = int(size * rng.uniform(30, 45)) + 4
    for y in range(step, rows - 4, step):
        if rng.random() < 0.12:
            continue
        words = " ".join(
            "".join(rng.choice(list("abcdefghilmnoprstuvwy"), int(rng.integers(2, 10))))
            for _ in range(int(rng.integers(2, 14)))
        )
        image = written(image, words, (int(columns * 0.05), y), size, float(ink))
    if rng.random() < 0.4:
        image = image * (1 + np.float32(0.08) * field(rng, image.shape, 0.4))
    return displayed(rng, np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.5)), np.float32))


def window(rng: np.random.Generator) -> Pixels:
    """A window of a program: panels, buttons, tables, a plot."""
    image = blank(rng, shortest=260, longest=640, aspect=1.7)
    rows, columns = image.shape
    image += np.float32(rng.choice([rng.uniform(0.05, 0.25), rng.uniform(0.8, 1)]))
    for _ in range(int(rng.integers(4, 18))):
        top, left = int(rng.uniform(0, 0.9) * rows), int(rng.uniform(0, 0.9) * columns)
        bottom, right = top + int(rng.uniform(0.04, 0.5) * rows), left + int(rng.uniform(0.05, 0.5) * columns)
        cv2.rectangle(image, (left, top), (right, bottom), float(rng.uniform(0, 1)), -1 if rng.random() < 0.6 else 1)
        word = "".join(rng.choice(list("abcdefghiklmnoprst"), 8))
        image = written(image, word, (left + 3, min(top + 12, rows - 2)), 0.4, float(rng.uniform(0, 1)))
    if rng.random() < 0.5:
        x = np.linspace(0.1, 0.9, 60)
        y = 0.5 + 0.06 * np.cumsum(rng.normal(0, 0.4, 60))
        points = np.stack([x * columns, np.clip(y, 0, 1) * rows], 1).astype(np.int32)
        cv2.polylines(image, [points], False, float(rng.uniform(0, 1)), 1, cv2.LINE_AA)
    return displayed(rng, np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.2)), np.float32))
