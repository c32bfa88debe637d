"""Radiographs of teeth: panoramic ones and small ones taken in the mouth. Synthetic."""

from __future__ import annotations

import cv2
import numpy as np

from osteon.core.records import Pixels
from osteon.learning.gate.counterexamples.canvas import displayed, ellipse, field, grain, inside, paint, wobbled


def panoramic(rng: np.random.Generator) -> Pixels:
    """Both jaws unrolled: two rows of teeth on an arc, the lower jaw with its rami, the spine's shadow in the middle."""
    height = int(rng.integers(160, 280))
    shape = (height, int(height * rng.uniform(1.6, 2.3)))
    aspect = shape[1] / shape[0]
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    y, x = rows / shape[0], columns / shape[1] - 0.5
    image = np.float32(rng.uniform(0.15, 0.35)) + np.float32(0.05) * field(rng, shape, 0.2)
    image = image + rng.uniform(0.0, 0.3) * np.exp(-((x / 0.05) ** 2))
    smile, level = rng.uniform(0.3, 0.9), rng.uniform(0.42, 0.52)
    bite = level + 0.06 - smile * x**2
    jaw = bite + rng.uniform(0.2, 0.27)
    image = image + rng.uniform(0.15, 0.3) * ((y > bite + 0.05) & (y < jaw + 0.06) & (np.abs(x) < 0.4))
    image = image + rng.uniform(0.2, 0.4) * np.exp(-(((y - jaw - 0.05) / 0.02) ** 2)) * (np.abs(x) < 0.42)
    image = image + rng.uniform(0.1, 0.25) * ((y < bite - 0.05) & (y > bite - 0.28) & (np.abs(x) < 0.33))
    for side in (-1, 1):
        ramus = ellipse(shape, (0.4, 0.5 + side * rng.uniform(0.36, 0.42)), (0.4, 0.1), side * rng.uniform(5, 20))
        image = image + rng.uniform(0.15, 0.35) * inside(ramus, 0.04)
        sinus = ellipse(shape, (0.22, 0.5 + side * 0.15), (0.12, 0.2))
        image = image - 0.12 * inside(wobbled(rng, sinus, 0.1), 0.05)
    count = int(rng.integers(11, 17))
    for index in range(count):
        place = (index - (count - 1) / 2) / count * rng.uniform(0.6, 0.66)
        bow = level + 0.06 - smile * place**2
        wide = rng.uniform(0.4, 0.5) / count * aspect * 0.62
        for direction in (-1, 1):
            if rng.random() < 0.06:
                continue
            lean = direction * place * 40 + rng.normal(0, 4)
            long = rng.uniform(0.08, 0.12)
            where = (bow + direction * (long * 0.9 + 0.01), 0.5 + place)
            tooth = ellipse(shape, where, (long, wide), lean)
            image = paint(image, inside(tooth, 0.06) * 0.8, rng.uniform(0.55, 0.75))
            crown = ellipse(shape, (bow + direction * 0.045, 0.5 + place), (0.045, wide * 1.05), lean)
            image = paint(image, inside(crown, 0.08) * 0.8, rng.uniform(0.75, 0.95))
            image = image - 0.15 * inside(ellipse(shape, where, (long * 0.75, wide * 0.15), lean), 0.2)
            if rng.random() < 0.15:
                filling = ellipse(shape, (bow + direction * 0.03, 0.5 + place), (0.02, wide * 0.7), lean)
                image = paint(image, inside(filling, 0.1), 1.0)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.6, 1.6)), np.float32)
    return displayed(rng, grain(rng, image, rng.uniform(0.005, 0.02)))


def intraoral(rng: np.random.Generator) -> Pixels:
    """Two to five teeth from near, with roots in bone or as a bitewing."""
    height = int(rng.integers(220, 440))
    shape = (height, int(height * rng.choice([0.75, 1.3])))
    image = np.float32(rng.uniform(0.3, 0.5)) + np.float32(0.06) * field(rng, shape, 0.03)
    count, both = int(rng.integers(2, 6)), rng.random() < 0.4
    level = 0.5 if both else rng.uniform(0.15, 0.3)
    rows = np.arange(shape[0])[:, None] / shape[0]
    image = image * np.where(np.abs(rows - level) < 0.12, 0.25, 1.0).astype(np.float32)
    for index in range(count):
        place = (index + 0.5) / count + rng.normal(0, 0.01)
        wide = 0.5 / count * shape[1] / min(shape)
        for direction in (-1, 1) if both else (1,):
            lean = rng.normal(0, 6)
            crown = ellipse(shape, (level + direction * 0.1, place), (0.13, wide), lean)
            image = paint(image, inside(crown, 0.06), rng.uniform(0.75, 0.95))
            for root in (-0.4, 0.4) if rng.random() < 0.6 else (0.0,):
                where = (level + direction * 0.32, place + root * 0.5 / count)
                image = paint(
                    image, inside(ellipse(shape, where, (0.25, wide * 0.42), lean + 8 * root), 0.06) * 0.8, 0.65
                )
                image = image - 0.15 * inside(ellipse(shape, where, (0.22, wide * 0.07), lean + 8 * root), 0.2)
            if rng.random() < 0.3:
                filling = ellipse(shape, (level + direction * 0.06, place), (0.05, wide * 0.6), lean)
                image = paint(image, inside(wobbled(rng, filling, 0.2), 0.1), 1.0)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.8, 2)), np.float32)
    return displayed(rng, grain(rng, image, rng.uniform(0.005, 0.03)))
