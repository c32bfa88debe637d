"""Friedman's test and Nemenyi's critical difference against SciPy and Demšar's published figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import friedmanchisquare

from osteon.core.errors import DataError
from osteon.stats.checks import Floats
from osteon.stats.ranks import nemenyi, rank_systems


@pytest.mark.parametrize(
    ("systems", "quantile"),
    [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (6, 2.850), (7, 2.949), (8, 3.031), (9, 3.102), (10, 3.164)],
)
def test_critical_values_are_demsars(systems: int, quantile: float) -> None:
    """Table 5(a) of Demšar 2006, at 0.05."""
    critical, _ = nemenyi(np.arange(systems), 20)
    unit = (systems * (systems + 1) / (6 * 20)) ** 0.5
    assert critical / unit == pytest.approx(quantile, abs=1.1e-3)


def test_demsars_example() -> None:
    """Four algorithms on 14 data sets: critical difference 1.25 at 0.05 and 1.12 at 0.10."""
    ranks = [3.143, 2.000, 2.893, 1.964]
    critical, p = nemenyi(ranks, 14)
    assert critical == pytest.approx(1.25, abs=0.005)
    assert nemenyi(ranks, 14, 0.90)[0] == pytest.approx(1.12, abs=0.005)
    assert p[0, 3] > 0.05
    assert np.array_equal(p, p.T)


@settings(deadline=None, max_examples=40)
@given(arrays(np.float64, (6, 4), elements=st.integers(0, 5).map(float)))
def test_friedman_is_scipys(scores: Floats) -> None:
    found = rank_systems(scores, list("abcd"), list("123456"))
    if all(len(set(row)) == 1 for row in scores.tolist()):
        assert (found.chi_squared, found.p) == (0, 1)
    else:
        peer = friedmanchisquare(*scores.T)
        assert (found.chi_squared, found.p) == pytest.approx((peer.statistic, peer.pvalue), abs=1e-9)
    assert found.mean_ranks.sum() == pytest.approx(10)
    assert 0 <= found.f_p <= 1


def test_nemenyi_is_scikit_posthocs() -> None:
    posthocs = pytest.importorskip("scikit_posthocs")
    scores = np.random.default_rng(0).normal(size=(12, 5)) + np.arange(5) * 0.6
    found = rank_systems(scores, list("abcde"), [str(i) for i in range(12)])
    np.testing.assert_allclose(found.pairwise, posthocs.posthoc_nemenyi_friedman(scores).to_numpy(), atol=1e-6)


def test_groups_that_do_not_differ() -> None:
    scores = np.tile([0.9, 0.8, 0.7, 0.1], (20, 1))
    found = rank_systems(scores, ["a", "b", "c", "d"], [str(i) for i in range(20)])
    assert found.mean_ranks.tolist() == [1, 2, 3, 4]
    assert (found.f, found.f_p) == (None, 0)
    assert found.alike == (("a", "b"), ("b", "c"), ("c", "d"))
    same = rank_systems(np.ones((3, 3)), list("abc"), list("123"))
    assert same.alike == (("a", "b", "c"),)


def test_what_cannot_be_ranked() -> None:
    with pytest.raises(DataError, match="too little"):
        rank_systems([[1, 2], [2, 1]], list("ab"), list("12"))
    with pytest.raises(DataError, match="too little"):
        rank_systems([[1, 2, 3]], list("abc"), ["1"])
    with pytest.raises(DataError, match="NaN"):
        rank_systems([[1, 2, 3], [1, np.nan, 3]], list("abc"), list("12"))
    with pytest.raises(DataError, match="names"):
        rank_systems([[1, 2, 3]], list("abc"), list("12"))
