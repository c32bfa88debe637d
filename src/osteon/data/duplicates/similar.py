"""Images that match after rescaling, re-encoding, inversion, mirroring or a slight crop.

Each image is reduced to 32 x 32, band-passed and scaled to unit length, so that the product of two is their
correlation: near 1 or, for an inverted copy, near -1 where both show the same. Pairs with some correlation are compared
again with crops of each other: first on a coarse grid of cuts at the four edges, then, where that comes close, on
ever finer ones around the best. Of FracAtlas, two radiographs of the same region in the same
position correlate up to 0.9957 then (but a left and a right foot, mirrored, at 0.997), copies of one image from 0.9966 on
(``benchmarks/duplicates.py``).
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.data.duplicates.hashes import PICTURE_SIDE

SIDE: Final = 32
SAME: Final = 0.9962
"""Minimum correlation of two matching images, one of them cropped or not."""

CLOSE: Final = 0.97
"""Correlation on the coarse grid from which finer cuts are tried."""

CANDIDATE: Final = 0.88
"""Correlation from which crops are tried, of the images or of one with the middle of the other."""

CUT: Final = 1 / 160
"""Unit of a cut, as a share of the side."""

_CUTS: Final = 13
"""Cuts of 0 to 12 units are known."""

_COARSE_CUTS: Final = (0, 4, 8)
"""Cuts tried first at each of the four edges, in every combination: 0, 2.5 and 5 %."""

_FINER: Final = (2, 1)
"""Steps by which the best cuts are refined, in units."""

_FINE, _COARSE = 1.0, SIDE / 6
_BLOCK: Final = 1024

Vectors = NDArray[np.float32]


def _sampling(low: float, high: float) -> tuple[Vectors, Vectors]:
    """Matrices (32, 64) that cut shares off a line of 64 samples, reduce it, and blur it finely and coarsely."""
    at = low * PICTURE_SIDE + (np.arange(SIDE) + 0.5) * PICTURE_SIDE * (1 - low - high) / SIDE - 0.5
    step = PICTURE_SIDE / SIDE
    reduce = np.maximum(0.0, 1.0 - np.abs(at[:, None] - np.arange(PICTURE_SIDE)[None, :]) / step)
    reduce /= reduce.sum(axis=1, keepdims=True)
    apart = np.subtract.outer(np.arange(SIDE), np.arange(SIDE))
    blurred: list[Vectors] = []
    for sigma in (_FINE, float(np.hypot(_FINE, _COARSE))):
        blur = np.exp(-0.5 * (apart / sigma) ** 2)
        blurred.append((blur / blur.sum(axis=1, keepdims=True) @ reduce).astype(np.float32))
    return blurred[0], blurred[1]


_LINES: Final = np.stack(
    [np.stack(_sampling(low * CUT, high * CUT)) for low, high in product(range(_CUTS), range(_CUTS))]
).reshape(_CUTS, _CUTS, 2, SIDE, PICTURE_SIDE)
"""Matrices by the cuts at both ends; fine, then coarse."""

_WHOLE: Final = (0, 0)
_MIDDLE: Final = (4, 4)
_GRID: Final = np.array(list(product(_COARSE_CUTS, _COARSE_CUTS)))
"""Cuts at the two ends of one axis, (9, 2)."""


def _unit(vectors: NDArray[np.floating]) -> Vectors:
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return (centred / np.maximum(length, 1e-6)).astype(np.float32)


def _vectors(pictures: NDArray[np.uint8], cuts: tuple[int, int]) -> Vectors:
    """Unit vectors of images (N, 64, 64), cut the same way along both axes: (N, 1024)."""
    found = np.empty((len(pictures), SIDE * SIDE), np.float32)
    fine, coarse = _LINES[cuts]
    for start in range(0, len(pictures), _BLOCK):
        some = pictures[start : start + _BLOCK].astype(np.float32)
        found[start : start + _BLOCK] = (
            np.asarray(fine @ some @ fine.T - coarse @ some @ coarse.T, np.float32)
        ).reshape(len(some), -1)
    return _unit(found)


def _crops(picture: NDArray[np.uint8], rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Vectors:
    """Unit vectors of crops of one image (64, 64).

    Args:
        picture: grey.
        rows: cuts at top and bottom, (R, 2).
        columns: cuts at left and right, (C, 2).

    Returns:
        every combination, (R * C, 1024), columns running fastest.
    """
    values = picture.astype(np.float32)
    lines, posts = _LINES[rows[:, 0], rows[:, 1]], _LINES[columns[:, 0], columns[:, 1]]
    both = [((lines[:, band] @ values)[:, None] @ posts[:, band].transpose(0, 2, 1)[None]) for band in (0, 1)]
    return _unit((both[0] - both[1]).reshape(-1, SIDE * SIDE))


def similar(pictures: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.bool_]]:
    """Pairs of matching images.

    Args:
        pictures: grey, uint8, shape (N, 64, 64).

    Returns:
        rows ``(i, j)`` with i < j, shape (K, 2); their correlation, negative where one is inverted, shape (K,);
        whether one is mirrored, shape (K,).
    """
    whole, mirrored = _vectors(pictures, _WHOLE), _vectors(pictures[:, :, ::-1], _WHOLE)
    middles = _vectors(pictures, _MIDDLE), _vectors(pictures[:, :, ::-1], _MIDDLE)
    pairs: list[NDArray[np.int64]] = []
    scores: list[NDArray[np.float32]] = []
    flips: list[NDArray[np.bool_]] = []
    for flip, (others, middle) in enumerate(((whole, middles[0]), (mirrored, middles[1]))):
        i, j, score = _candidates(whole, others, middles[0], middle)
        flipped = pictures[:, :, ::-1] if flip else pictures
        for source, own, partner, vectors in ((pictures, i, j, others), (flipped, j, i, whole)):
            score = _cropped(source, own, vectors, partner, score)
        same = np.abs(score) >= SAME
        pairs.append(np.stack([i[same], j[same]], axis=1))
        scores.append(score[same])
        flips.append(np.full(int(same.sum()), bool(flip)))
    return np.concatenate(pairs), np.concatenate(scores), np.concatenate(flips)


def correlation(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Correlation of two images (64, 64), the best of all crops of either; signed, neither mirrored."""
    pictures = np.stack([first, second])
    whole = _vectors(pictures, _WHOLE)
    score = (whole[:1] * whole[1:]).sum(axis=1)
    first_row, second_row = np.array([0]), np.array([1])
    score = _cropped(pictures, first_row, whole, second_row, score, close=0.0)
    return float(_cropped(pictures, second_row, whole, first_row, score, close=0.0)[0])


def _candidates(
    whole: Vectors, others: Vectors, middles: Vectors, other_middles: Vectors
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Pairs i < j with some correlation, also with each other's middle; with the correlation of the whole."""
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    scores: list[NDArray[np.float32]] = []
    for start in range(0, len(whole), _BLOCK):
        block = slice(start, start + _BLOCK)
        score = whole[block] @ others[start:].T
        near = np.abs(score) >= CANDIDATE
        near |= np.abs(middles[block] @ others[start:].T) >= CANDIDATE
        near |= np.abs(whole[block] @ other_middles[start:].T) >= CANDIDATE
        i, j = np.nonzero(np.triu(near, 1))
        rows.append(i + start)
        columns.append(j + start)
        scores.append(score[i, j])
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(scores)


def _cropped(
    pictures: NDArray[np.uint8],
    own: NDArray[np.int64],
    vectors: Vectors,
    partner: NDArray[np.int64],
    score: NDArray[np.float32],
    close: float = CLOSE,
) -> NDArray[np.float32]:
    """Correlation of crops of the images ``own`` with the whole of ``partner``, where it is better than ``score``."""
    best = score.copy()
    open_ = np.flatnonzero(np.abs(best) < SAME)
    if not len(open_):
        return best
    order = open_[np.argsort(own[open_], kind="stable")]
    for rows in np.split(order, np.flatnonzero(np.diff(own[order])) + 1):
        picture = pictures[own[rows[0]]]
        found = _crops(picture, _GRID, _GRID) @ vectors[partner[rows]].T
        best_crops = np.abs(found).argmax(axis=0)
        for row, crop, top in zip(rows, best_crops, found[best_crops, np.arange(len(rows))], strict=True):
            if abs(top) >= close:
                cuts = _GRID[crop // len(_GRID)], _GRID[crop % len(_GRID)]
                top = max(top, _finer(picture, vectors[partner[row]], *cuts), key=abs)
            if abs(top) > abs(best[row]):
                best[row] = top
    return best


def _finer(
    picture: NDArray[np.uint8], vector: Vectors, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> np.float32:
    """Correlation of an image with a vector (1024,) at the best cuts near the given ones."""
    best = np.float32(0)
    around = np.array(list(product((-1, 0, 1), (-1, 0, 1))))
    for step in _FINER:
        near = np.clip(rows + step * around, 0, _CUTS - 1), np.clip(columns + step * around, 0, _CUTS - 1)
        found = _crops(picture, *near) @ vector
        best_crop = int(np.abs(found).argmax())
        best = found[best_crop]
        rows, columns = near[0][best_crop // len(around)], near[1][best_crop % len(around)]
    return best
