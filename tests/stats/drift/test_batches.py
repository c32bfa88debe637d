"""Tests of a batch against a reference, and performance without labels."""

import numpy as np
import pytest

from osteon.core.errors import DataError
from osteon.stats.drift.classifier import classifier_test, logistic
from osteon.stats.drift.daily import chi_square_test, ks_test
from osteon.stats.drift.mmd import mmd_squared, mmd_test
from osteon.stats.drift.performance import estimate_performance

GENERATOR = np.random.default_rng(3)
X, Y, SHIFTED = GENERATOR.normal(size=(60, 4)), GENERATOR.normal(size=(50, 4)), GENERATOR.normal(0.7, 1, (50, 4))


def k(a, b):
    return np.exp(-np.sum((a - b) ** 2) / 2)


def test_mmd_is_its_definition():
    n, m = len(X), len(Y)
    first = sum(k(X[i], X[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    second = sum(k(Y[i], Y[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    both = sum(k(a, b) for a in X for b in Y) / (n * m)
    assert mmd_squared(X, Y, 1.0) == pytest.approx(first + second - 2 * both)


def test_two_sample_tests_tell_a_shift_and_keep_their_level():
    for test in (mmd_test, classifier_test):
        assert test(X, SHIFTED, 99).p == pytest.approx(0.01)
        generator = np.random.default_rng(4)
        quiet = [test(generator.normal(size=(25, 3)), generator.normal(size=(25, 3)), 19).p for _ in range(60)]
        assert np.mean(np.array(quiet) <= 0.1) <= 0.24  # of 60 with probability 0.1: more has a probability below 0.001
    with pytest.raises(DataError, match="two samples"):
        mmd_test(X, Y[:, :2])


def test_logistic_is_scikit_learns():
    from sklearn.linear_model import LogisticRegression

    vectors, labels = np.concatenate([X, SHIFTED]), np.repeat([0, 1], [60, 50])
    fitted = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(vectors, labels)
    assert logistic(vectors, labels.astype(float)) == pytest.approx([*fitted.coef_[0], fitted.intercept_[0]], abs=1e-5)


def test_daily_tests_are_scipys():
    from scipy.stats import chi2_contingency, ks_2samp

    ours, theirs = ks_test(X[:, 0], SHIFTED[:, 0]), ks_2samp(X[:, 0], SHIFTED[:, 0], method="asymp")
    assert ours.statistic == pytest.approx(theirs.statistic)  # p for many, since scipy corrects for few
    many, others = GENERATOR.normal(size=4000), GENERATOR.normal(0.03, 1, 4000)
    assert ks_test(many, others).p == pytest.approx(ks_2samp(many, others, method="asymp").pvalue, rel=0.05)
    counts = np.array([[30, 20, 0, 5], [10, 25, 0, 9]])
    table = chi2_contingency(counts[:, [0, 1, 3]], correction=False)
    assert chi_square_test(*counts) == pytest.approx((table.statistic, table.pvalue))
    assert chi_square_test([3, 0], [5, 0]).p == 1.0


def test_estimated_performance_is_right_where_probabilities_are_calibrated():
    generator = np.random.default_rng(12)
    p = generator.beta(0.6, 1.8, 20_000)
    truth = generator.random(len(p)) < p
    found = estimate_performance(p[:2000], 0.4, resamples=300)
    called = p >= 0.4
    measured = (
        (called & truth).sum() / truth.sum(),
        (~called & ~truth).sum() / (~truth).sum(),
        (called & truth).sum() / called.sum(),
        truth.mean(),
    )
    for estimate, value in zip(found, measured, strict=True):
        assert estimate is not None
        assert estimate.low - 0.01 <= value <= estimate.high + 0.01
        assert "estimated" in estimate.method
    assert estimate_performance([0.1, 0.2], 0.5, resamples=100).positive_predictive_value is None
