"""Tubes from silhouettes: the tables of a part from a few numbers, as an anatomical atlas gives them."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cv2
import numpy as np

from osteon.phantom.geometry.shapes import STATION, Dent, End, Part, Table
from osteon.phantom.geometry.space import Matrix, Vector


def profile(length: float, knots: Sequence[tuple[float, ...]], smooth: float = 0.02) -> Table:
    """Tables from knots ``(fraction of the length, value, ...)``: linear between them, then smoothed.

    Args:
        length: mm.
        knots: rows in increasing order of the first column, which runs from 0 to 1.
        smooth: standard deviation of the smoothing as a fraction of the length.

    Returns:
        float32, shape (K, columns), one row each `STATION` mm.
    """
    count = max(round(length / STATION), 4) + 1
    table = np.asarray(knots, dtype=np.float64)
    values = table[:, 1:]
    if (values == values[0]).all():
        return np.repeat(values[:1].astype(np.float32), count, axis=0)
    at, kernel = _smoothing(count, smooth)
    starts = table[:, :1]
    slopes = (values[1:] - values[:-1]) / (starts[1:] - starts[:-1])
    lines = np.ascontiguousarray(np.hstack([slopes, values[:-1] - starts[:-1] * slopes]).T, dtype=np.float32)
    row = starts[1:-1, 0].searchsorted(at, side="right")
    straight = lines[: len(slopes[0])].take(row, axis=1) * at + lines[len(slopes[0]) :].take(row, axis=1)
    smoothed = cv2.filter2D(straight, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smoothed, dtype=np.float32).T


@functools.lru_cache(maxsize=2048)
def _smoothing(count: int, smooth: float) -> tuple[Table, Matrix]:
    """Fractions of the length at `count` stations, and the weights of a Gaussian."""
    radius = max(int(3 * smooth * count), 1)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(smooth * count, 0.3)) ** 2)
    return np.linspace(0.0, 1.0, count, dtype=np.float32), (kernel / kernel.sum())[None, :]


def ring(fraction: float, radius: float) -> tuple[float, float, float, float, float]:
    """A row of a silhouette with a round section."""
    return fraction, radius, radius, radius, radius


def tube(
    origin: Vector,
    axes: Matrix,
    length: float,
    silhouette: Sequence[tuple[float, ...]],
    *,
    cortex: Sequence[tuple[float, float]] = ((0.0, 0.7), (1.0, 0.7)),
    trabecular: Sequence[tuple[float, float]] = ((0.0, 0.3), (1.0, 0.3)),
    bow: Sequence[tuple[float, float, float]] = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)),
    start: End | None = None,
    stop: End | None = None,
    dent: Dent | None = None,
    smooth: float = 0.02,
    box: bool = False,
) -> Part:
    """A part from its two silhouettes.

    Args:
        origin: world position of its start, mm.
        axes: its frame.
        length: mm.
        silhouette: rows ``(fraction, -u, +u, -v, +v)`` of half widths in mm.
        cortex: rows ``(fraction, thickness in mm)``.
        trabecular: rows ``(fraction, share of mineral)``.
        bow: rows ``(fraction, u, v)`` of the centre line in mm.
        start: surface at its start.
        stop: surface at its end.
        dent: a thinner region.
        smooth: smoothing of the tables, as a fraction of the length.
        box: True for a rectangular section.
    """
    uneven = any(row[1] != row[2] or row[3] != row[4] for row in silhouette)
    radii = profile(length, silhouette if uneven else [(row[0], row[1], row[3]) for row in silhouette], smooth)
    return Part(
        origin=np.asarray(origin, dtype=np.float64),
        frame=axes,
        length=length,
        radii=np.maximum(radii if uneven else radii[:, [0, 0, 1, 1]], np.float32(0.05)),
        axis=profile(length, bow, 0.08),
        cortex=profile(length, cortex, smooth)[:, 0],
        trabecular=profile(length, trabecular, smooth)[:, 0],
        start=start or End(),
        stop=stop or End(),
        dent=dent,
        box=box,
    )
