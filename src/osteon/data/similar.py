"""Pictures that show the same after rescaling, re-encoding, inversion, mirroring or a slight crop.

Each picture is reduced to 32 x 32, band-passed and scaled to unit length, so that the product of two is their
correlation: near 1 or, for an inverted copy, near -1 where both show the same. What correlates well enough is
compared once more with crops of up to 5 % at each edge. Radiographs of the same region in the same position correlate
up to 0.98, copies of one image above 0.995.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.data.hashes import PICTURE_SIDE

SIDE: Final = 32
WHOLE: Final = 0.99
"""Correlation from which two whole pictures show the same; measured in ``benchmarks/duplicates.py``."""

CROPPED: Final = 0.9925
"""Correlation from which a picture and a crop of the other show the same."""

CANDIDATE: Final = 0.92
"""Correlation from which crops are tried, of the pictures or of one with the middle of the other."""

CUTS: Final = (0.0, 0.025, 0.05)
"""Shares cut off each of the four edges, in every combination."""

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


_LINES: Final = [_sampling(low, high) for low, high in product(CUTS, CUTS)]
_FINE_LINES: Final = np.stack([line[0] for line in _LINES])
_COARSE_LINES: Final = np.stack([line[1] for line in _LINES])
_WHOLE: Final = 0
_MIDDLE: Final = len(CUTS) + 1
"""Places in ``_LINES`` of no cut and of the same small cut on both edges."""


def _unit(vectors: NDArray[np.floating]) -> Vectors:
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return (centred / np.maximum(length, 1e-6)).astype(np.float32)


def _vectors(pictures: NDArray[np.uint8], line: int) -> Vectors:
    """Unit vectors of pictures (N, 64, 64), cut the same way along both axes: (N, 1024)."""
    found = np.empty((len(pictures), SIDE * SIDE), np.float32)
    fine, coarse = _LINES[line]
    for start in range(0, len(pictures), _BLOCK):
        some = pictures[start : start + _BLOCK].astype(np.float32)
        found[start : start + _BLOCK] = (
            np.asarray(fine @ some @ fine.T - coarse @ some @ coarse.T, np.float32)
        ).reshape(len(some), -1)
    return _unit(found)


def _crops(picture: NDArray[np.uint8]) -> Vectors:
    """Unit vectors of all crops of one picture (64, 64): (crops, 1024)."""
    values = picture.astype(np.float32)
    fine = (_FINE_LINES @ values)[:, None] @ _FINE_LINES.transpose(0, 2, 1)[None]
    coarse = (_COARSE_LINES @ values)[:, None] @ _COARSE_LINES.transpose(0, 2, 1)[None]
    return _unit((fine - coarse).reshape(-1, SIDE * SIDE))


def similar(pictures: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.bool_]]:
    """Pairs of pictures that show the same.

    Args:
        pictures: grey pictures, uint8, shape (N, 64, 64).

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
        score = _cropped(pictures, whole, others, i, j, score, mirrored=bool(flip))
        same = np.abs(score) >= WHOLE
        pairs.append(np.stack([i[same], j[same]], axis=1))
        scores.append(score[same])
        flips.append(np.full(int(same.sum()), bool(flip)))
    return np.concatenate(pairs), np.concatenate(scores), np.concatenate(flips)


def _candidates(
    whole: Vectors, others: Vectors, middles: Vectors, other_middles: Vectors
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Pairs i < j that correlate somewhat, also with each other's middle; with the correlation of the whole."""
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
    whole: Vectors,
    others: Vectors,
    i: NDArray[np.int64],
    j: NDArray[np.int64],
    score: NDArray[np.float32],
    *,
    mirrored: bool,
) -> NDArray[np.float32]:
    """Correlation of each pair, of the best crop where that is high enough and better than the whole."""
    best = score.copy()
    if not len(best):
        return best
    flipped = pictures[:, :, ::-1] if mirrored else pictures
    for source, own, partner, vectors in ((pictures, i, j, others), (flipped, j, i, whole)):
        order = np.argsort(own, kind="stable")
        changes = np.flatnonzero(np.diff(own[order])) + 1
        for rows in np.split(order, changes):
            found = _crops(source[own[rows[0]]]) @ vectors[partner[rows]].T
            top = found[np.abs(found).argmax(axis=0), np.arange(len(rows))]
            better = (np.abs(top) >= CROPPED) & (np.abs(top) > np.abs(best[rows]))
            best[rows[better]] = top[better]
    return best
