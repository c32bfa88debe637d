"""Paired tests against SciPy and by their definitions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from osteon.core.errors import DataError
from osteon.evaluation.bootstrap import bootstrap
from osteon.evaluation.checks import Floats
from osteon.evaluation.compare import binomial_p, compare, holm, mcnemar, paired_delong
from osteon.evaluation.measure import Settings
from osteon.evaluation.predictions import Predictions, predictions
from osteon.evaluation.ranking import Ranking, auroc
from osteon.evaluation.statistic import Difference

QUICK = Settings(resamples=500)


def slow_paired(labels: Floats, first: Floats, second: Floats) -> float:
    """Variance of the difference of two AUROCs by comparing every pair."""
    parts: list[Floats] = []
    for scores in (first, second):
        positive, negative = scores[labels == 1][:, None], scores[labels == 0]
        parts.append((positive > negative) + 0.5 * (positive == negative))
    gap = parts[0] - parts[1]
    return gap.mean(1).var(ddof=1) / gap.shape[0] + gap.mean(0).var(ddof=1) / gap.shape[1]


def test_paired_delong_is_its_definition(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, first = draw_cases()
    second = np.round(first + 0.3 * np.random.default_rng(1).normal(size=300), 1)
    difference, p = paired_delong(labels, first, second)
    half = 1.959963985 * slow_paired(labels, first, second) ** 0.5
    assert difference.value == pytest.approx(auroc(labels, first) - auroc(labels, second))
    assert (difference.low, difference.high) == pytest.approx((difference.value - half, difference.value + half))
    assert (p < 0.05) == (difference.low > 0 or difference.high < 0)
    peer = bootstrap(Difference(Ranking(labels, first), Ranking(labels, second)))["auroc"]
    assert (difference.low, difference.high) == pytest.approx((peer.low, peer.high), abs=0.01)


def test_paired_delong_at_the_edges(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, scores = draw_cases()
    difference, p = paired_delong(labels, scores, scores)
    assert (difference.value, p) == (0, 1)
    with pytest.raises(DataError, match="cannot be tested"):
        paired_delong([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1])
    with pytest.raises(DataError, match="one class"):
        paired_delong([1, 1], [0.1, 0.2], [0.1, 0.2])


@given(st.integers(0, 3000).flatmap(lambda n: st.tuples(st.integers(0, n // 2), st.just(n))))
def test_binomial_p_is_scipys(case: tuple[int, int]) -> None:
    successes, n = case
    expected = binomtest(successes, n).pvalue if n else 1.0
    assert binomial_p(successes, n) == pytest.approx(expected, rel=1e-8)


def test_mcnemar_counts_discordant_cases() -> None:
    labels = [1, 1, 1, 0, 0, 0, 0]
    first, second = [1, 1, 0, 0, 0, 0, 1], [1, 0, 0, 0, 1, 1, 0]
    assert mcnemar(labels, first, second) == (3, 1, pytest.approx(binomtest(1, 4).pvalue))
    assert mcnemar(labels, first, first) == (0, 0, 1.0)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_is_its_definition(p: list[float]) -> None:
    adjusted = holm(p)
    assert all(a >= b for a, b in zip(adjusted, p, strict=True))
    for i, value in enumerate(p):
        below = [other for other in p if other <= value]
        steps = [min(1.0, (len(p) - rank) * one) for rank, one in enumerate(sorted(below))]
        assert adjusted[i] == pytest.approx(max(steps))


def system(labels: Floats, scores: Floats) -> Predictions:
    names = [f"{i}.png" for i in range(len(labels))]
    return predictions(names, labels.astype(int), scores, cluster=[f"p{i // 2}" for i in range(len(labels))])


def test_three_systems(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, good = draw_cases(distance=1.5)
    noise = np.random.default_rng(2)
    poor = np.clip(good + noise.normal(size=300) * 0.5, 0, 1)
    unread = np.where(np.arange(300) == 7, np.nan, good)
    systems = {"good": system(labels, good), "poor": system(labels, poor), "same": system(labels, unread)}
    found = compare(systems, dict.fromkeys(systems, 0.5), QUICK)
    assert [(one.first, one.second) for one in found[::3]] == [("good", "poor"), ("good", "same"), ("poor", "same")]
    table = {(one.first, one.second, one.figure): one for one in found}
    better = table["good", "poor", "auroc"]
    assert better.difference.value > 0
    assert better.p is not None
    assert better.adjusted is not None
    assert better.p < better.adjusted < 0.05
    assert better.difference.n == 299
    assert table["good", "same", "auroc"].p == 1
    assert table["good", "poor", "average_precision"].p is None
    assert table["good", "poor", "accuracy"].test.startswith("McNemar")


def test_systems_must_be_of_the_same_cases(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, scores = draw_cases(n=20)
    one = system(labels, scores)
    with pytest.raises(DataError, match="nothing to compare"):
        compare({"a": one})
    with pytest.raises(DataError, match="different images"):
        compare({"a": one, "b": one.select(np.arange(10))})
    with pytest.raises(DataError, match="labels"):
        compare({"a": one, "b": system(1 - labels, scores)})
    with pytest.raises(DataError, match="clusters"):
        compare({"a": one, "b": predictions(one.image.tolist(), one.label, one.probability)})
