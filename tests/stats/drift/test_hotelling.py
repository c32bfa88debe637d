"""Hotelling's test against Student's, and its level and power where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from osteon.core.errors import DataError
from osteon.stats.drift.hotelling import hotelling_test, moments


def test_of_one_quantity_it_is_students_test() -> None:
    random = np.random.default_rng(0)
    first, second = random.normal(0, 1, (40, 1)), random.normal(0.4, 1.3, (25, 1))
    found = hotelling_test(moments(first), moments(second))
    statistic, p = np.asarray(ttest_ind(first[:, 0], second[:, 0]), np.float64)
    assert found.statistic == pytest.approx(statistic**2)
    assert found.p == pytest.approx(p)


def test_it_keeps_its_level_and_finds_a_shift_in_any_direction() -> None:
    random = np.random.default_rng(1)
    mixing = random.normal(0, 1, (5, 5))
    quiet, moved = [], []
    for _ in range(400):
        first, second = random.normal(0, 1, (60, 5)) @ mixing, random.normal(0, 1, (40, 5)) @ mixing
        quiet.append(hotelling_test(moments(first), moments(second)).p)
        shifted = second + np.array([0, 0, 0, 0, 1.2]) @ mixing
        moved.append(hotelling_test(moments(first), moments(shifted)).p)
    assert 0.02 < np.mean(np.array(quiet) < 0.05) < 0.09  # 400 draws: 0.05 with four standard errors
    assert np.mean(np.array(moved) < 0.05) > 0.95


def test_samples_that_do_not_fit_are_refused() -> None:
    random = np.random.default_rng(2)
    three, two = moments(random.normal(size=(9, 3))), moments(random.normal(size=(9, 2)))
    for bad in (
        lambda: hotelling_test(three, two),
        lambda: moments(np.zeros((1, 2))),
        lambda: moments([[np.nan], [1.0]]),
    ):
        with pytest.raises(DataError):
            bad()
    with pytest.raises(DataError, match="too few"):
        hotelling_test(moments(random.normal(size=(2, 3))), moments(random.normal(size=(2, 3))))
    with pytest.raises(DataError, match="singular"):
        hotelling_test(moments(np.zeros((5, 2))), moments(np.ones((5, 2))))
