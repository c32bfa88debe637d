"""All pairs of very many hashes within a Hamming distance, on the disk: multi-index hashing by partition.

The keys are those of ``neighbours``: any two hashes within the radius agree in one of them at least. For each key, hashes are
divided among files by the key, so that two which agree in it lie in the same file, and each file is searched by itself, here or
on another machine. What is found is what ``pairs_within`` finds: the division loses nothing. Memory grows with the largest
file, the disk holds all hashes once (40 bytes each).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.data.duplicates.hashes import BITS, Hashes
from osteon.data.duplicates.neighbours import Pairs, key_of, most_informative_bits, within_runs, word_pairs, words_of

WIDTH: Final = 16
"""Bits of a word."""

LARGEST_RADIUS: Final = BITS // WIDTH - 2
"""Beyond it no two words need to agree."""

ROWS: Final = 1 << 20
"""Hashes of a file, about: some 200 MB while it is searched."""

_SAMPLE: Final = 1 << 16
_RECORD: Final = np.dtype([("hash", np.uint64, 4), ("index", np.int64)])


@dataclass(frozen=True, slots=True)
class Search:
    """One file to search.

    Attributes:
        path: of its hashes and their indices.
        order: of the bits, (256,).
        words: whose bits agree in what is found.
        radius: largest number of differing bits.
    """

    path: Path
    order: NDArray[np.intp]
    words: tuple[int, int]
    radius: int


def search(task: Search) -> NDArray[np.int64]:
    """Pairs of indices ``(i, j)``, i < j, of hashes in one file within the radius and equal in its words: (K, 2)."""
    records = np.fromfile(task.path, _RECORD)
    hashes, indices = np.ascontiguousarray(records["hash"]), records["index"]
    keys = key_of(words_of(hashes, task.order, WIDTH), *task.words, WIDTH)
    found = [np.stack([indices[i], indices[j]], axis=1) for i, j in within_runs(hashes, keys, task.radius)]
    return np.sort(np.concatenate([np.zeros((0, 2), np.int64), *found]), axis=1)


def pairs_by_partition(
    hashes: Hashes,
    radius: int,
    folder: Path,
    *,
    rows: int = ROWS,
    spread: Callable[[Sequence[Search]], Iterable[NDArray[np.int64]]] | None = None,
) -> Pairs:
    """All pairs of rows that differ in at most ``radius`` bits.

    Args:
        hashes: (N, 4), an array or a memory-mapped file of one.
        radius: at most ``LARGEST_RADIUS``.
        folder: for files in between; it is made, and removed at the end. Whoever searches must see it.
        rows: hashes of a file, about.
        spread: searches files, in any order and anywhere; None: one after the other, here.

    Returns:
        rows ``(i, j, distance)`` with i < j, sorted: those of ``pairs_within``.

    Raises:
        DataError: the radius is too large.
    """
    if not 0 <= radius <= LARGEST_RADIUS:
        raise DataError(
            "hashes cannot be compared by partition", expected=f"a radius of 0 to {LARGEST_RADIUS}", got=str(radius)
        )
    if not len(hashes):
        return np.zeros((0, 3), np.int64)
    sample = np.asarray(hashes[:: max(1, len(hashes) // _SAMPLE)])
    order = most_informative_bits(sample, sample)
    files = max(1, -(-len(hashes) // rows))
    numbers = np.zeros(0, np.int64)
    for words in word_pairs(radius, WIDTH):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            paths = _divide(hashes, order, words, folder, files)
            tasks = [Search(path, order, words, radius) for path in paths]
            found = map(search, tasks) if spread is None else spread(tasks)
            numbers = np.unique(
                np.concatenate([numbers, *(pairs[:, 0] * len(hashes) + pairs[:, 1] for pairs in found)])
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return _with_distances(hashes, numbers)


def _with_distances(hashes: Hashes, numbers: NDArray[np.int64]) -> Pairs:
    i, j = np.divmod(numbers, max(1, len(hashes)))
    parts: list[NDArray[np.int64]] = []
    for start in range(0, len(numbers), ROWS):
        own, other = i[start : start + ROWS], j[start : start + ROWS]
        parts.append(np.bitwise_count(hashes[own] ^ hashes[other]).sum(axis=1, dtype=np.int64))
    return np.stack([i, j, np.concatenate([np.zeros(0, np.int64), *parts])], axis=1)


def _divide(hashes: Hashes, order: NDArray[np.intp], words: tuple[int, int], folder: Path, files: int) -> list[Path]:
    """Write hashes to files by their key."""
    paths = [folder / f"{number:05d}" for number in range(files)]
    for start, block in _blocks(hashes):
        key = key_of(words_of(block, order, WIDTH), *words, WIDTH).astype(np.uint64)
        # Multiplied by an odd number near 2^64 / golden ratio (Knuth 6.4): neighbouring keys go to different files.
        mixed = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
        number = (mixed % np.uint64(files)).astype(np.int64)
        records = np.empty(len(block), _RECORD)
        records["hash"], records["index"] = block, np.arange(start, start + len(block))
        sequence = np.argsort(number, kind="stable")
        ends = np.searchsorted(number[sequence], np.arange(files + 1))
        ordered = records[sequence]
        for path, begin, end in zip(paths, ends[:-1], ends[1:], strict=True):
            if end > begin:
                with path.open("ab") as stream:
                    ordered[begin:end].tofile(stream)
    return [path for path in paths if path.exists()]


def _blocks(hashes: Hashes) -> Iterator[tuple[int, Hashes]]:
    for start in range(0, len(hashes), ROWS):
        yield start, np.ascontiguousarray(hashes[start : start + ROWS])
