"""AUROC, average precision and curves are scikit-learn's, also with ties and weights; one class is an error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from osteon.core.errors import DataError
from osteon.stats import ranking

CASES = st.lists(
    st.tuples(st.booleans(), st.integers(-3, 3) | st.floats(-5, 5, width=16), st.integers(0, 3)),
    min_size=2,
    max_size=60,
).filter(lambda rows: len({label for label, _, weight in rows if weight}) == 2)


@settings(max_examples=300, deadline=None)
@given(CASES)
def test_areas_are_those_of_scikit_learn(rows: list[tuple[float, ...]]) -> None:
    labels, scores, weights = (np.array(column, float) for column in zip(*rows, strict=True))
    assert ranking.auroc(labels, scores, weights) == pytest.approx(
        roc_auc_score(labels, scores, sample_weight=weights), abs=1e-12
    )
    assert ranking.average_precision(labels, scores, weights) == pytest.approx(
        average_precision_score(labels, scores, sample_weight=weights), abs=1e-12
    )


@settings(max_examples=200, deadline=None)
@given(CASES)
def test_curves_are_those_of_scikit_learn(rows: list[tuple[float, ...]]) -> None:
    labels, scores, _ = (np.array(column, float) for column in zip(*rows, strict=True))
    if len(set(labels)) < 2:
        return
    curve = ranking.roc_curve(labels, scores)
    fpr, tpr, thresholds = roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(1 - curve.specificity, fpr, atol=1e-12)
    np.testing.assert_allclose(curve.sensitivity, tpr, atol=1e-12)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    assert np.trapezoid(curve.sensitivity, 1 - curve.specificity) == pytest.approx(ranking.auroc(labels, scores))
    found = ranking.precision_recall_curve(labels, scores)
    precision, recall, thresholds = precision_recall_curve(labels, scores)
    np.testing.assert_allclose(found.precision[::-1], precision[:-1], atol=1e-12)
    np.testing.assert_allclose(found.recall[::-1], recall[:-1], atol=1e-12)
    np.testing.assert_array_equal(found.thresholds[::-1], thresholds)


@settings(max_examples=100, deadline=None)
@given(CASES, st.integers(0, 2**32 - 1))
def test_many_weights_at_once_equal_one_at_a_time(rows: list[tuple[float, ...]], seed: int) -> None:
    labels, scores, _ = (np.array(column, float) for column in zip(*rows, strict=True))
    weights = np.random.default_rng(seed).integers(0, 3, (8, len(labels))).astype(float)
    together = ranking.Ranking(labels, scores)(weights)
    for row, (area, precision) in zip(weights, together, strict=True):
        positive, negative = row[labels == 1].sum(), row[labels == 0].sum()
        if positive and negative:
            assert area == pytest.approx(roc_auc_score(labels, scores, sample_weight=row), abs=1e-12)
        else:
            assert np.isnan(area)
        if positive:
            assert precision == pytest.approx(average_precision_score(labels, scores, sample_weight=row), abs=1e-12)
        else:
            assert np.isnan(precision)


def test_all_scores_equal_is_chance() -> None:
    assert ranking.auroc([0, 1, 1, 0], [0.4] * 4) == 0.5
    assert ranking.average_precision([0, 1, 1, 0], [0.4] * 4) == 0.5


@pytest.mark.parametrize(
    ("labels", "scores", "word"),
    [
        ([], [], "no labels"),
        ([1, 1], [0.1, 0.2], "one class"),
        ([0, 0], [0.1, 0.2], "one class"),
        ([0, 1], [0.1, float("nan")], "NaN"),
        ([0, 1], [0.1, float("inf")], "infinity"),
        ([0, 1, -1], [0.1, 0.2, 0.3], "unknown"),
        ([0, 2], [0.1, 0.2], "not binary"),
        ([0, 1], [0.1], "length"),
        ([[0, 1]], [[0.1, 0.2]], "one column"),
        (["a", "b"], [0.1, 0.2], "not numbers"),
    ],
)
def test_a_figure_without_a_right_value_is_an_error(labels: list[float], scores: list[float], word: str) -> None:
    with pytest.raises(DataError, match=word):
        ranking.auroc(labels, scores)


def test_average_precision_needs_positives_only() -> None:
    assert ranking.average_precision([1, 1], [0.2, 0.4]) == 1.0
    with pytest.raises(DataError, match="without positive"):
        ranking.average_precision([0, 0], [0.2, 0.4])
