"""Exact and near duplicates among the images of a table, and the clusters that must not be divided by a split."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import numpy as np

from osteon.data.duplicates.hashes import BITS, Fingerprints, fingerprint, variants
from osteon.data.duplicates.neighbours import clusters, distances, pairs_within
from osteon.data.duplicates.similar import correlation, similar
from osteon.data.table.table import Table

RADIUS: Final = 10
"""Hamming distance up to which two 256-bit difference hashes count as the same picture."""

CONFIRMED: Final = 0.98
"""Correlation of the pictures that like hashes need besides: films of one region in one position may have like hashes.
"""

VARIANT_NAMES: Final = ("as it is", "inverted", "mirrored", "inverted and mirrored")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two images that show the same.

    Attributes:
        first: row of the one.
        second: row of the other, greater than ``first``.
        variant: what was done to the one to get the other: one of ``VARIANT_NAMES``.
        exact: whether the files are equal byte for byte.
        distance: Hamming distance of the hashes, of the variant that shows the same.
        correlation: correlation of the pictures, of one with the best crop of the other, signless; 0 where it was not
            asked for.
    """

    first: int
    second: int
    variant: str
    exact: bool
    distance: int = BITS
    correlation: float = 0.0


def same_hash(prints: Fingerprints, radius: int = RADIUS) -> tuple[Duplicate, ...]:
    """All pairs of files whose hashes are within ``radius``, also inverted or mirrored, sorted by rows.

    It finds copies and most rescaled ones, in time that grows little more than linearly; not crops.
    """
    best: dict[tuple[int, int], tuple[int, str]] = {}
    for name, hashes in zip(VARIANT_NAMES, variants(prints.hashes, prints.falls), strict=True):
        for i, j, distance in pairs_within(prints.hashes, hashes, radius).tolist():
            pair = (min(i, j), max(i, j))
            if i != j and (pair not in best or distance < best[pair][0]):
                best[pair] = (distance, name)
    return tuple(
        Duplicate(i, j, name, prints.sha256[i] == prints.sha256[j], distance)
        for (i, j), (distance, name) in sorted(best.items())
    )


def duplicates(prints: Fingerprints, radius: int = RADIUS) -> tuple[Duplicate, ...]:
    """All pairs of files that show the same, by hash or by picture, sorted by rows.

    Like hashes alone do not make a pair: the pictures must correlate, too. It also finds re-encoded, cropped, inverted
    and mirrored copies; its time grows with the square of their number.
    """
    found = {(one.first, one.second): one for one in same_hash(prints, radius)}
    pairs, scores, flips = similar(prints.pictures)
    for (i, j), score, flip in zip(pairs.tolist(), scores.tolist(), flips.tolist(), strict=True):
        known = found.get((i, j))
        if known is None:
            variant = 2 * int(flip) + int(score < 0)
            hashes = variants(prints.hashes[[i]], prints.falls[[i]])[variant]
            exact, distance = prints.sha256[i] == prints.sha256[j], int(distances(hashes, prints.hashes[[j]])[0])
            found[i, j] = Duplicate(i, j, VARIANT_NAMES[variant], exact, distance, min(abs(score), 1.0))
        elif known.correlation < abs(score):
            found[i, j] = replace(known, correlation=min(abs(score), 1.0))
    for pair, one in found.items():
        if not one.correlation:
            first = prints.pictures[one.first]
            first = first[:, ::-1] if VARIANT_NAMES.index(one.variant) >= 2 else first
            score = abs(correlation(first, prints.pictures[one.second]))
            found[pair] = replace(one, correlation=min(score, 1.0))
    return tuple(one for _, one in sorted(found.items()) if one.exact or one.correlation >= CONFIRMED)


def with_clusters(
    table: Table,
    root: Path,
    *,
    radius: int = RADIUS,
    threads: int = 2,
    method: Literal["hash", "picture"] = "hash",
) -> Table:
    """Fill the column ``cluster``: images that are near duplicates, directly or through others, get the same number.

    Args:
        table: cases whose images lie below ``root``.
        root: folder of the dataset.
        radius: largest Hamming distance of two near duplicates, of 256.
        threads: how many files are decoded at once.
        method: ``hash`` joins files of like hashes; ``picture`` also crops and strongly re-encoded copies, and takes
            longer.

    Raises:
        DataError: an image cannot be decoded.
    """
    prints = fingerprint(root, table.images, threads=threads)
    found = same_hash(prints, radius) if method == "hash" else duplicates(prints, radius)
    pairs = np.array([(one.first, one.second) for one in found], np.int64).reshape(-1, 2)
    return table.with_clusters(clusters(len(table), pairs))
