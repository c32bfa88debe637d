"""Slices like those of magnetic resonance and computed tomography: head, trunk, heart and joints. Synthetic."""

from __future__ import annotations

from typing import Final

import numpy as np

from osteon.core.records import Pixels
from osteon.learning.gate.counterexamples.canvas import (
    Values,
    blank,
    coarse,
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

_CT_SHARE: Final = 0.4


def head(rng: np.random.Generator) -> Pixels:
    """A head, in an axial, coronal or sagittal plane."""
    image = blank(rng, aspect=1.2)
    shape, tomography = image.shape, rng.random() < _CT_SHARE
    centre = (rng.uniform(0.45, 0.55), rng.uniform(0.45, 0.55))
    radii = (rng.uniform(0.33, 0.48), rng.uniform(0.28, 0.42))
    outer = wobbled(rng, ellipse(shape, centre, radii, rng.uniform(-15, 15)), rng.uniform(0.0, 0.04), 0.3)
    skin, skull, brain = rng.uniform(0.5, 0.95), 1.0 if tomography else rng.uniform(0, 0.15), rng.uniform(0.3, 0.6)
    image = paint(image, inside(outer, 0.01), skin if not tomography else 0.35)
    image = paint(image, inside(outer - rng.uniform(0.04, 0.1), 0.01), skull)
    inner = outer - rng.uniform(0.12, 0.18)
    folds = np.sin(8 * field(rng, shape, 0.12)) * np.clip(1 - 3 * inner, 0, 1)
    tissue = brain + rng.uniform(0.05, 0.2) * inside(inner - 0.2, 0.05) * rng.choice([-1, 1])
    image = paint(image, inside(inner, 0.01), tissue + (0.02 if tomography else rng.uniform(0.05, 0.15)) * folds)
    fluid = rng.choice([0.05, 0.95]) if not tomography else 0.2
    for side in (-1, 1):
        where = (centre[0] + rng.uniform(-0.06, 0.06), centre[1] + side * rng.uniform(0.03, 0.08))
        spot = ellipse(shape, where, (rng.uniform(0.05, 0.12), rng.uniform(0.015, 0.04)), side * rng.uniform(5, 30))
        image = paint(image, inside(wobbled(rng, spot, 0.1), 0.05), fluid)
    if rng.random() < 0.5:
        midline = ellipse(shape, centre, (radii[0] * 0.8, 0.006))
        image = paint(image, inside(midline, 0.3) * 0.6, fluid)
    if rng.random() < 0.35:  # face and neck, as in a sagittal plane
        neck = ellipse(shape, (centre[0] + 0.42, centre[1] + rng.uniform(-0.05, 0.1)), (0.25, 0.16))
        image = np.maximum(image, inside(neck, 0.02) * (rng.uniform(0.2, 0.6) + 0.12 * field(rng, shape, 0.05)))
    return _acquired(rng, image, tomography)


def trunk(rng: np.random.Generator) -> Pixels:
    """An axial or coronal slice of chest or abdomen: a wall of fat, organs, spine."""
    image = blank(rng, aspect=1.4)
    shape, tomography = image.shape, rng.random() < 0.5
    wide = sorted((rng.uniform(0.3, 0.4), rng.uniform(0.4, 0.49)))
    body = wobbled(rng, ellipse(shape, (0.5, 0.5), (wide[0], wide[1])), 0.03, 0.3)
    fat = rng.uniform(0.1, 0.25) if tomography else rng.uniform(0.5, 0.95)
    image = paint(image, inside(body, 0.01), fat)
    image = paint(image, inside(body - rng.uniform(0.06, 0.2), 0.01), rng.uniform(0.3, 0.55))
    lungs = rng.random() < 0.5
    for side in (-1, 1):
        where = (rng.uniform(0.42, 0.5), 0.5 + side * rng.uniform(0.14, 0.2))
        organ = ellipse(shape, where, (rng.uniform(0.15, 0.24), rng.uniform(0.1, 0.16)), rng.uniform(-30, 30))
        value = rng.uniform(0, 0.08) if lungs else rng.uniform(0.3, 0.75)
        image = paint(image, inside(wobbled(rng, organ, 0.08), 0.02), value)
        if lungs:
            vessels = np.clip(field(rng, shape, 0.02) - 1.7, 0, 1)
            image += inside(organ, 0.05) * 0.5 * vessels
    for _ in range(int(rng.integers(3, 12))):
        where = (rng.uniform(0.3, 0.65), rng.uniform(0.25, 0.75))
        blob = ellipse(shape, where, (rng.uniform(0.02, 0.1), rng.uniform(0.02, 0.1)), rng.uniform(0, 180))
        image = paint(image, inside(wobbled(rng, blob, 0.15), 0.05) * inside(body - 0.12, 0.02), rng.uniform(0, 0.9))
    spine = ellipse(shape, (rng.uniform(0.62, 0.72), 0.5), (0.06, 0.07))
    image = paint(image, inside(spine, 0.03), 0.95 if tomography else rng.uniform(0.2, 0.5))
    image = paint(image, inside(ellipse(shape, (0.75, 0.5), (0.025, 0.03)), 0.05), rng.uniform(0.1, 0.9))
    if tomography:
        for angle in np.linspace(0, 2 * np.pi, int(rng.integers(10, 20))):
            where = (0.5 + wide[0] * 0.8 * np.sin(angle), 0.5 + wide[1] * 0.8 * np.cos(angle))
            image = paint(image, inside(ellipse(shape, where, (0.012, 0.025), np.rad2deg(angle)), 0.1), 0.95)
        if rng.random() < 0.6:
            table = np.abs(ellipse(shape, (0.35, 0.5), (0.62, 0.75))) < 0.008
            image = np.where(table & (np.arange(shape[0])[:, None] > 0.8 * shape[0]), 0.4, image).astype(np.float32)
    return _acquired(rng, image, tomography)


def heart(rng: np.random.Generator) -> Pixels:
    """A slice through the heart by magnetic resonance: bright blood, a dark muscle round it, lungs beside it."""
    image = blank(rng, shortest=180, longest=420, aspect=1.3) + np.float32(rng.uniform(0.05, 0.25))
    shape = image.shape
    image += rng.uniform(0.05, 0.15) * field(rng, shape, 0.15)
    for side in (-1, 1):
        lung = ellipse(shape, (0.5, 0.5 + side * rng.uniform(0.25, 0.35)), (0.35, 0.18), rng.uniform(-20, 20))
        image = paint(image, inside(wobbled(rng, lung, 0.1), 0.05), rng.uniform(0.02, 0.12))
    wall = inside(wobbled(rng, np.abs(ellipse(shape, (0.5, 0.5), (0.5, 0.55)) - 0.05) * -1 + 0.08, 0.01), 0.02)
    image = paint(image, wall, rng.uniform(0.5, 0.95))
    centre = (rng.uniform(0.42, 0.58), rng.uniform(0.42, 0.6))
    size, angle = rng.uniform(0.1, 0.2), rng.uniform(0, 180)
    left = wobbled(rng, ellipse(shape, centre, (size * rng.uniform(1, 1.8), size), angle), 0.05, 0.2)
    image = paint(image, inside(left + rng.uniform(0.3, 0.6), 0.03), rng.uniform(0.15, 0.35))
    image = paint(image, inside(left, 0.03), rng.uniform(0.75, 1.0))
    for _ in range(int(rng.integers(1, 4))):
        where = (centre[0] + rng.uniform(-0.2, 0.2), centre[1] - rng.uniform(0.1, 0.25))
        blood = ellipse(shape, where, (rng.uniform(0.04, 0.14), rng.uniform(0.04, 0.1)), rng.uniform(0, 180))
        image = paint(image, inside(wobbled(rng, blood, 0.2), 0.05), rng.uniform(0.65, 1.0))
    return _acquired(rng, image, tomography=False)


def joint(rng: np.random.Generator) -> Pixels:
    """A slice of a joint or spine by magnetic resonance: marrow with a thin dark cortex, cartilage, muscle, fat."""
    image = blank(rng, aspect=1.2)
    shape = image.shape
    upright = rng.random() < 0.7
    soft = ellipse(shape, (0.5, 0.5), (0.75, rng.uniform(0.32, 0.5)) if upright else (0.42, 0.42))
    fat = rng.choice([rng.uniform(0.6, 0.95), rng.uniform(0.05, 0.2)])
    marrow = np.clip(fat * rng.uniform(0.7, 1.05), 0.05, 0.95)
    image = paint(image, inside(wobbled(rng, soft, 0.03, 0.3), 0.01), fat)
    muscle = rng.uniform(0.25, 0.45) + 0.06 * field(rng, shape, 0.04)
    image = paint(image, inside(wobbled(rng, soft - rng.uniform(0.08, 0.2), 0.05), 0.02), muscle)
    if rng.random() < 0.4:  # vertebrae and discs
        count, column = int(rng.integers(4, 8)), rng.uniform(0.35, 0.55)
        for row in np.linspace(0.08, 0.92, count):
            bend = 0.04 * np.sin(3 * row)
            body = ellipse(shape, (row, column + bend), (0.36 / count, rng.uniform(0.08, 0.1)))
            square = np.sign(body) * np.abs(body) ** 0.5
            image = paint(image, inside(square, 0.05), marrow)
            image = paint(image, ring(square, 0.12), 0.04)
        canal = np.abs(np.arange(shape[1])[None] / shape[1] - column - 0.16) < 0.03
        image = paint(image, np.broadcast_to(canal, shape).astype(np.float32), rng.choice([0.15, 0.9]))
    else:
        for row, long in ((rng.uniform(0.12, 0.2), 0.32), (rng.uniform(0.8, 0.88), 0.3)):
            bone = wobbled(rng, ellipse(shape, (row, 0.5), (long, rng.uniform(0.16, 0.26))), 0.06, 0.2)
            image = paint(image, inside(bone, 0.02), marrow + 0.03 * field(rng, shape, 0.03))
            image = paint(image, ring(bone, rng.uniform(0.03, 0.08)), 0.03)
        gap = ellipse(shape, (0.5, 0.5), (0.04, 0.24), rng.uniform(-8, 8))
        image = paint(image, inside(gap, 0.15), rng.choice([0.05, 0.9]))
        if rng.random() < 0.5:
            cap = ellipse(shape, (0.4, 0.2), (0.13, 0.05), rng.uniform(-20, 20))
            image = paint(image, inside(cap, 0.05), marrow)
            image = paint(image, ring(cap, 0.2), 0.03)
    return _acquired(rng, image, tomography=False)


def _acquired(rng: np.random.Generator, image: Values, tomography: bool) -> Pixels:
    """With the uneven brightness of a coil, noise, a small matrix, and a viewer's letters."""
    if not tomography:
        image = image * (1.0 + rng.uniform(0, 0.3) * field(rng, image.shape, 0.5))
    image = coarse(rng, grain(rng, image, rng.uniform(0.0, 0.05)))
    image = displayed(rng, image + np.float32(rng.uniform(0, 0.02)))
    return lettered(rng, image, int(rng.integers(2, 8))) if rng.random() < 0.35 else image
