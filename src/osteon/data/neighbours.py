"""All pairs of hashes within a Hamming distance, without comparing all pairs: multi-index hashing.

If two hashes of B bits differ in at most r, and their bits are dealt into r + 1 substrings, at least one substring is
equal in both (M. Norouzi, A. Punjani, D. Fleet: "Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012).
So it is enough to sort by each substring and to compare within runs of equal ones.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.data.hashes import BITS, Hashes

Pairs = NDArray[np.int64]
"""Rows ``(i, j, distance)``, shape (K, 3)."""

_BLOCK: Final = 1 << 21
"""Candidate pairs that are compared at once; they take about 100 bytes each."""


def distances(first: Hashes, second: Hashes) -> NDArray[np.int64]:
    """Hamming distance of each row of ``first`` (N, 4) to the same row of ``second`` (N, 4): shape (N,)."""
    return np.bitwise_count(first ^ second).sum(axis=1, dtype=np.int64)


def pairs_within(first: Hashes, second: Hashes, radius: int) -> Pairs:
    """All pairs of a row of ``first`` (N, 4) and one of ``second`` (M, 4) that differ in at most ``radius`` bits.

    Where both are the same array, each pair comes once (i < j) and no row is paired with itself.

    Returns:
        rows ``(index in first, index in second, distance)``, sorted.
    """
    same = first is second
    keys_first, keys_second = _substrings(first, second, radius + 1)
    found = [np.zeros((0, 3), np.int64)]
    for left, right in zip(keys_first, keys_second, strict=True):
        found.extend(_matches(first, second, left, right, radius, same=same))
    return np.unique(np.concatenate(found), axis=0)


def _substrings(first: Hashes, second: Hashes, count: int) -> tuple[list[NDArray[np.uint64]], list[NDArray[np.uint64]]]:
    """Deal the bits into ``count`` substrings, each a number.

    Bits that nearly all hashes share (the black border of a film) tell nothing; so the bits are dealt in the order of
    their variance, that every substring gets its share of telling ones.
    """
    bits = [_bits(hashes) for hashes in (first, second)]
    spread = np.concatenate(bits).mean(axis=0)
    order = np.argsort(np.abs(spread - 0.5), kind="stable")
    keys: tuple[list[NDArray[np.uint64]], list[NDArray[np.uint64]]] = ([], [])
    for start in range(count):
        chosen = order[start::count][:64]
        weights = np.uint64(1) << np.arange(len(chosen), dtype=np.uint64)
        for side, columns in zip(keys, bits, strict=True):
            side.append(columns[:, chosen].astype(np.uint64) @ weights)
    return keys


def _bits(hashes: Hashes) -> NDArray[np.uint8]:
    return np.unpackbits(np.ascontiguousarray(hashes).view(np.uint8), axis=1).reshape(-1, BITS)


def _matches(
    first: Hashes,
    second: Hashes,
    left: NDArray[np.uint64],
    right: NDArray[np.uint64],
    radius: int,
    *,
    same: bool,
) -> list[Pairs]:
    """Pairs with an equal substring whose whole hashes are within the radius."""
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    begin = np.searchsorted(ordered, left, "left")
    end = np.searchsorted(ordered, left, "right")
    if same:  # the partners of a row are those after it in its run, so that each pair is met once
        begin = np.empty_like(begin)
        begin[order] = np.arange(1, len(order) + 1)
    counts = end - begin
    found: list[Pairs] = []
    rows = np.flatnonzero(counts > 0)
    total = np.cumsum(counts[rows])
    start = 0
    while start < len(rows):
        done = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, done + _BLOCK, "right")))
        chunk = rows[start:stop]
        repeats = counts[chunk]
        i = np.repeat(chunk, repeats)
        within = np.arange(len(i)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        j = order[np.repeat(begin[chunk], repeats) + within]
        apart = distances(first[i], second[j])
        close = apart <= radius
        i, j, apart = i[close], j[close], apart[close]
        if same:
            i, j = np.minimum(i, j), np.maximum(i, j)
        found.append(np.stack([i, j, apart], axis=1))
        start = stop
    return found


def clusters(count: int, pairs: NDArray[np.int64]) -> NDArray[np.int32]:
    """Number the connected components of ``count`` items under ``pairs`` (K, at least 2), in order of appearance.

    Returns:
        the number of each item's component, shape (count,).
    """
    parent = list(range(count))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for i, j in pairs[:, :2].tolist():
        a, b = root(i), root(j)
        parent[max(a, b)] = min(a, b)
    roots = np.array([root(item) for item in range(count)], np.int64)
    _, numbers = np.unique(roots, return_inverse=True)
    return numbers.astype(np.int32)
