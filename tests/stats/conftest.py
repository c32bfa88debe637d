"""Cases that tests of several modules share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests import cases

from osteon.stats.checks import Floats


@pytest.fixture
def draw_cases() -> Callable[..., tuple[Floats, Floats]]:
    """A function that draws labels and overlapping scores in (0, 1)."""
    return cases.draw_cases
