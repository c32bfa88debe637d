"""Exact and near duplicates among the images of a table, and the clusters that a split must not divide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

import numpy as np

from osteon.data.duplicates.hashes import BITS, Fingerprints, fingerprint, variants
from osteon.data.duplicates.neighbours import clusters, distances, pairs_within
from osteon.data.duplicates.perceptual import signatures, turned
from osteon.data.duplicates.similar import correlation, similar
from osteon.data.table.table import Table

RADIUS: Final = 10
"""Hamming distance up to which two 256-bit difference hashes count as the same image."""

CONFIRMED: Final = 0.98
"""Minimum correlation of images with similar hashes: radiographs of one region in one position may have similar hashes.
"""


class Variant(StrEnum):
    """How one image differs from another of the same content; turns are anticlockwise, after mirroring."""

    UNCHANGED = "unchanged"
    INVERTED = "inverted"
    MIRRORED = "mirrored"
    INVERTED_MIRRORED = "inverted-mirrored"
    TURNED_90 = "turned-90"
    TURNED_180 = "turned-180"
    TURNED_270 = "turned-270"
    MIRRORED_TURNED_90 = "mirrored-turned-90"
    MIRRORED_TURNED_180 = "mirrored-turned-180"
    MIRRORED_TURNED_270 = "mirrored-turned-270"


HASHED: Final = (Variant.UNCHANGED, Variant.INVERTED, Variant.MIRRORED, Variant.INVERTED_MIRRORED)
"""The variants that hashes tell apart, in the order of ``osteon.data.duplicates.hashes.variants``."""

TURNED: Final = {
    (1, False): Variant.TURNED_90,
    (2, False): Variant.TURNED_180,
    (3, False): Variant.TURNED_270,
    (1, True): Variant.MIRRORED_TURNED_90,
    (2, True): Variant.MIRRORED_TURNED_180,
    (3, True): Variant.MIRRORED_TURNED_270,
}
"""Further variants, by quarters anticlockwise and whether the image is mirrored before."""

TURNED_RADIUS: Final = 12
"""Differing bits of 256 up to which the signatures of an image and of a turned one are compared further."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two images with the same content.

    Attributes:
        first: row of one image.
        second: row of the other, greater than ``first``.
        variant: how one differs from the other.
        exact: whether the files are equal byte for byte.
        distance: Hamming distance of the hashes, for that variant; of the signatures where it is turned.
        correlation: absolute correlation of one image with the best crop of the other; 0 where it was not computed.
    """

    first: int
    second: int
    variant: Variant
    exact: bool
    distance: int = BITS
    correlation: float = 0.0


def same_hash(prints: Fingerprints, radius: int = RADIUS) -> tuple[Duplicate, ...]:
    """All pairs of files whose hashes are within ``radius``, also inverted or mirrored, sorted by rows.

    It finds copies and most rescaled ones, in nearly linear time; it does not find crops.
    """
    best: dict[tuple[int, int], tuple[int, Variant]] = {}
    for variant, hashes in zip(HASHED, variants(prints.hashes, prints.falls), strict=True):
        for i, j, distance in pairs_within(prints.hashes, hashes, radius).tolist():
            pair = (min(i, j), max(i, j))
            if i != j and (pair not in best or distance < best[pair][0]):
                best[pair] = (distance, variant)
    return tuple(
        Duplicate(i, j, variant, prints.sha256[i] == prints.sha256[j], distance)
        for (i, j), (distance, variant) in sorted(best.items())
    )


def duplicates(prints: Fingerprints, radius: int = RADIUS) -> tuple[Duplicate, ...]:
    """All pairs of files with the same content, by hash or by image, sorted by rows.

    Similar hashes alone are not enough: the images must correlate, too. It also finds re-encoded, cropped, inverted,
    mirrored and turned copies; its time grows with the square of their number.
    """
    found = {(duplicate.first, duplicate.second): duplicate for duplicate in same_hash(prints, radius)}
    pairs, scores, flips = similar(prints.pictures)
    for (i, j), score, flip in zip(pairs.tolist(), scores.tolist(), flips.tolist(), strict=True):
        known = found.get((i, j))
        if known is None:
            index = 2 * int(flip) + int(score < 0)
            hashes = variants(prints.hashes[[i]], prints.falls[[i]])[index]
            exact, distance = prints.sha256[i] == prints.sha256[j], int(distances(hashes, prints.hashes[[j]])[0])
            found[i, j] = Duplicate(i, j, HASHED[index], exact, distance, min(abs(score), 1.0))
        elif known.correlation < abs(score):
            found[i, j] = replace(known, correlation=min(abs(score), 1.0))
    for pair, duplicate in found.items():
        if not duplicate.correlation:
            first = prints.pictures[duplicate.first]
            first = first[:, ::-1] if HASHED.index(duplicate.variant) >= 2 else first
            score = abs(correlation(first, prints.pictures[duplicate.second]))
            found[pair] = replace(duplicate, correlation=min(score, 1.0))
    found = {
        pair: duplicate for pair, duplicate in found.items() if duplicate.exact or duplicate.correlation >= CONFIRMED
    }
    for duplicate in _turned(prints):
        found.setdefault((duplicate.first, duplicate.second), duplicate)
    return tuple(duplicate for _, duplicate in sorted(found.items()))


def _turned(prints: Fingerprints) -> Iterator[Duplicate]:
    """Pairs of which one is turned: by signature, and by the correlation of the images."""
    own = signatures(prints.pictures)
    for (quarters, mirrored), variant in TURNED.items():
        pictures = turned(prints.pictures, quarters, mirrored=mirrored)
        for i, j, distance in pairs_within(own, signatures(pictures), TURNED_RADIUS).tolist():
            # A turn by a half, and a mirrored turn, undo themselves: such a pair is found from both sides.
            if i == j or (i > j and (mirrored or quarters == 2)):
                continue
            score = min(abs(correlation(prints.pictures[i], pictures[j])), 1.0)
            if score >= CONFIRMED:
                first, second = min(i, j), max(i, j)
                exact = prints.sha256[i] == prints.sha256[j]
                yield Duplicate(first, second, variant, exact, distance, score)


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
        threads: number of files are decoded at once.
        method: ``hash`` clusters files with similar hashes; ``picture`` also finds crops and strongly re-encoded copies,
            and takes longer.

    Raises:
        DataError: an image cannot be decoded.
    """
    prints = fingerprint(root, table.images, threads=threads)
    found = same_hash(prints, radius) if method == "hash" else duplicates(prints, radius)
    pairs = np.array([(duplicate.first, duplicate.second) for duplicate in found], np.int64).reshape(-1, 2)
    return table.with_group("cluster", clusters(len(table), pairs))
