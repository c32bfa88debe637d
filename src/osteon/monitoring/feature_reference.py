"""The features of a bundle's own data as two moments, and later images compared with them: no image is needed for that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import Bundle
from osteon.bundle.reference import FeatureReference
from osteon.core.errors import DataError
from osteon.inference.networks.features import FeatureExtractor
from osteon.monitoring.features import LARGEST, LEAST, vectors_of
from osteon.stats.drift.hotelling import Moments, hotelling_test, moments
from osteon.stats.drift.mmd import TwoSampleTest

COMPONENTS: Final = 8
"""Principal directions that are kept at most."""

EACH: Final = 10
"""Images for each direction that is kept, at least: what few images show must not be told from them."""

MOST: Final = 2000
"""Images that the moments are taken of, chosen at random."""

_DIGITS: Final = 4


class ReferenceTest(NamedTuple):
    """The latest images compared with a reference; p of a single look.

    Attributes:
        hotelling: T² of the principal directions.
        studies: of the reference, of the latest.
    """

    hotelling: TwoSampleTest
    studies: tuple[int, int]


def freeze_features(vectors: NDArray[np.float32]) -> FeatureReference:
    """Two moments of features.

    Args:
        vectors: (n, d).

    Raises:
        DataError: there are fewer than 20 for two directions.
    """
    count = len(vectors)
    kept = min(COMPONENTS, count // EACH, vectors.shape[1] if vectors.ndim == 2 else 0)
    if kept < 2:
        raise DataError("too few images for moments of features", expected=f"{2 * EACH}", got=str(count))
    values = vectors.astype(np.float64)
    mean, scale = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-9)
    directions = np.linalg.svd((values - mean) / scale, full_matrices=False)[2][:kept]
    rounded = _rounded(directions)
    return FeatureReference(
        images=count,
        mean=tuple(_rounded(mean).tolist()),
        scale=tuple(_rounded(scale).tolist()),
        directions=tuple(tuple(row) for row in rounded.tolist()),
        covariance=tuple(
            tuple(row) for row in _rounded(np.cov((values - mean) / scale @ rounded.T, rowvar=False)).tolist()
        ),
    )


def freeze_files(bundle: Bundle, files: Sequence[Path], seed: int = 0) -> FeatureReference:
    """Two moments of the features of image files; of more than ``MOST`` some are chosen at random.

    Raises:
        BundleError: the bundle has no classifier of single images, or its graph has no backbone.
        DataError: too few can be read.
    """
    order = np.sort(np.random.default_rng(seed).permutation(len(files))[:MOST])
    return freeze_features(vectors_of(FeatureExtractor(bundle, threads=1), [files[index] for index in order]))


def compare_with_reference(bundle: Bundle, reference: FeatureReference, latest: Sequence[Path]) -> ReferenceTest:
    """Compare the features of the latest files with those of a reference.

    Args:
        bundle: that the reference is of.
        reference: its features.
        latest: files, of which the last ``LARGEST`` count.

    Raises:
        BundleError: as of ``freeze_files``.
        DataError: too few can be read, or they are of another network.
    """
    return compare_vectors(reference, vectors_of(FeatureExtractor(bundle, threads=1), latest[-LARGEST:]))


def compare_vectors(reference: FeatureReference, latest: NDArray[np.float32]) -> ReferenceTest:
    """Compare vectors, (m, d), with a reference.

    Raises:
        DataError: there are too few, or they have another length.
    """
    least = max(LEAST, len(reference.covariance) + 1)
    if len(latest) < least:
        raise DataError("too few images to compare features", expected=str(least), got=str(len(latest)))
    mean, scale = np.array(reference.mean), np.array(reference.scale)
    if latest.shape[1] != len(mean):
        raise DataError(
            "the reference is of another network", expected=f"{len(mean)} features", got=str(latest.shape[1])
        )
    reduced = (latest - mean) / scale @ np.array(reference.directions).T
    covariance = np.array(reference.covariance)
    first = Moments(np.zeros(len(covariance)), covariance, reference.images)
    return ReferenceTest(hotelling_test(first, moments(reduced)), (reference.images, len(latest)))


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """To some digits: the file stays small, and no image can be told from the last ones."""
    size = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.maximum(np.abs(values), 1e-12))))
    return np.round(values * size) / size
