"""Calibration intercept, calibration in the large and the smooth curve against statsmodels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm

from osteon.core.errors import DataError
from osteon.stats.bootstrap import bootstrap
from osteon.stats.checks import Floats
from osteon.stats.recalibration.slope import Intercept, Slope, log_odds
from osteon.stats.recalibration.smooth import KNOTS, SHOWN, calibration_curve, spline_basis

Draw = Callable[..., tuple[Floats, Floats]]


def test_intercept_is_a_logistic_regression_with_the_slope_fixed_at_one(draw_cases: Draw) -> None:
    labels, probability = draw_cases(n=200)
    weights = np.random.default_rng(0).integers(0, 4, (6, 200)).astype(float)
    ours = Intercept(labels, probability)(weights)
    for row, (intercept, large, ratio) in zip(weights, ours.tolist(), strict=True):
        rows = np.repeat(np.arange(200), row.astype(int))
        peer = sm.GLM(
            labels[rows], np.ones((len(rows), 1)), family=sm.families.Binomial(), offset=log_odds(probability[rows])
        ).fit(tol=1e-12)
        assert intercept == pytest.approx(peer.params[0], abs=1e-6)
        assert large == pytest.approx(labels[rows].mean() - probability[rows].mean())
        assert ratio == pytest.approx(labels[rows].mean() / probability[rows].mean())
    both = sm.GLM(labels, sm.add_constant(log_odds(probability)), family=sm.families.Binomial()).fit(tol=1e-12)
    ones = np.ones((1, 200))
    assert Slope(labels, probability)(ones)[0, 0] == pytest.approx(both.params[1], abs=1e-6)
    assert abs(Intercept(labels, probability)(ones)[0, 0] - both.params[0]) > 0.1


def test_shifted_log_odds_have_the_shift_as_intercept() -> None:
    """Whatever the slope, the mean probability after the shift is the observed share."""
    random = np.random.default_rng(4)
    odds = random.normal(size=100_000) * 2 - 1
    labels = random.random(100_000) < 1 / (1 + np.exp(-odds))
    given = 1 / (1 + np.exp(-(odds - 0.4)))
    found = dict(zip(Intercept.names, Intercept(labels, given)(np.ones((1, 100_000)))[0].tolist(), strict=True))
    assert found["intercept"] == pytest.approx(0.4, abs=0.03)
    assert found["observed_expected"] > 1
    assert found["in_the_large"] > 0


def test_edges_of_the_intercept() -> None:
    ones = np.ones((1, 4))
    assert np.isnan(Intercept([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4])(ones)[0, 0])
    assert Intercept([0, 1, 0, 1], [0.25] * 4)(ones)[0] == pytest.approx([np.log(3), 0.25, 2])
    assert Intercept([1, 0, 0, 1], [0.0, 1.0, 0.0, 1.0])(ones)[0, 0] == pytest.approx(0, abs=1e-6)
    assert Intercept([1, 1, 1, 0], [0.0, 0.0, 0.0, 0.0])(ones)[0, 0] > 16
    assert np.isnan(Intercept([1, 0], [0.0, 0.0])(np.ones((1, 2)))[0, 2])
    found = bootstrap(Intercept([0, 1] * 30, [0.3, 0.6] * 30), resamples=200)
    assert all(one.ends is not None for one in found.values())


@pytest.mark.parametrize("clustered", [False, True])
def test_curve_is_a_spline_regression_with_a_robust_band(draw_cases: Draw, clustered: bool) -> None:
    labels, probability = draw_cases(n=400)
    groups = np.arange(400) // 2 if clustered else np.arange(400)
    found = calibration_curve(labels, probability, clusters=groups if clustered else None)
    odds = log_odds(probability) / log_odds(probability).std()
    knots = np.quantile(odds, KNOTS[0])
    fit = sm.GLM(labels, spline_basis(odds, knots).T, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, tol=1e-12
    )
    shown = np.linspace(*np.quantile(log_odds(probability), SHOWN), 101) / log_odds(probability).std()
    basis = spline_basis(shown, knots).T
    middle = basis @ fit.params
    count = len(np.unique(groups))
    error = np.sqrt(np.einsum("ki,ij,kj->k", basis, fit.cov_params(), basis) * count / (count - 1))
    np.testing.assert_allclose(found.observed, 1 / (1 + np.exp(-middle)), atol=1e-6)
    np.testing.assert_allclose(found.low, 1 / (1 + np.exp(-(middle - 1.959963985 * error))), atol=1e-6)
    np.testing.assert_allclose(found.high, 1 / (1 + np.exp(-(middle + 1.959963985 * error))), atol=1e-6)


def test_basis_is_linear_beyond_the_outer_knots() -> None:
    knots = np.array([-1.0, 0.0, 0.5, 2.0])
    outside = spline_basis(np.array([-5.0, -4.0, -3.0, 3.0, 4.0, 5.0]), knots)
    np.testing.assert_allclose(np.diff(outside[:, :3], n=2), 0, atol=1e-12)
    np.testing.assert_allclose(np.diff(outside[:, 3:], n=2), 0, atol=1e-9)
    assert outside.shape == (4, 6)


def test_calibrated_probabilities_lie_in_the_band() -> None:
    random = np.random.default_rng(2)
    probability = random.beta(1, 2, 20_000)
    curve = calibration_curve(random.random(20_000) < probability, probability)
    inside = (curve.low <= curve.predicted) & (curve.predicted <= curve.high)
    assert inside.mean() > 0.8
    np.testing.assert_allclose(curve.observed, curve.predicted, atol=0.03)


def test_what_has_no_curve() -> None:
    with pytest.raises(DataError, match="too few clusters"):
        calibration_curve([1] * 9 + [0] * 50, np.linspace(0.1, 0.9, 59))
    with pytest.raises(DataError, match="one value"):
        calibration_curve([1, 0] * 20, [0.4] * 40)
    with pytest.raises(DataError, match=r"overlap|converge"):
        calibration_curve([0] * 40 + [1] * 40, np.linspace(0.01, 0.99, 80))
