"""Brier, calibration error, reliability diagram and isotonic fit against scikit-learn and plain loops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss

from osteon.core.errors import DataError
from osteon.stats.bootstrap import bootstrap
from osteon.stats.checks import Floats
from osteon.stats.reliability import (
    Reliability,
    assign,
    bin_edges,
    brier,
    fit_isotonic,
    reliability_bins,
)

ROWS = st.lists(st.tuples(st.booleans(), st.floats(0, 1, width=16), st.integers(1, 4)), min_size=1, max_size=60)


def slow_error(labels: Floats, probability: Floats, weights: Floats, bins: int) -> float:
    total, edges = 0.0, np.linspace(0, 1, bins + 1)
    for i in range(bins):
        inside = (probability > edges[i]) & (probability <= edges[i + 1]) | ((i == 0) & (probability == 0))
        if inside.any():
            gap = np.average(labels[inside], weights=weights[inside]) - np.average(
                probability[inside], weights=weights[inside]
            )
            total += weights[inside].sum() * abs(gap)
    return total / weights.sum()


def error_of(labels: ArrayLike, probability: ArrayLike, weights: ArrayLike | None = None) -> float:
    """The expected calibration error of one set of weights, with 15 bins."""
    weight = np.ones(len(np.asarray(labels))) if weights is None else np.asarray(weights, np.float64)
    return float(Reliability(labels, probability, bins=15, binning="width")(weight[None])[0, 1])


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_against_references(rows: list[tuple[float, ...]]) -> None:
    labels, probability, weights = (np.array(column, float) for column in zip(*rows, strict=True))
    assert brier(labels, probability, weights) == pytest.approx(
        brier_score_loss(labels.astype(int), probability, sample_weight=weights, pos_label=1), abs=1e-12
    )
    assert error_of(labels, probability, weights) == pytest.approx(
        slow_error(labels, probability, weights, 15), abs=1e-12
    )
    peer = IsotonicRegression(out_of_bounds="clip").fit(probability, labels, sample_weight=weights)
    fit = fit_isotonic(labels, probability, weights)
    points = np.linspace(-0.1, 1.1, 37)
    np.testing.assert_allclose(fit.apply(points), peer.predict(points), atol=1e-9)
    assert (np.diff(fit.probability) >= 0).all()


def test_diagram_is_scikit_learns(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, probability = draw_cases(n=400)
    bins = reliability_bins(labels, probability, bins=10, binning="width")
    observed, predicted = calibration_curve(labels, probability, n_bins=10)
    np.testing.assert_allclose([b.observed.value for b in bins], observed)
    np.testing.assert_allclose([b.predicted for b in bins], predicted)
    assert sum(b.observed.n for b in bins) == 400
    equal = reliability_bins(labels, probability, bins=10, binning="mass")
    assert {b.observed.n for b in equal} == {40}
    assert all(b.observed.low <= b.observed.value <= b.observed.high for b in equal)


def test_ties_make_fewer_bins() -> None:
    bins = reliability_bins([0, 1, 0, 1], [0.3] * 4, bins=10)
    assert [b.observed.n for b in bins] == [4]
    assert bins[0].observed.value == 0.5
    assert [b.observed.n for b in reliability_bins([0, 1], [0.0, 1.0], bins=4)] == [1, 1]


def test_one_class_is_defined(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    assert brier([1, 1], [1.0, 0.5]) == 0.125
    assert error_of([0, 0], [0.2, 0.4]) == pytest.approx(0.3)
    labels, probability = draw_cases()
    found = bootstrap(Reliability(labels, probability), resamples=500)
    assert found["brier"].low < found["brier"].value < found["brier"].high
    assert 0 <= found["ece"].low < found["ece"].high


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="outside"):
        brier([0, 1], [0.2, 1.2])
    with pytest.raises(DataError, match="length"):
        brier([0, 1], [0.2])
    with pytest.raises(DataError, match="unknown"):
        brier([0, -1], [0.2, 0.4])
    with pytest.raises(ValueError, match="at least one bin"):
        reliability_bins([0, 1], [0.2, 0.4], bins=0)


@pytest.mark.parametrize("bins", [3, 7, 10, 15, 20])
def test_a_probability_at_an_edge_belongs_to_the_bin_below(bins: int) -> None:
    """Bin m of M holds ((m - 1) / M, m / M], as Guo et al. define it; 0 lies in the first."""
    edges = bin_edges(np.array([0.5]), bins, "width")
    at = np.array([m / bins for m in range(bins + 1)])
    assert assign(at, edges).tolist() == [0, *range(bins)]
    assert assign(np.nextafter(at[:-1], 1), edges).tolist() == list(range(bins))
    middles = (at[:-1] + at[1:]) / 2
    assert assign(middles, edges).tolist() == list(range(bins))


def test_calibration_error_at_an_edge() -> None:
    # 0.2 = 3 / 15 shares the bin of 0.15, so that the surplus of the one cancels the lack of the other.
    assert error_of([1, 0, 0, 0, 0], [0.2, 0.15, 0.2, 0.2, 0.2]) == pytest.approx(0.01)
    # Just above the edge 0.2 is another bin, and 0.15 stands alone.
    apart = error_of([1, 0, 0, 0, 0], [0.2001, 0.15, 0.2001, 0.2001, 0.2001])
    assert apart == pytest.approx((0.15 + abs(1 - 4 * 0.2001)) / 5)
