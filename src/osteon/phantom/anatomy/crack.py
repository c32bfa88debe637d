"""The irregular course of a hairline fracture, by midpoint displacement (Fournier, Fussell and Carpenter, 1982)."""

from __future__ import annotations

import numpy as np

from osteon.phantom.geometry.shapes import Course, Table

SPAN: float = 80.0
"""Length of the tables, mm: more than the widest bone."""

ANCHORS: int = 16
"""Stretches between the points from which the midpoints are displaced."""

LEVELS: int = 4
"""How often each stretch is halved: to 0.3 mm."""

DEVIATION: float = 0.55
"""Standard deviation of the anchors from the plane, mm."""

FURTHEST: float = 0.95
"""Greatest distance from the plane, mm."""

PERSISTENCE: float = 0.7
"""Size of the displacements on each level relative to those of the level above."""


def course(random: np.random.Generator, bearing: float, gap: float, half_width: float) -> Course:
    """Draw the course of a crack.

    Args:
        random: source of randomness.
        bearing: direction across the bone along which the crack runs, degrees from the part's u towards its v.
        gap: mean width, mm.
        half_width: of the bone, mm; a crack may end before the far cortex.
    """
    heights = np.clip(_displaced(random, DEVIATION), -FURTHEST, FURTHEST)
    widths = gap * np.clip(1.0 + _displaced(random, 0.28), 0.45, 1.6)
    depths = half_width * np.clip(0.75 + _displaced(random, 0.35), 0.2, 1.2)
    angle = np.deg2rad(bearing)
    return Course((float(np.cos(angle)), float(np.sin(angle))), 0.5 * SPAN, SPAN / (len(heights) - 1), heights,
                  widths.astype(np.float32), depths.astype(np.float32))  # fmt: skip


def _displaced(random: np.random.Generator, deviation: float) -> Table:
    """A rough line of mean zero: random anchors, then midpoints that are displaced less on each finer level."""
    points = random.normal(0.0, deviation, ANCHORS + 1)
    size = deviation
    for _ in range(LEVELS):
        size *= PERSISTENCE
        middles = 0.5 * (points[:-1] + points[1:]) + random.normal(0.0, size, len(points) - 1)
        finer = np.empty(2 * len(points) - 1)
        finer[0::2], finer[1::2] = points, middles
        points = finer
    return points.astype(np.float32)
