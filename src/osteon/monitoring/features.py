"""Features of the network of two batches of studies, compared: whether images look different to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import Bundle
from osteon.core.errors import DataError, InputError
from osteon.inference.networks.features import FeatureExtractor
from osteon.stats.drift.classifier import classifier_test
from osteon.stats.drift.mmd import TwoSampleTest, mmd_test

LARGEST: Final = 200
"""Studies of a batch that are compared: each is run through the network once more."""

LEAST: Final = 20

DIRECTIONS: Final = 20
"""Principal directions that are compared: with more than there are studies a classifier could learn nothing."""


class FeatureTests(NamedTuple):
    """Two batches compared; p of a single look, not of a daily one.

    Attributes:
        mmd: maximum mean discrepancy.
        classifier: classifier two-sample test; its statistic is an AUROC.
        studies: in each batch.
    """

    mmd: TwoSampleTest
    classifier: TwoSampleTest
    studies: tuple[int, int]


def compare_files(bundle: Bundle, first: Sequence[Path], second: Sequence[Path], seed: int = 0) -> FeatureTests:
    """Compare the features of files of before with those of the latest ones.

    Args:
        bundle: with a classifier of single images.
        first: files of before, of which at most ``LARGEST`` are chosen at random.
        second: files since, of which the last ``LARGEST`` count.
        seed: of the choice and the permutations.

    Raises:
        BundleError: the bundle has no such classifier, or its graph has no backbone.
        DataError: fewer than ``LEAST`` of one side can be read.
    """
    extract = FeatureExtractor(bundle, threads=1)
    order = np.random.default_rng(seed).permutation(len(first))[:LARGEST]
    return compare_features(
        vectors_of(extract, [first[i] for i in order]), vectors_of(extract, second[-LARGEST:]), seed
    )


def vectors_of(extract: FeatureExtractor, files: Sequence[Path]) -> NDArray[np.float32]:
    """Of those files that can be read, (n, d)."""
    found: list[NDArray[np.float32]] = []
    for file in files:
        try:
            found.append(extract([file])[0])
        except (InputError, OSError):  # gone meanwhile, or never readable
            continue
    return np.stack(found) if found else np.empty((0, 1), np.float32)


def compare_features(first: NDArray[np.float32], second: NDArray[np.float32], seed: int = 0) -> FeatureTests:
    """Compare two batches of vectors in their principal directions.

    Args:
        first: (n, d).
        second: (m, d).
        seed: of folds and permutations.

    Raises:
        DataError: one has fewer than ``LEAST`` vectors.
    """
    if min(len(first), len(second)) < LEAST:
        raise DataError(
            "too few images to compare features",
            expected=f"{LEAST} of both sides",
            got=f"{len(first)} and {len(second)}",
        )
    together = np.concatenate([first, second]).astype(np.float64)
    together = (together - together.mean(axis=0)) / np.maximum(together.std(axis=0), 1e-9)
    directions = np.linalg.svd(together, full_matrices=False)[2][:DIRECTIONS]
    reduced = together @ directions.T
    before, after = reduced[: len(first)], reduced[len(first) :]
    return FeatureTests(
        mmd_test(before, after, seed=seed), classifier_test(before, after, seed=seed), (len(first), len(second))
    )
