"""Radiographs that show no limb: chest, abdomen, breast, skull. Synthetic."""

from __future__ import annotations

import cv2
import numpy as np

from osteon.core.records import Pixels
from osteon.learning.gate.counterexamples.canvas import (
    Values,
    blank,
    displayed,
    ellipse,
    field,
    grain,
    inside,
    lettered,
    paint,
    ring,
    wobbled,
)


def chest(rng: np.random.Generator) -> Pixels:
    """A chest from the front, or from the side: dark lungs, ribs, heart, diaphragm, arms of the clavicles."""
    image = blank(rng, aspect=1.2)
    shape = image.shape
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    y, x = rows / shape[0], columns / shape[1] - 0.5
    wide = rng.uniform(0.42, 0.55)
    body = inside(wobbled(rng, ellipse(shape, (0.62, 0.5), (0.75, wide)), 0.02, 0.4), 0.02)
    image = paint(image, body, rng.uniform(0.5, 0.75))
    lateral = rng.random() < 0.2
    dark = rng.uniform(0.1, 0.35)
    lungs = np.zeros(shape, np.float32)
    for side in (0,) if lateral else (-1, 1):
        where = (rng.uniform(0.4, 0.5), 0.5 + side * rng.uniform(0.18, 0.23))
        radii = (rng.uniform(0.32, 0.4), rng.uniform(0.26, 0.34) if lateral else rng.uniform(0.14, 0.2))
        lungs = np.maximum(lungs, inside(wobbled(rng, ellipse(shape, where, radii, -side * 6), 0.04, 0.3), 0.05))
    dome = y > rng.uniform(0.7, 0.8) + 0.5 * (np.abs(x) - 0.2) ** 2
    lungs = lungs * np.asarray(cv2.GaussianBlur((~dome).astype(np.float32), (0, 0), 3), np.float32)
    image = paint(image, lungs * rng.uniform(0.75, 1), dark)
    markings = np.clip(field(rng, shape, 0.03), 0, None) * np.exp(-((np.abs(x) - 0.1) ** 2) / 0.03)
    image = image + 0.08 * lungs * markings
    for index in range(int(rng.integers(7, 11))):
        for bend, value in ((0.5, 0.12), (-0.35, 0.05)):
            line = 0.12 + 0.07 * index + bend * (np.abs(x) - 0.15)
            image = image + rng.uniform(0.6, 1.2) * value * np.exp(-(((y - line) / 0.013) ** 4)) * body
    if not lateral:
        heart = ellipse(
            shape, (0.58, 0.5 + rng.choice([-1, 1], p=[0.1, 0.9]) * 0.06), (0.17, rng.uniform(0.12, 0.18)), 35
        )
        image = paint(image, inside(wobbled(rng, heart, 0.04), 0.08) * 0.9, rng.uniform(0.7, 0.9))
        for side in (-1, 1):
            clavicle = y - (0.13 - side * 0.12 * x + 0.02 * np.sin(9 * x))
            image = image + 0.15 * np.exp(-((clavicle / 0.014) ** 2)) * (side * x > 0.03) * (np.abs(x) < 0.36)
    spine = np.exp(-((x / 0.045) ** 4)) * (0.8 + 0.2 * np.sin(y * rng.uniform(90, 130)))
    image = image + rng.uniform(0.1, 0.25) * spine * body
    return _exposed(rng, image)


def abdomen(rng: np.random.Generator) -> Pixels:
    """An abdomen from the front: spine, lower ribs, wings of the pelvis, dark gas."""
    image = blank(rng, aspect=1.3)
    shape = image.shape
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    y, x = rows / shape[0], columns / shape[1] - 0.5
    body = inside(wobbled(rng, ellipse(shape, (0.5, 0.5), (0.8, rng.uniform(0.45, 0.6))), 0.02, 0.4), 0.03)
    image = paint(image, body, np.float32(rng.uniform(0.4, 0.65)) + np.float32(0.05) * field(rng, shape, 0.2))
    for _ in range(int(rng.integers(4, 16))):
        gas = ellipse(shape, (rng.uniform(0.15, 0.85), rng.uniform(0.2, 0.8)), (rng.uniform(0.02, 0.09),) * 2)
        image = image - rng.uniform(0.1, 0.25) * inside(wobbled(rng, gas, 0.4, 0.06), 0.15)
    for row in np.linspace(-0.02, 0.72, int(rng.integers(5, 8))):
        vertebra = ellipse(shape, (row, 0.5 + rng.normal(0, 0.004)), (0.05, 0.065))
        square = np.sign(vertebra) * np.abs(vertebra) ** 0.4
        image = image + 0.18 * inside(square, 0.1) + 0.12 * ring(square, 0.15)
    for side in (-1, 1):
        wing = ellipse(shape, (0.85, 0.5 + side * 0.22), (0.2, 0.17), side * 30)
        image = image + 0.15 * inside(wing, 0.05) + 0.15 * ring(wing, 0.06)
        for index in range(3):
            line = 0.05 + 0.08 * index + 0.5 * (side * x) ** 2
            image = image + 0.08 * np.exp(-(((y - line) / 0.015) ** 4)) * (side * x > 0.08) * body
    return _exposed(rng, image)


def breast(rng: np.random.Generator) -> Pixels:
    """A mammogram: half a disc at one border, glandular tissue in it."""
    image = blank(rng, aspect=1.5)
    if image.shape[0] < image.shape[1]:
        image = np.ascontiguousarray(image.T)
    shape = image.shape
    tissue = wobbled(rng, ellipse(shape, (0.5, 0.0), (rng.uniform(0.5, 0.8), rng.uniform(0.5, 0.9))), 0.02, 0.3)
    image = paint(image, inside(tissue, 0.02), np.float32(rng.uniform(0.2, 0.4)))
    gland = ellipse(shape, (rng.uniform(0.45, 0.6), 0.18), (0.3, 0.4))
    strands = np.clip(gland + 0.25 * field(rng, shape, 0.05) + 0.15 * field(rng, shape, 0.02), 0, 1)
    image = image + rng.uniform(0.4, 0.9) * strands
    if rng.random() < 0.5:
        corner = ellipse(shape, (0.0, 0.0), (rng.uniform(0.4, 0.7), rng.uniform(0.15, 0.35)), rng.uniform(0, 20))
        image = paint(image, inside(corner, 0.03) * 0.7, rng.uniform(0.5, 0.8))
    image = np.ascontiguousarray(image[:, ::-1]) if rng.random() < 0.5 else image
    return _exposed(rng, image)


def skull(rng: np.random.Generator) -> Pixels:
    """A skull from the front or the side: a bright rim, orbits, teeth, sutures."""
    image = blank(rng, aspect=1.3)
    shape = image.shape
    side = rng.random() < 0.5
    image = paint(image, inside(ellipse(shape, (0.5, 0.5), (0.49, 0.44)), 0.01), 0.15)
    vault = wobbled(rng, ellipse(shape, (0.4, 0.5), (0.36, 0.4 if side else 0.31)), 0.02, 0.4)
    image = paint(
        image, inside(vault, 0.01), np.float32(rng.uniform(0.3, 0.5)) + np.float32(0.05) * field(rng, shape, 0.15)
    )
    image = image + rng.uniform(0.3, 0.5) * ring(vault, rng.uniform(0.05, 0.1))
    face = ellipse(shape, (0.74, 0.36 if side else 0.5), (0.22, 0.17))
    image = image + 0.2 * inside(wobbled(rng, face, 0.06), 0.04)
    for place in (0.3,) if side else (0.39, 0.61):
        orbit = ellipse(shape, (rng.uniform(0.52, 0.58), place), (0.07, 0.08))
        image = image - 0.15 * inside(orbit, 0.06) + 0.15 * ring(orbit, 0.15, 0.04)
    for index in range(int(rng.integers(6, 12))):
        place = (0.28 if side else 0.5) + (index - 5) * 0.022
        image = image + 0.25 * inside(ellipse(shape, (rng.uniform(0.76, 0.78), place), (0.05, 0.009)), 0.15)
    image = image + 0.25 * ring(ellipse(shape, (0.72, 0.38 if side else 0.5), (0.26, 0.18)), 0.08)
    if side:
        for index in range(int(rng.integers(4, 7))):
            image = image + 0.2 * inside(ellipse(shape, (0.72 + 0.06 * index, 0.62), (0.025, 0.06)), 0.1)
    return _exposed(rng, image)


def _exposed(rng: np.random.Generator, image: Values) -> Pixels:
    """With scatter, noise, and letters of a marker."""
    image = image + rng.uniform(0, 0.15) * np.asarray(cv2.GaussianBlur(image, (0, 0), 25), np.float32)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.6, 1.5)), np.float32)
    image = displayed(rng, grain(rng, image / max(1.0, float(image.max())), rng.uniform(0.003, 0.02)))
    return lettered(rng, image, int(rng.integers(1, 3))) if rng.random() < 0.6 else image
