"""All pairs of hashes within a Hamming distance, without comparing all pairs: multi-index hashing.

If the bits of a hash are divided into k words and two hashes differ in at most r bits, at least k - r words are equal in
both (M. Norouzi, A. Punjani, D. Fleet: "Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012, where one
word is enough). Divide the words into k - r - 1 groups: by the pigeonhole principle two equal words are in one group. So
it is enough to sort by each pair of words of a group and to compare within runs of equal ones: for 256 bits and r = 10
that is 18 sorts by 32 bits, and few hashes agree in 32 bits without being similar.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.data.duplicates.hashes import BITS, Hashes

Pairs = NDArray[np.int64]
"""Rows ``(i, j, distance)``, shape (K, 3)."""

_BLOCK: Final = 1 << 20
"""Candidate pairs that are compared at once; they take about 60 bytes each."""

_ROWS: Final = 1 << 16
"""Hashes whose bits are divided at once."""

_EVERY: Final = 2048
"""Rows that are compared with all others at once where the radius is too large for words."""


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
    found = [np.zeros(0, np.int64)]
    if not len(first) or not len(second):
        return np.zeros((0, 3), np.int64)
    for i, j in _close(first, second, radius, same=same):
        if same:
            i, j = np.minimum(i, j), np.maximum(i, j)
        found.append(i * len(second) + j)
    numbers = np.unique(np.concatenate(found))
    i, j = np.divmod(numbers, len(second))
    return np.stack([i, j, distances(first[i], second[j])], axis=1)


def _close(
    first: Hashes, second: Hashes, radius: int, *, same: bool
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows ``(i, j)`` within the radius, some of them several times."""
    width = 16 if radius <= 14 else 8
    if BITS // width - radius < 2:
        yield from _compared_with_all(first, second, radius, same=same)
        return
    order = most_informative_bits(first, second)
    bit_words = [words_of(hashes, order, width) for hashes in ((first,) if same else (first, second))]
    for left, right in word_pairs(radius, width):
        keys = [key_of(divided, left, right, width) for divided in bit_words]
        if same:
            yield from within_runs(first, keys[0], radius)
        else:
            yield from _between_runs(first, second, keys[0], keys[1], radius)


def word_pairs(radius: int, width: int) -> list[tuple[int, int]]:
    """Pairs of words, one of which at least is equal in any two hashes within a radius.

    Args:
        radius: largest number of differing bits, at most the number of words less 2.
        width: of a word, in bits.
    """
    count = BITS // width
    groups = [range(start, count, count - radius - 1) for start in range(count - radius - 1)]
    return [pair for group in groups for pair in combinations(group, 2)]


def _compared_with_all(
    first: Hashes, second: Hashes, radius: int, *, same: bool
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    for start in range(0, len(first), max(1, _EVERY * _EVERY // len(second))):
        rows = first[start : start + max(1, _EVERY * _EVERY // len(second))]
        apart = np.bitwise_count(rows[:, None] ^ second[None]).sum(axis=2, dtype=np.int64)
        i, j = np.nonzero(apart <= radius)
        i += start
        yield (i[i < j], j[i < j]) if same else (i, j)


def most_informative_bits(first: Hashes, second: Hashes) -> NDArray[np.intp]:
    """The bits in the order of their variance, the most informative first.

    Bits that nearly all hashes share (the black border of a radiograph) are uninformative; divided in this order,
    every word gets its share of informative ones.
    """
    step = max(1, (len(first) + len(second)) // (2 * _ROWS))
    some = np.concatenate([_bits(first[::step]), _bits(second[::step])])
    return np.argsort(np.abs(some.mean(axis=0) - 0.5), kind="stable")


def _bits(hashes: Hashes) -> NDArray[np.uint8]:
    return np.unpackbits(np.ascontiguousarray(hashes).view(np.uint8), axis=1).reshape(-1, BITS)


def words_of(hashes: Hashes, order: NDArray[np.intp], width: int) -> NDArray[np.uint8 | np.uint16]:
    """The bits, in an order, distributed in turn over words of ``width`` bits: (words, N)."""
    count = BITS // width
    order_of_bits = order.reshape(width, count).T.ravel()
    divided = np.empty((count, len(hashes)), np.uint16 if width == 16 else np.uint8)
    for start in range(0, len(hashes), _ROWS):
        some = np.packbits(_bits(hashes[start : start + _ROWS])[:, order_of_bits], axis=1)
        divided[:, start : start + _ROWS] = np.ascontiguousarray(some).view(divided.dtype).T
    return divided


def key_of(words: NDArray[np.uint8 | np.uint16], left: int, right: int, width: int) -> NDArray[np.uint32 | np.uint16]:
    """Two words of each hash as one number: (N,)."""
    kind = np.uint32 if width == 16 else np.uint16
    return (words[left].astype(kind) << kind(width)) | words[right]


def within_runs(
    hashes: Hashes, keys: NDArray[np.uint32 | np.uint16], radius: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of rows with an equal key, within the radius; the candidates of a row are those after it in its run."""
    order = np.argsort(keys)
    ordered = keys[order]
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, len(keys))
    positions = np.arange(len(keys))
    counts = np.repeat(ends, np.diff(ends, prepend=0)) - positions - 1
    own = hashes[order]
    for rows, partners in _expanded(positions, positions + 1, counts):
        near = _near(own, own, rows, partners, radius)
        yield order[rows[near]], order[partners[near]]


def _between_runs(
    first: Hashes,
    second: Hashes,
    left: NDArray[np.uint32 | np.uint16],
    right: NDArray[np.uint32 | np.uint16],
    radius: int,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of a row of each array with an equal key, within the radius."""
    own, order = np.argsort(left), np.argsort(right)
    ordered, sought = right[order], left[own]
    begin = np.searchsorted(ordered, sought, "left")
    counts = np.searchsorted(ordered, sought, "right") - begin
    here, there = first[own], second[order]
    for rows, partners in _expanded(np.arange(len(own)), begin, counts):
        near = _near(here, there, rows, partners, radius)
        yield own[rows[near]], order[partners[near]]


def _expanded(
    rows: NDArray[np.int64], begin: NDArray[np.int64], counts: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Each row with each of its ``counts`` partners from ``begin`` on, about ``_BLOCK`` pairs at a time."""
    busy = np.flatnonzero(counts > 0)
    rows, begin, counts = rows[busy], begin[busy], counts[busy]
    total = np.cumsum(counts)
    start = 0
    while start < len(rows):
        done = int(total[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(total, done + _BLOCK, "right")))
        some = counts[start:stop]
        within = np.arange(int(some.sum())) - np.repeat(np.cumsum(some) - some, some)
        yield np.repeat(rows[start:stop], some), np.repeat(begin[start:stop], some) + within
        start = stop


def _near(first: Hashes, second: Hashes, i: NDArray[np.int64], j: NDArray[np.int64], radius: int) -> NDArray[np.int64]:
    """Which of the pairs are within the radius; the last words are compared only for those still within it."""
    left = np.arange(len(i))
    apart = np.zeros(len(i), np.uint16)
    for word in range(first.shape[1]):
        apart = apart + np.bitwise_count(first[i[left], word] ^ second[j[left], word])
        close = apart <= radius
        left, apart = left[close], apart[close]
    return left


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
