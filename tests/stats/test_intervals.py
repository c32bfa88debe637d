"""Closed-form intervals against published examples, SciPy and a slow reading of the formulas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from osteon.core.errors import DataError
from osteon.stats.bootstrap import bootstrap
from osteon.stats.checks import Floats
from osteon.stats.intervals import auroc_covariance, components, delong, wilson
from osteon.stats.ranking import Ranking


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.9, 0.95, 0.99])
)
def test_wilson_is_scipys(case: tuple[int, int], level: float) -> None:
    successes, n = case
    found = wilson(successes, n, level)
    peer = binomtest(successes, n).proportion_ci(level, method="wilson")
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high), abs=1e-9)
    assert found.low <= found.value <= found.high


def test_wilson_of_newcombes_example() -> None:
    # Newcombe, Stat. Med. 17:857 (1998), table I, 81 of 263, method 3.
    found = wilson(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    with pytest.raises(DataError, match="undefined"):
        wilson(0, 0)
    with pytest.raises(DataError, match="undefined"):
        wilson(4, 3)


def slow_delong(labels: Floats, scores: Floats) -> tuple[float, float]:
    """DeLong's variance by comparing every pair."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    return wins.mean(), wins.mean(1).var(ddof=1) / len(positive) + wins.mean(0).var(ddof=1) / len(negative)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=4, max_size=50))
def test_delong_is_its_definition(rows: list[tuple[float, ...]]) -> None:
    labels, scores = (np.array(column, float) for column in zip(*rows, strict=True))
    if min(labels.sum(), (1 - labels).sum()) < 2:
        with pytest.raises(DataError, match="undefined"):
            delong(labels, scores)
        return
    area, variance = slow_delong(labels, scores)
    parts = components(labels == 1, scores[None])
    assert auroc_covariance(parts, labels == 1)[0, 0] == pytest.approx(variance, abs=1e-12)
    if variance > 1e-12:
        found = delong(labels, scores)
        assert found.value == pytest.approx(area)
        assert found.value == pytest.approx(roc_auc_score(labels, scores))
        assert found.low == pytest.approx(max(0, area - 1.959963985 * variance**0.5))


def test_clusters_of_one_change_nothing(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, scores = draw_cases()
    plain = delong(labels, scores)
    found = delong(labels, scores, clusters=np.arange(300))
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


def test_clustered_interval_agrees_with_the_cluster_bootstrap(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, scores = draw_cases(n=400)
    clusters = np.random.default_rng(1).integers(0, 150, 400)
    scores = scores + 0.6 * np.random.default_rng(2).normal(size=150)[clusters]
    found = delong(labels, scores, clusters=clusters)
    peer = bootstrap(Ranking(labels, scores), clusters=clusters)["auroc"]
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high), abs=0.008)
    assert "clustered" in found.method


def test_perfect_separation_has_no_interval() -> None:
    with pytest.raises(DataError, match="perfectly separated"):
        delong([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
