"""Paired differences: against known tests, where nothing differs, and how often their intervals hold the truth."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from osteon.bundle.promotion.plan import Plan
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.evaluation.promotion.paired import Pair, paired_figures, subgroup_figures
from osteon.stats.bootstrap import paired_difference, replicate
from osteon.stats.paired import paired_delong
from osteon.stats.statistic import Joint, Mean, Named

PLAN = Plan(written=datetime(2026, 1, 1, tzinfo=UTC), live="a@1", live_digest="0" * 64, resamples=1000)
POINTS = {"doubt": 0.4, "definite": 0.6}


def said(label: np.ndarray, probability: np.ndarray, ages: list[str] | None = None) -> Predictions:
    names = [f"{row:03d}" for row in range(len(label))]
    columns = {} if ages is None else {"age_band": ages}
    return predictions(
        names,
        label,
        probability,
        cluster=[f"p{row // 2}" for row in range(len(label))],
        study=names,
        attributes=columns,
    )


@pytest.fixture(scope="module")
def pair() -> Pair:
    random = np.random.default_rng(3)
    label = random.integers(0, 2, 200)
    weak = np.clip(0.5 + 0.15 * (2 * label - 1) + random.normal(0, 0.25, 200), 0.01, 0.99)
    strong = np.clip(weak + 0.1 * (2 * label - 1), 0.01, 0.99)
    ages = ["06-11 y" if row < 60 else "18-39 y" if row < 190 else "65 y and over" for row in range(200)]
    return Pair(said(label, strong, ages), said(label, weak, ages), POINTS, POINTS)


def test_the_difference_of_aurocs_is_that_of_delong(pair: Pair) -> None:
    found = {one.figure: one for one in paired_figures(pair, PLAN)}
    label, first, second = pair.candidate.label, pair.candidate.probability, pair.live.probability
    known, p = paired_delong(label, first, second, clusters=pair.candidate.cluster)
    difference = found["auroc"].difference
    assert difference.value == pytest.approx(known.value, abs=1e-12)
    assert difference.low == pytest.approx(known.low, abs=0.01)
    assert difference.high == pytest.approx(known.high, abs=0.01)
    assert difference.low is not None
    assert (difference.low > 0) == (p < 0.05)
    positive = label == 1
    gain = np.mean(first[positive] >= 0.6) - np.mean(second[positive] >= 0.6)
    assert found["definite.sensitivity"].difference.value == pytest.approx(gain)


def test_no_difference_is_not_taken_for_certainty(pair: Pair) -> None:
    same = Pair(pair.live, pair.live, POINTS, POINTS)
    for one in paired_figures(same, PLAN):
        assert one.difference.value == 0
        assert one.difference.low is not None
        assert one.difference.low < -0.01  # a hundred patients cannot exclude more
    few = same.select(np.arange(6))
    assert all(one.difference.low is None for one in paired_figures(few, PLAN) if one.figure != "read")


def test_an_image_that_one_did_not_read_counts_as_not_read(pair: Pair) -> None:
    silent = pair.candidate.probability.copy()
    silent[:20] = np.nan
    quiet = Pair(said(pair.candidate.label, silent), pair.live, POINTS, POINTS)
    read = next(one for one in paired_figures(quiet, PLAN) if one.figure == "read")
    assert (read.candidate, read.live) == (0.9, 1.0)
    assert read.difference.high is not None
    assert read.difference.high < 0


def test_small_groups_are_counted_and_not_measured(pair: Pair) -> None:
    groups, small = subgroup_figures(pair, PLAN)
    assert [(group.value, group.images) for group in groups] == [("06-11 y", 60), ("18-39 y", 130)]
    assert small == {"age_band": 1}
    assert {figure.figure for figure in groups[0].figures} == {"auroc", "definite.accuracy"}


def test_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    inside, rounds = 0, 300
    for number in range(rounds):
        both = random.random((60, 2)) < np.array([0.8, 0.7])
        statistic = Joint(
            [Named("a", Mean("x", both[:, 0].astype(float))), Named("b", Mean("x", both[:, 1].astype(float)))]
        )
        found = paired_difference(replicate(statistic, resamples=400, seed=number), (0, 1), 60)
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= 0.1 <= found.high
    assert 0.90 <= inside / rounds <= 0.98
