"""Labels and scores that tests of statistics and of evaluation share."""

from __future__ import annotations

import numpy as np

from osteon.stats.checks import Floats


def draw_cases(n: int = 300, prevalence: float = 0.3, seed: int = 0, distance: float = 1.0) -> tuple[Floats, Floats]:
    """Draw labels and overlapping scores in (0, 1), both of shape (n,)."""
    random = np.random.default_rng(seed)
    labels = (random.random(n) < prevalence).astype(np.float64)
    labels[:2] = (0, 1)
    logits = random.normal(size=n) + distance * (2 * labels - 1)
    return labels, 1 / (1 + np.exp(-logits))
