"""Exact and near duplicates among the images of a table, and the clusters that must not be divided by a split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from osteon.data.hashes import Fingerprints, fingerprint, variants
from osteon.data.neighbours import clusters, pairs_within
from osteon.data.table import Table

RADIUS: Final = 10
"""Hamming distance up to which two 256-bit difference hashes count as the same picture."""

VARIANT_NAMES: Final = ("as it is", "inverted", "mirrored", "inverted and mirrored")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two images that show the same.

    Attributes:
        first: row of the one.
        second: row of the other, greater than ``first``.
        distance: Hamming distance of the hashes.
        variant: what was done to the one to get the other: one of ``VARIANT_NAMES``.
        exact: whether the files are equal byte for byte.
    """

    first: int
    second: int
    distance: int
    variant: str
    exact: bool


def duplicates(prints: Fingerprints, radius: int = RADIUS) -> tuple[Duplicate, ...]:
    """All pairs of files whose hashes are within ``radius``, also inverted or mirrored, sorted by rows."""
    best: dict[tuple[int, int], tuple[int, str]] = {}
    for name, hashes in zip(VARIANT_NAMES, variants(prints.hashes), strict=True):
        for i, j, distance in pairs_within(prints.hashes, hashes, radius).tolist():
            pair = (min(i, j), max(i, j))
            if i != j and (pair not in best or distance < best[pair][0]):
                best[pair] = (distance, name)
    return tuple(
        Duplicate(i, j, distance, name, prints.sha256[i] == prints.sha256[j])
        for (i, j), (distance, name) in sorted(best.items())
    )


def with_clusters(table: Table, root: Path, *, radius: int = RADIUS, threads: int = 2) -> Table:
    """Fill the column ``cluster``: images that are near duplicates, directly or through others, get the same number.

    Args:
        table: cases whose images lie below ``root``.
        root: folder of the dataset.
        radius: largest Hamming distance of two near duplicates, of 256.
        threads: how many files are decoded at once.

    Raises:
        DataError: an image cannot be decoded.
    """
    found = duplicates(fingerprint(root, table.images, threads=threads), radius)
    pairs = np.array([(one.first, one.second) for one in found], np.int64).reshape(-1, 2)
    return table.with_clusters(clusters(len(table), pairs))
