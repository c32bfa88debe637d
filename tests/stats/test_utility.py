"""Decision curves, risk-coverage curves and the calibration slope against plain loops and scikit-learn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from osteon.core.errors import DataError
from osteon.stats.checks import Floats
from osteon.stats.classification import confusion_at
from osteon.stats.recalibration.slope import Slope, log_odds
from osteon.stats.utility import Selective, decision_curve, risk_coverage

ROWS = st.lists(st.tuples(st.booleans(), st.sampled_from(np.linspace(0, 1, 9).tolist())), min_size=1, max_size=40)


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_decision_curve_is_its_definition(rows: list[tuple[float, ...]]) -> None:
    labels, values = (np.array(column, float) for column in zip(*rows, strict=True))
    curve = decision_curve(labels, values, [0.1, 0.25, 0.5, 0.9])
    for at, model, everyone in zip(curve.thresholds, curve.model, curve.everyone, strict=True):
        cells, odds = confusion_at(labels, values, at), at / (1 - at)
        assert model == pytest.approx((cells.true_positive - cells.false_positive * odds) / len(labels))
        assert everyone == pytest.approx(labels.mean() - (1 - labels.mean()) * odds)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.sampled_from([0.2, 0.5, 0.7]))
def test_risk_coverage_is_its_definition(rows: list[tuple[float, ...]], threshold: float) -> None:
    labels, values = (np.array(column, float) for column in zip(*rows, strict=True))
    curve = risk_coverage(labels, values, threshold)
    with np.errstate(divide="ignore"):
        odds = np.log(values) - np.log1p(-values)
    certainty = np.abs(odds - np.log(threshold / (1 - threshold)))
    wrong = (values >= threshold) != labels
    risks = [wrong[certainty >= level].mean() for level in certainty]
    assert curve.area == pytest.approx(np.mean(risks))
    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == pytest.approx(wrong.mean())


def test_weights_are_copies(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, values = draw_cases(n=50)
    weights = np.random.default_rng(0).integers(0, 3, (5, 50))
    selective, slope = Selective(labels, values), Slope(labels, values)
    for row in weights:
        rows = np.repeat(np.arange(50), row)
        single = row[None].astype(float)
        assert selective(single)[0, 0] == pytest.approx(risk_coverage(labels[rows], values[rows]).area)
        peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(log_odds(values[rows])[:, None], labels[rows])
        np.testing.assert_allclose(slope(single)[0], [peer.coef_[0, 0]], atol=1e-4)


def test_a_slope_that_does_not_exist() -> None:
    assert np.isnan(Slope([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])(np.ones((1, 4)))).all()
    assert np.isnan(Slope([0, 0, 0], [0.1, 0.2, 0.8])(np.ones((1, 3)))).all()
    with pytest.raises(DataError, match="slope is undefined"):
        Slope([0, 1], [0.4, 0.4])
    assert np.isfinite(Slope([0, 1, 0, 1], [0.0, 1.0, 0.6, 0.5])(np.ones((1, 4)))).all()


def test_thresholds_without_odds() -> None:
    with pytest.raises(DataError, match="odds"):
        decision_curve([0, 1], [0.2, 0.4], [0.0, 0.5])
    with pytest.raises(DataError, match="odds"):
        risk_coverage([0, 1], [0.2, 0.4], 1.0)
