"""Performance without labels, estimated from calibrated probabilities (CBPE).

Białek et al., Estimating model performance under covariate shift without labels, arXiv:2401.08348, 2024: where p of those
called with probability p are positive, the confusion matrix can be expected. Everything hangs on the calibration: under a
shift that breaks it (other images at the same score) the estimate is wrong and does not show it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.stats.checks import Floats, probabilities


class EstimatedPerformance(NamedTuple):
    """Estimates, not measurements; None where nothing was called, or nothing expected, that it is a share of."""

    sensitivity: Estimate | None
    specificity: Estimate | None
    positive_predictive_value: Estimate | None
    prevalence: Estimate | None


def estimate_performance(
    scores: ArrayLike, threshold: float, level: float = 0.95, resamples: int = 1000, seed: int = 0
) -> EstimatedPerformance:
    """Estimate what calls at a threshold are worth.

    The interval is for the labels that these probabilities make likely and for the sampling of cases: each resample draws
    cases with replacement, and a label for each from its probability.

    Args:
        scores: calibrated probabilities, (n,).
        threshold: called positive at or above it.
        level: of the intervals.
        resamples: how many, at least 100.
        seed: random seed.

    Raises:
        DataError: a probability lies outside [0, 1], or there is none.
    """
    p = probabilities(scores)
    if not len(p) or resamples < 100:
        raise DataError("nothing can be estimated", expected="at least one probability and 100 resamples")
    called = p >= threshold
    generator = np.random.default_rng(seed)
    chosen = generator.integers(0, len(p), (resamples, len(p)))
    positive = generator.random((resamples, len(p))) < p[chosen]
    drawn = called[chosen]
    shares = (
        ((positive & drawn).sum(1), positive.sum(1), p[called].sum(), p.sum()),
        ((~positive & ~drawn).sum(1), (~positive).sum(1), (1 - p[~called]).sum(), (1 - p).sum()),
        ((positive & drawn).sum(1), drawn.sum(1), p[called].sum(), float(called.sum())),
        (positive.sum(1), np.full(resamples, len(p)), p.sum(), float(len(p))),
    )
    made = [_share(*counts, level, len(p)) for counts in shares]
    return EstimatedPerformance(*made)


def _share(hits: Floats, cases: Floats, expected: float, of: float, level: float, n: int) -> Estimate | None:
    there = cases > 0
    if of <= 0 or not there.any():
        return None
    low, high = np.quantile(hits[there] / cases[there], [(1 - level) / 2, (1 + level) / 2])
    value = float(expected / of)
    method = f"{level * 100:g} % CBPE (estimated from probabilities, no labels)"
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value), method=method, n=n)
