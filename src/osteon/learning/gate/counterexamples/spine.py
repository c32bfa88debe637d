"""Spines, simulated: a body part that the bundle does not read."""

from __future__ import annotations

import numpy as np

from osteon.core.labels import View
from osteon.core.records import Pixels
from osteon.phantom.simulate import simulate


def spine(rng: np.random.Generator) -> Pixels:
    """A phantom of a spine from the front or the side."""
    view = View.FRONTAL if rng.random() < 0.5 else View.LATERAL
    return simulate("spine", int(rng.integers(1, 2**31)), view=view, size=int(rng.integers(256, 512))).pixels
