"""Predictive values at another prevalence are Bayes' rule, and those of the cases at their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.core.errors import DataError
from osteon.stats.classification import confusion
from osteon.stats.prevalence import AtPrevalence


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=4, max_size=40), st.floats(0.001, 0.999))
def test_bayes(cases: list[tuple[bool, bool]], share: float) -> None:
    labels, calls = np.array([(0, 0), (0, 1), (1, 0), (1, 1), *cases]).T
    ppv, npv = AtPrevalence(labels, calls, (share,))(np.ones((1, len(labels))))[0]
    cells = confusion(labels, calls)
    hits, misses = cells.sensitivity * share, (1 - cells.sensitivity) * share
    alarms, cleared = (1 - cells.specificity) * (1 - share), cells.specificity * (1 - share)
    assert (ppv, npv) == pytest.approx((hits / (hits + alarms), cleared / (cleared + misses)))
    own = AtPrevalence(labels, calls, (float(np.mean(labels)),))(np.ones((1, len(labels))))[0]
    assert tuple(own) == pytest.approx((cells.ppv, cells.npv))


def test_degenerate() -> None:
    assert np.isnan(AtPrevalence([1, 1], [1, 0], (0.1,))(np.ones((1, 2)))).all()
    with pytest.raises(DataError, match="no prevalence"):
        AtPrevalence([1, 0], [1, 0], (1.0,))
    assert AtPrevalence([1, 0], [1, 0], (0.02,)).names == ("ppv_at_0.02", "npv_at_0.02")
