"""Paired tests against statsmodels and SciPy, published data, and by their definitions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from statsmodels.stats.contingency_tables import mcnemar as peer_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from osteon.core.errors import DataError
from osteon.stats.bootstrap import bootstrap
from osteon.stats.checks import Floats
from osteon.stats.paired import binomial_p, discordant, holm, mcnemar, paired_delong, sign_flip, sign_flip_interval
from osteon.stats.ranking import Ranking, auroc
from osteon.stats.statistic import Difference

Draw = Callable[..., tuple[Floats, Floats]]

OVARIAN = """
3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0  1.6 5.6 5 1  3.8 5.7 5 1
3.7 6.7 6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1  4.3 7.0 4 1  3.6 6.7 4 0  2.3 4.4 6 1  4.2 7.6 4 0
4.0 6.6 6 0  3.5 5.8 6 1  3.8 6.8 7 1  3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1
4.3 6.5 4 1  3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0  3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1  3.5 6.2 5 1
2.9 5.7 9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1  3.3 5.7 6 1  3.7 6.9 5 1  3.6 6.6 5 1
"""
"""Albumin, total protein, K-G score and benefit of 43 patients: the complete cases of DeLong et al. (1988)."""


def slow_paired(labels: Floats, first: Floats, second: Floats) -> float:
    """Variance of the difference of two AUROCs by comparing every pair."""
    parts: list[Floats] = []
    for scores in (first, second):
        positive, negative = scores[labels == 1][:, None], scores[labels == 0]
        parts.append((positive > negative) + 0.5 * (positive == negative))
    gap = parts[0] - parts[1]
    return gap.mean(1).var(ddof=1) / gap.shape[0] + gap.mean(0).var(ddof=1) / gap.shape[1]


def test_paired_delong_is_its_definition(draw_cases: Draw) -> None:
    labels, first = draw_cases()
    second = np.round(first + 0.3 * np.random.default_rng(1).normal(size=300), 1)
    difference, p = paired_delong(labels, first, second)
    half = 1.959963985 * slow_paired(labels, first, second) ** 0.5
    assert difference.value == pytest.approx(auroc(labels, first) - auroc(labels, second))
    assert (difference.low, difference.high) == pytest.approx((difference.value - half, difference.value + half))
    assert difference.low is not None
    assert difference.high is not None
    assert (p < 0.05) == (difference.low > 0 or difference.high < 0)
    peer = bootstrap(Difference(Ranking(labels, first), Ranking(labels, second)))["auroc"]
    assert (difference.low, difference.high) == pytest.approx((peer.low, peer.high), abs=0.01)


def test_paired_delong_on_delongs_data() -> None:
    """The figures that SAS prints for these data in its example of comparing ROC curves."""
    albumin, protein, score, benefit = np.array(OVARIAN.split(), float).reshape(-1, 4).T
    first, p = paired_delong(benefit, albumin, 10 - score)
    assert (first.value, first.low, first.high, p) == pytest.approx((0.0108, -0.1761, 0.1976, 0.9102), abs=5e-5)
    second, p = paired_delong(benefit, protein, 10 - score)
    assert (second.value, second.low, second.high, p) == pytest.approx((-0.0780, -0.2830, 0.1271, 0.4561), abs=5e-5)


def test_paired_delong_of_several_runs(draw_cases: Draw) -> None:
    labels, scores = draw_cases()
    random = np.random.default_rng(3)
    runs = np.stack([scores + 0.2 * random.normal(size=300) for _ in range(4)])
    mean, _ = paired_delong(labels, runs, scores)
    assert mean.value == pytest.approx(np.mean([auroc(labels, run) for run in runs]) - auroc(labels, scores))
    assert paired_delong(labels, np.stack([scores] * 3), scores)[1] == 1
    same, p = paired_delong(labels, np.stack([runs[0]] * 2), scores)
    single, p_single = paired_delong(labels, runs[0], scores)
    assert (same.low, same.high, p) == pytest.approx((single.low, single.high, p_single))


def test_paired_delong_at_the_edges(draw_cases: Draw) -> None:
    labels, scores = draw_cases()
    difference, p = paired_delong(labels, scores, scores)
    assert (difference.value, difference.ends, p) == (0, None, 1)
    with pytest.raises(DataError, match="cannot be tested"):
        paired_delong([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1])
    with pytest.raises(DataError, match="one class"):
        paired_delong([1, 1], [0.1, 0.2], [0.1, 0.2])
    with pytest.raises(DataError, match="NaN"):
        paired_delong([1, 0], [0.1, np.nan], [0.1, 0.2])
    with pytest.raises(DataError, match="length"):
        paired_delong([1, 0], [0.1], [0.1])


@settings(deadline=None)
@given(st.integers(0, 3000).flatmap(lambda n: st.tuples(st.integers(0, n // 2), st.just(n))))
def test_binomial_p_is_scipys(case: tuple[int, int]) -> None:
    successes, n = case
    expected = binomtest(successes, n).pvalue if n else 1.0
    assert binomial_p(successes, n) == pytest.approx(expected, rel=1e-8)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_statsmodels(first: int, second: int) -> None:
    found = discordant(first, second)
    if first + second == 0:
        assert (found.exact, found.mid_p, found.chi_squared_p) == (1, 1, 1)
        return
    cells = [[9, first], [second, 4]]
    assert found.exact == pytest.approx(peer_mcnemar(cells, exact=True).pvalue, rel=1e-7)
    assert 0 < found.mid_p < found.exact
    if first != second:
        peer = peer_mcnemar(cells, exact=False, correction=True)
        assert found.chi_squared == pytest.approx(peer.statistic)
        assert found.chi_squared_p == pytest.approx(peer.pvalue)


def test_mcnemar_counts_discordant_cases() -> None:
    labels = [1, 1, 1, 0, 0, 0, 0]
    first, second = [1, 1, 0, 0, 0, 0, 1], [1, 0, 0, 0, 1, 1, 0]
    found = mcnemar(labels, first, second)
    assert (found.only_first, found.only_second) == (3, 1)
    assert found.exact == pytest.approx(binomtest(1, 4).pvalue)
    assert found.mid_p == pytest.approx(2 * (1 / 16 + 4 / 32))
    with pytest.raises(DataError, match="NaN"):
        mcnemar([1, 0], [1, np.nan], [1, 0])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 4)), min_size=1, max_size=11))
def test_sign_flip_is_its_definition(cases: list[tuple[int, int]]) -> None:
    values, clusters = np.array(cases).T
    sums = [values[clusters == one].sum() for one in np.unique(clusters)]
    seen = abs(sum(sums))
    flips = [abs(np.dot(signs, sums)) for signs in product((1, -1), repeat=len(sums))]
    assert sign_flip(values, clusters) == pytest.approx(np.mean([one >= seen for one in flips]))


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 4))
def test_sign_flip_of_single_cases_is_mcnemar(first: int, second: int, scale: int) -> None:
    values = np.array([scale] * first + [-scale] * second + [0])
    assert sign_flip(values) == pytest.approx(discordant(first, second).exact)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 40), st.integers(1, 4))
def test_interval_of_single_cases_is_clopper_and_pearsons(first: int, second: int, alike: int, scale: int) -> None:
    values = np.array([scale] * first + [-scale] * second + [0] * alike + [0])
    found = sign_flip_interval(values, scale=scale)
    if first + second == 0:
        assert found.ends is None
        return
    n = len(values)
    low, high = proportion_confint(first, first + second, method="beta")
    expected = [(2 * end - 1) * (first + second) / n for end in (low, high)]
    assert found.value == pytest.approx((first - second) / n)
    assert found.ends == pytest.approx(expected, abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 12)), min_size=1, max_size=60))
def test_interval_agrees_with_the_sign_flip_test(cases: list[tuple[int, int]]) -> None:
    values, clusters = np.array(cases).T
    found, p = sign_flip_interval(values, clusters), sign_flip(values, clusters)
    if found.ends is None:
        assert p == 1
        return
    low, high = found.ends
    assert low <= found.value <= high
    assert (p < 0.05) == (low > 0 or high < 0)
    narrower = sign_flip_interval(values, clusters, level=0.5).ends
    assert narrower is not None
    assert low <= narrower[0] <= narrower[1] <= high


def test_equal_counts_of_discordant_cases() -> None:
    found = discordant(5, 5)
    assert (found.exact, found.chi_squared, found.chi_squared_p) == (1, 0, 1)
    assert found.mid_p == pytest.approx(1 - binom.pmf(5, 10, 0.5) / 2)
    peer = peer_mcnemar([[9, 5], [5, 4]], exact=False, correction=True)
    assert peer.statistic == pytest.approx(1 / 10)
    ends = sign_flip_interval([1] * 5 + [-1] * 5 + [0] * 90).ends
    assert ends is not None
    assert ends[0] == pytest.approx(-ends[1])


def test_sign_flip_of_many_cases_and_wrong_input() -> None:
    random = np.random.default_rng(0)
    clusters = np.repeat(np.arange(20_000), 3)
    sums = random.integers(-5, 6, 60_000)
    z = sums.sum() / (np.bincount(clusters, sums) ** 2).sum() ** 0.5
    from scipy.stats import norm

    assert sign_flip(sums, clusters) == pytest.approx(2 * norm.sf(abs(z)), abs=1e-3)
    with pytest.raises(DataError, match="whole"):
        sign_flip([0.5, 1])


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_is_statsmodels(p: list[float]) -> None:
    adjusted = holm(p)
    if p:
        with patch("gc.collect"):  # which statsmodels calls in each call, through a million objects of other tests
            assert adjusted == pytest.approx(multipletests(p, method="holm")[1])
    assert all(a >= b for a, b in zip(adjusted, p, strict=True))
