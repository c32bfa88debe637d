"""Cases that tests of several modules share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from osteon.stats.checks import Floats


@pytest.fixture
def draw_cases() -> Callable[..., tuple[Floats, Floats]]:
    """A function that draws labels and overlapping scores in (0, 1)."""

    def draw(n: int = 300, prevalence: float = 0.3, seed: int = 0, distance: float = 1.0) -> tuple[Floats, Floats]:
        random = np.random.default_rng(seed)
        labels = (random.random(n) < prevalence).astype(np.float64)
        labels[:2] = (0, 1)
        logits = random.normal(size=n) + distance * (2 * labels - 1)
        return labels, 1 / (1 + np.exp(-logits))

    return draw
