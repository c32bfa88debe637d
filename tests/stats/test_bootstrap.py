"""Resamples are multinomial counts of clusters, intervals are SciPy's, and a single cluster is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from osteon.core.errors import DataError
from osteon.stats import bootstrap as module
from osteon.stats.bootstrap import NO_SPREAD, Method, bootstrap, defined, figure, replicate
from osteon.stats.checks import Floats
from osteon.stats.classification import Decisions
from osteon.stats.ranking import Ranking, auroc
from osteon.stats.statistic import Difference, Joint, Mean, Named, Within


class Weights:
    """A statistic that hands back the weights themselves."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.names = tuple(str(i) for i in range(n))

    def __call__(self, weights: Floats) -> Floats:
        """The weights."""
        return weights.copy()


def test_resamples_are_counts_of_clusters() -> None:
    clusters = np.array(["b", "a", "b", "c", "a"])
    draws = replicate(Weights(5), clusters=clusters, resamples=20_000).draws
    for name in "abc":
        together = draws[:, clusters == name]
        assert (together == together[:, :1]).all()
    counts = draws[:, [1, 0, 3]]
    assert (counts.sum(axis=1) == 3).all()
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=0.03)
    np.testing.assert_allclose(counts.var(axis=0), 2 / 3, atol=0.03)


def test_chunks_change_nothing(
    draw_cases: Callable[..., tuple[Floats, Floats]], monkeypatch: pytest.MonkeyPatch
) -> None:
    labels, scores = draw_cases(n=40)
    whole = replicate(Ranking(labels, scores), resamples=100, jackknife=True)
    monkeypatch.setattr(module, "CHUNK", 7 * 40)
    parts = replicate(Ranking(labels, scores), resamples=100, jackknife=True)
    np.testing.assert_array_equal(whole.draws, parts.draws)
    np.testing.assert_array_equal(whole.left_out, parts.left_out)


def test_the_same_seed_gives_the_same_figures(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, scores = draw_cases()
    first, again = (bootstrap(Ranking(labels, scores), resamples=200, seed=3) for _ in range(2))
    assert first == again
    assert first != bootstrap(Ranking(labels, scores), resamples=200, seed=4)


def test_interval_against_copied_cases(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, scores = draw_cases()
    random = np.random.default_rng(5)
    copies = [random.integers(0, len(labels), len(labels)) for _ in range(2_000)]
    low, high = np.quantile([auroc(labels[rows], scores[rows]) for rows in copies], [0.025, 0.975])
    found = bootstrap(Ranking(labels, scores))["auroc"]
    assert found.value == auroc(labels, scores)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.006)
    assert found.n == 300
    assert found.method == "95 % percentile bootstrap over cases, 10,000 resamples"


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_intervals_are_those_of_scipy(method: Method) -> None:
    values = np.random.default_rng(0).exponential(size=60)
    found = bootstrap(Mean("mean", values), method=method, resamples=50_000)["mean"]
    peer = stats.bootstrap(
        (values,), np.mean, n_resamples=50_000, method={"bca": "BCa"}.get(method, method), rng=np.random.default_rng(1)
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high), abs=0.01)


def test_clusters_widen_the_interval(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, scores = np.repeat(draw_cases(), 4, axis=1)
    alone = bootstrap(Ranking(labels, scores), resamples=2_000)["auroc"]
    together = bootstrap(Ranking(labels, scores), clusters=np.repeat(np.arange(300), 4), resamples=2_000)["auroc"]
    assert together.high - together.low > 1.5 * (alone.high - alone.low)
    assert "over 300 clusters" in together.method


def test_undefined_resamples_are_counted_and_left_out() -> None:
    labels, scores = np.array([1, 1, 0, 0, 0, 0, 0, 0]), np.arange(8.0)
    found = bootstrap(Ranking(labels, scores), resamples=1_000)["auroc"]
    assert "of them undefined and left out" in found.method
    replicates = replicate(Decisions(labels, np.zeros(8)), resamples=100)
    assert "ppv" not in defined(replicates)
    with pytest.raises(DataError, match="ppv is undefined"):
        figure(replicates, "ppv")
    with pytest.raises(KeyError):
        figure(replicates, "dice")


def test_a_figure_without_a_sound_interval_keeps_its_value() -> None:
    same = bootstrap(Ranking([0, 0, 1, 1] * 5, [0.1, 0.2, 0.3, 0.4] * 5), resamples=200)["auroc"]
    assert (same.value, same.low, same.high) == (1, None, None)
    assert NO_SPREAD in same.method
    # One case is called, and rightly: every resample that holds it says the same.
    calls, clusters = np.append(1.0, np.zeros(299)), np.append([0], np.arange(299) % 9 + 1)
    rare = bootstrap(Decisions(np.append(1.0, np.arange(299) % 2), calls), clusters=clusters, resamples=400)["ppv"]
    assert rare.value == 1
    assert rare.ends is None


def test_most_resamples_undefined() -> None:
    values = replicate(Decisions([1, 1, 0, 0], [1, 0, 0, 0]), resamples=100)
    found = figure(replace(values, draws=np.where(np.arange(100)[:, None] < 60, np.nan, values.draws)), "accuracy")
    assert (found.value, found.ends) == (0.75, None)
    assert found.method == "no interval: undefined in 60 of 100 resamples"


def test_nothing_to_resample() -> None:
    with pytest.raises(DataError, match="nothing to resample"):
        bootstrap(Ranking([0, 1, 0], [0.1, 0.2, 0.3]), clusters=["a", "a", "a"])
    with pytest.raises(DataError, match="no cluster"):
        bootstrap(Ranking([0, 1, 0], [0.1, 0.2, 0.3]), clusters=["a", "", "b"])
    with pytest.raises(DataError, match="no cluster"):
        bootstrap(Ranking([0, 1, 0], [0.1, 0.2, 0.3]), clusters=[0.0, np.nan, 1.0])
    with pytest.raises(DataError, match="no cluster"):
        bootstrap(Ranking([0, 1, 0], [0.1, 0.2, 0.3]), clusters=np.array(["a", None, "b"], object))
    with pytest.raises(DataError, match="length"):
        bootstrap(Ranking([0, 1, 0], [0.1, 0.2, 0.3]), clusters=["a", "b"])


def test_statistics_side_by_side_and_within(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, scores = draw_cases(n=100)
    rows = np.flatnonzero(scores > 0.3)
    part = Within(Ranking(labels[rows], scores[rows]), rows, 100)
    gap = Named("gap", Difference(part, Ranking(labels, scores)))
    found = bootstrap(Joint((Ranking(labels, scores), gap)), resamples=50)
    assert found["gap.auroc"].value == pytest.approx(auroc(labels[rows], scores[rows]) - auroc(labels, scores))
    with pytest.raises(DataError, match="same name"):
        Joint((part, part))
    with pytest.raises(DataError, match="same cases"):
        Joint((part, Ranking([0, 1], [0.1, 0.2])))
    with pytest.raises(DataError, match="compared"):
        Difference(part, Mean("mean", scores))
    with pytest.raises(DataError, match="these rows"):
        Within(Mean("mean", scores), rows, 100)
