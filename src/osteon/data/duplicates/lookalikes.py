"""Look-alikes: images that a network finds almost equal, such as two projections with the same plate, cast or pellets.

A network's features (``Embed``) are centred, whitened and scaled to unit length, so that their product is a cosine that
directions which vary in all images do not dominate. What it must exceed follows from images that are surely of different
patients: those of one body part whose numbers lie far apart.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.data.duplicates.neighbours import clusters
from osteon.data.files.names import as_path
from osteon.data.splits.runs import body_parts, numbering
from osteon.data.table.table import Table

COMPONENTS: Final = 64
"""Principal components that are kept."""

FEWEST: Final = 500
"""Images below which the components cannot be estimated: a search finds nothing or everything."""

FAR: Final = 40
"""Distance in number from which two images are taken as those of different patients."""

LOWEST: Final = 0.85
"""Lowest cosine of look-alikes. Of the 2.14 million pairs of FracAtlas with the same parts, over 40 numbers apart, 132
(6 in 100,000) lie above, 79 of which are copies; at 0.81 chance pairs already join groups of 129 images."""

QUANTILE: Final = 0.9999
"""Quantile of far pairs of one body part that a cosine must exceed as well, where features discriminate less."""

_BLOCK: Final = 1024

Features = NDArray[np.float32]


class Embed(Protocol):
    """Features of image files by some network."""

    def __call__(self, paths: Sequence[Path]) -> Features:
        """Features of N files: (N, D)."""
        ...


def whitened(features: Features) -> Features:
    """Features (N, D), centred, whitened to at most 64 components and scaled to unit length: (N, C)."""
    centred = np.asarray(features, np.float64) - features.mean(axis=0)
    left, strength, _ = np.linalg.svd(centred, full_matrices=False)
    kept = min(COMPONENTS, int((strength > 1e-6 * max(strength.max(initial=0.0), 1e-12)).sum()))
    chosen = left[:, :kept]
    return np.asarray(chosen / np.maximum(np.linalg.norm(chosen, axis=1, keepdims=True), 1e-12), np.float32)


def threshold(vectors: Features, parts: Sequence[Hashable], numbers: NDArray[np.int64], seed: int = 0) -> float:
    """Cosine from which two images are look-alikes: above chance pairs of one body part with numbers far apart.

    Args:
        vectors: whitened features, (N, C).
        parts: the stated body part of each image.
        numbers: of the images; -1 where unknown, which counts as far from all others.
        seed: for choosing the pairs.
    """
    random = np.random.default_rng(seed)
    codes = _coded(parts)
    first, second = (random.integers(0, len(vectors), 400_000) for _ in range(2))
    apart = (np.abs(numbers[first] - numbers[second]) > FAR) | (numbers[first] < 0) | (numbers[second] < 0)
    chosen = apart & (first != second) & (codes[first] == codes[second])
    if not chosen.any():
        return LOWEST
    cosines = (vectors[first[chosen]] * vectors[second[chosen]]).sum(axis=1)
    return max(LOWEST, float(np.quantile(cosines, QUANTILE)))


def lookalikes(features: Features, images: Sequence[str], parts: Sequence[Hashable]) -> NDArray[np.int64]:
    """Pairs ``(i, j)``, i < j, of one body part that look alike: (K, 2).

    Raises:
        DataError: there are too few images to tell.
    """
    if len(images) < FEWEST:
        raise DataError(
            "there are too few images to search for look-alikes", expected=f"at least {FEWEST}", got=str(len(images))
        )
    vectors = whitened(features)
    codes = _coded(parts)
    limit = threshold(vectors, parts, numbering(images)[1])
    pairs = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(vectors), _BLOCK):
        alike = vectors[start : start + _BLOCK] @ vectors.T >= limit
        alike &= codes[start : start + _BLOCK, None] == codes[None]
        i, j = np.nonzero(alike)
        i = i + start
        pairs.append(np.stack([i[i < j], j[i < j]], axis=1))
    return np.concatenate(pairs)


def _coded(parts: Sequence[Hashable]) -> NDArray[np.int64]:
    """A number for each body part."""
    codes = {part: code for code, part in enumerate(dict.fromkeys(parts))}
    return np.array([codes[part] for part in parts], np.int64)


def with_lookalikes(table: Table, root: Path, embed: Embed) -> Table:
    """Fill the column ``lookalike``: images that look alike, directly or through others, get the same number.

    Raises:
        DataError: there are too few images to tell, or one cannot be decoded.
    """
    if len(table) < FEWEST:
        lookalikes(np.zeros((0, 1), np.float32), table.images, ())
    features = embed([as_path(root, name) for name in table.images])
    pairs = lookalikes(features, table.images, body_parts(table))
    return table.with_group("lookalike", clusters(len(table), pairs))
