"""A classifier two-sample test: whether a classifier can tell two samples apart that it was not fitted to.

Lopez-Paz and Oquab, Revisiting classifier two-sample tests, ICLR 2017: a logistic regression on folds, its AUROC on held-out
vectors, p by permutation of the samples with a new fit for each.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.stats.checks import Floats
from osteon.stats.drift.mmd import TwoSampleTest, samples

FOLDS: Final = 5
RIDGE: Final = 1.0
_STEPS: Final = 25


def classifier_test(first: ArrayLike, second: ArrayLike, permutations: int = 100, seed: int = 0) -> TwoSampleTest:
    """Test two samples.

    Args:
        first: (n, d).
        second: (m, d).
        permutations: how many, at least 1.
        seed: random seed of folds and permutations.

    Returns:
        The AUROC of the classifier (0.5 where it is of no use), and p.

    Raises:
        DataError: shapes do not fit, or a value is not finite.
    """
    x, y = samples(first, second)
    vectors = np.concatenate([x, y])
    spread = vectors.std(axis=0)
    vectors = (vectors - vectors.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    generator = np.random.default_rng(seed)
    fold = generator.permutation(np.arange(len(vectors)) % FOLDS)
    labels = (np.arange(len(vectors)) >= len(x)).astype(np.float64)
    seen = _area(vectors, labels, fold)
    others = [_area(vectors, generator.permutation(labels), fold) for _ in range(permutations)]
    return TwoSampleTest(seen, (1 + sum(other >= seen for other in others)) / (1 + permutations))


def _area(vectors: Floats, labels: Floats, fold: np.ndarray) -> float:
    scores = np.empty(len(labels))
    for held in range(FOLDS):
        out = fold == held
        scores[out] = vectors[out] @ (weights := logistic(vectors[~out], labels[~out]))[:-1] + weights[-1]
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    n, m = (labels == 0).sum(), (labels == 1).sum()
    return float((ranks[labels == 1].sum() - m * (m + 1) / 2) / (n * m))


def logistic(vectors: Floats, labels: Floats, ridge: float = RIDGE) -> Floats:
    """Weights (d) and intercept of a logistic regression, shape (d + 1,), by Newton's method.

    Args:
        vectors: (n, d).
        labels: 0 or 1, (n,).
        ridge: penalty, half of it times the squared weights; the intercept is free.
    """
    design = np.column_stack([vectors, np.ones(len(vectors))])
    penalty = np.full(design.shape[1], ridge)
    penalty[-1] = 1e-9
    found = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        gradient = design.T @ (labels - p) - penalty * found
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        found = found + step
        if np.abs(step).max() < 1e-9:
            break
    return found
