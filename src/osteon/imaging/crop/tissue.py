"""Which pixels of a small copy of a radiograph are tissue.

Strips of a cassette's edge are trimmed; what is brighter than the background, a plane through the dark pixels, is tissue.
Everything is arithmetic in a fixed order, so that the same image gives the same.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.imaging.crop.region import Region

SMALL: Final = 128
"""Longer side of the copy that is looked at, in pixels."""

_STRIP: Final = 0.8  # grey level from which a pixel may be part of a bright strip
_STRIP_SHARE: Final = 0.6  # of a row or column that must be as bright
_STRIP_DEPTH: Final = 0.2  # of the side, the deepest that strips are trimmed
_DIVIDER: Final = 0.12  # of the side, the widest bright strip between two views
_TISSUE: Final = 0.18  # of the way from background to bright tissue, from which a pixel is tissue
# Least and largest distance of that from the background: a trunk is bright, an arm beside it is not.
_CONTRAST: Final = (0.03, 0.055)
_DARK: Final = 0.25  # of the way from dark to bright, below which a pixel may be background
_DARKEST: Final = 0.08  # likewise, in grey levels
_BACKGROUND: Final = 0.12  # of the image, the least background that a level can be taken from
_FRAME: Final = 0.025  # of the longer side, the outermost frame where nothing counts as tissue


def shrunk(pixels: NDArray[np.uint8 | np.float32]) -> NDArray[np.float32]:
    """A copy of at most ``SMALL`` pixels along its longer side, in [0, 1]."""
    import cv2

    rows, columns = pixels.shape
    scale = min(1.0, SMALL / max(rows, columns))
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    step = int(0.5 / scale)  # of large images fewer pixels are read; each that is left still averages over several
    thin = pixels[:: max(1, step // 2), :: max(1, step // 2)]
    copy = np.asarray(cv2.resize(thin, size, interpolation=cv2.INTER_AREA), np.float32)
    return copy / np.float32(255) if pixels.dtype == np.uint8 else copy


def trimmed(copy: NDArray[np.float32]) -> Region:
    """What is left without bright strips along the edges."""
    bright = copy > _STRIP
    rows, columns = copy.shape
    top, bottom = _strips(bright.mean(1))
    left, right = _strips(bright[top : rows - bottom].mean(0))
    return Region(top, rows - bottom, left, columns - right)


def _strips(shares: NDArray[np.floating]) -> tuple[int, int]:
    """How many lines to trim at the start and at the end, where shares (n,) of them are bright."""
    deepest = int(_STRIP_DEPTH * len(shares))

    def one(from_edge: NDArray[np.floating]) -> int:
        strip = np.flatnonzero(from_edge[:deepest] > _STRIP_SHARE)
        # One line more: the strip's edge is blurred. A strip that reaches deeper than this is tissue.
        return 0 if not len(strip) or from_edge[deepest : deepest + 1].max(initial=0) > _STRIP_SHARE else strip[-1] + 2

    return int(one(shares)), int(one(shares[::-1]))


def tissue(copy: NDArray[np.float32], inner: Region) -> NDArray[np.bool_]:
    """Which pixels are brighter than the background, without bright strips and the outermost frame."""
    import cv2

    seen = copy[inner.top : inner.bottom, inner.left : inner.right]
    if not seen.size:
        return np.zeros(copy.shape, bool)
    dark, bright = (float(level) for level in np.percentile(seen, (10, 95)))
    background = _background(copy, seen, inner, dark + min(_DARKEST, _DARK * (bright - dark)))
    found = copy > background + float(np.clip(_TISSUE * (bright - dark), *_CONTRAST))
    frame = max(2, round(_FRAME * max(copy.shape)))
    outside = np.ones(copy.shape, bool)
    outside[
        max(inner.top, frame) : min(inner.bottom, copy.shape[0] - frame),
        max(inner.left, frame) : min(inner.right, copy.shape[1] - frame),
    ] = False
    found[outside] = False
    for first, last in _dividers(copy, inner):
        found[:, first:last] = False
    opened = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return opened > 0


def _background(
    copy: NDArray[np.float32], seen: NDArray[np.float32], inner: Region, limit: float
) -> NDArray[np.float32] | np.float32:
    """The level of the background: a plane through the dark pixels, since the beam is seldom even; 0 where there are few."""
    rows, columns = np.nonzero(seen[::2, ::2] < limit)
    if 4 * len(rows) < _BACKGROUND * seen.size:
        return np.float32(0)
    y, x = 2 * rows + inner.top, 2 * columns + inner.left
    level = copy[y, x].astype(np.float64)
    matrix = np.stack([np.ones(len(y)), y / copy.shape[0], x / copy.shape[1]], 1)
    weights = np.linalg.solve(matrix.T @ matrix + 1e-6 * len(y) * np.eye(3), matrix.T @ level)
    down = np.arange(copy.shape[0])[:, None] / copy.shape[0]
    across = np.arange(copy.shape[1])[None, :] / copy.shape[1]
    return (weights[0] + weights[1] * down + weights[2] * across).astype(np.float32)


def _dividers(copy: NDArray[np.float32], inner: Region) -> list[tuple[int, int]]:
    """Columns of bright strips that run through the image from top to bottom, as between two views on one cassette."""
    shares = (copy[inner.top : inner.bottom] > _STRIP).mean(0)
    marked = np.concatenate([[False], shares > 0.85, [False]])
    edges = np.flatnonzero(marked[1:] != marked[:-1]).reshape(-1, 2)
    widest = _DIVIDER * copy.shape[1]
    return [
        (max(0, int(first) - 1), int(last) + 1)
        for first, last in edges
        if last - first <= widest and first > inner.left and last < inner.right
    ]
