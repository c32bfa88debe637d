"""Fits are scikit-learn's and SciPy's; input that no temperature fits is an error."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.calibration import _SigmoidCalibration  # scikit-learn has no public name for Platt's method alone
from sklearn.linear_model import LogisticRegression

from osteon.core.errors import DataError
from osteon.stats.calibration import calibrated, fit_sigmoid, fit_slope, fit_softmax, sigmoid, softmax
from osteon.stats.checks import Floats


def logits_of(n: int = 400, seed: int = 0, scale: float = 3.0, shift: float = -1.0) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    truth = random.normal(size=n)
    labels = (random.random(n) < sigmoid(truth)).astype(int)
    return labels, scale * truth + shift


@pytest.mark.parametrize(("scale", "shift"), [(3.0, -1.0), (0.01, 0.0), (50.0, 400.0)])
def test_sigmoid_is_platts(scale: float, shift: float) -> None:
    labels, logits = logits_of(scale=scale, shift=shift)
    found = fit_sigmoid(labels, logits)
    peer = _SigmoidCalibration().fit(logits, labels)
    assert 1 / found.temperature == pytest.approx(-peer.a_, rel=1e-3)
    np.testing.assert_allclose(calibrated(logits, found), peer.predict(logits), atol=1e-4)


def test_slope_is_an_unpenalised_logistic_regression() -> None:
    labels, logits = logits_of()
    weights = np.random.default_rng(1).integers(0, 3, len(labels))
    slope, intercept = fit_slope(labels, logits, weights)
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logits[:, None], labels, sample_weight=weights)
    assert (slope, intercept) == pytest.approx((peer.coef_[0, 0], peer.intercept_[0]), abs=1e-5)


def test_calibrated_probabilities_have_slope_one() -> None:
    labels, logits = logits_of(n=50_000)
    found = fit_sigmoid(labels, logits)
    assert found.temperature == pytest.approx(3.0, rel=0.05)
    assert found.bias == pytest.approx(1 / 3, abs=0.05)
    slope, intercept = fit_slope(labels, logits / found.temperature + found.bias)
    assert (slope, intercept) == pytest.approx((1, 0), abs=1e-3)


def test_separated_classes_stay_finite_with_platts_targets() -> None:
    found = fit_sigmoid([0, 0, 1, 1], [-2.0, -1.0, 1.0, 2.0])
    assert 0 < found.temperature < 10
    with pytest.raises(DataError, match="overlap"):
        fit_slope([0, 0, 1, 1], [-2.0, -1.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("labels", "logits", "word"),
    [
        ([0, 0], [1.0, 2.0], "one class"),
        ([0, 1], [1.0, 1.0], "one value"),
        ([1, 1, 0, 0], [-2.0, -1.0, 1.0, 2.0], "higher logits for positive"),
        ([0, 1], [1.0, np.nan], "NaN"),
    ],
)
def test_sigmoid_refuses(labels: list[float], logits: list[float], word: str) -> None:
    with pytest.raises(DataError, match=word):
        fit_sigmoid(labels, logits)


@pytest.mark.parametrize("scale", [0.02, 1.0, 40.0])
def test_softmax_is_the_best_temperature(scale: float) -> None:
    random = np.random.default_rng(2)
    truth = random.normal(size=(500, 4)) * 1.5
    labels = np.array([random.choice(4, p=row) for row in softmax(truth)])
    logits = truth * scale

    def loss(temperature: float) -> float:
        return float(-np.mean(np.log(softmax(logits / temperature)[np.arange(500), labels])))

    found = fit_softmax(labels, logits)
    peer = minimize_scalar(loss, bounds=(0.1 * scale, 10 * scale), method="bounded", options={"xatol": 1e-8 * scale})
    assert found.temperature == pytest.approx(peer.x, rel=1e-4)
    assert found.bias == 0


@pytest.mark.parametrize(
    ("labels", "logits", "word"),
    [
        ([0, 1], [[2.0, 1.0], [1.0, 2.0]], "no temperature"),
        ([1, 0], [[2.0, 1.0], [1.0, 2.0]], "no temperature"),
        ([0, 1], [[1.0, 1.0], [2.0, 2.0]], "equal logits"),
        ([0, 2], [[2.0, 1.0], [1.0, 2.0]], "no classes"),
        ([0, 1], [2.0, 1.0], "do not agree"),
        ([0, 1], [[2.0, np.inf], [1.0, 2.0]], "NaN or infinity"),
    ],
)
def test_softmax_refuses(labels: list[float], logits: list[float], word: str) -> None:
    with pytest.raises(DataError, match=word):
        fit_softmax(labels, logits)


def test_sigmoid_does_not_overflow() -> None:
    np.testing.assert_array_equal(sigmoid(np.array([-1e4, 0.0, 1e4])), [0, 0.5, 1])
