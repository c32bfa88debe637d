"""Thresholds are those that an exhaustive search finds, make the promised calls, and stand clear of the cases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from osteon.core.errors import DataError
from osteon.stats.checks import Floats
from osteon.stats.classification import confusion_at
from osteon.stats.operating import at_sensitivity, at_specificity, operating_points, youden

CASES = st.lists(
    st.tuples(st.booleans(), st.sampled_from(np.linspace(0, 1, 11).tolist()) | st.floats(0, 1)), min_size=2, max_size=40
).filter(lambda rows: len({label for label, _ in rows}) == 2)


def every_threshold(labels: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Sensitivity and specificity of each set of calls that a threshold in [0, 1] can make."""
    candidates = np.unique(np.concatenate([[0.0, 1.0], scores, np.minimum(1, np.nextafter(scores, 2))]))
    tables = [confusion_at(labels, scores, t) for t in candidates]
    return np.array([t.sensitivity for t in tables]), np.array([t.specificity for t in tables])


@settings(max_examples=200, deadline=None)
@given(CASES, st.floats(0.05, 1))
def test_against_exhaustive_search(rows: list[tuple[float, ...]], target: float) -> None:
    labels, scores = (np.array(column, float) for column in zip(*rows, strict=True))
    sensitivity, specificity = every_threshold(labels, scores)
    best = youden(labels, scores)
    assert best.sensitivity + best.specificity == pytest.approx(np.max(sensitivity + specificity), abs=1e-9)
    sensitive = at_sensitivity(labels, scores, target)
    assert sensitive.sensitivity >= target - 1e-12
    assert sensitive.specificity == pytest.approx(specificity[sensitivity >= target - 1e-12].max())
    points = [best, sensitive]
    if (specificity >= target - 1e-12).any():
        specific = at_specificity(labels, scores, target)
        assert specific.specificity >= target - 1e-12
        assert specific.sensitivity == pytest.approx(sensitivity[specificity >= target - 1e-12].max())
        points.append(specific)
    else:
        with pytest.raises(DataError, match="specific enough"):
            at_specificity(labels, scores, target)
    for point in points:
        table = confusion_at(labels, scores, point.threshold)
        assert (table.sensitivity, table.specificity) == pytest.approx((point.sensitivity, point.specificity))


def test_the_threshold_lies_halfway_between_cases() -> None:
    point = at_sensitivity([0, 0, 1, 1], [0.1, 0.3, 0.5, 0.9], 1.0)
    assert point.threshold == pytest.approx(0.4)
    assert (point.sensitivity, point.specificity) == (1.0, 1.0)
    assert point.rule == "highest threshold with sensitivity >= 1 on validation"


def test_two_points_are_in_order(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, scores = draw_cases(n=500)
    points = operating_points(labels, scores, sensitivity=0.95, specificity=0.95)
    assert points.doubt.threshold < points.definite.threshold
    separated = operating_points(labels, 0.1 + 0.8 * labels, sensitivity=0.95, specificity=0.95)
    assert separated.definite.threshold == separated.doubt.threshold == pytest.approx(0.5)
    easy = operating_points([0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.8, 0.9], sensitivity=0.6, specificity=0.5)
    assert easy.definite.threshold == easy.doubt.threshold
    assert "raised" in easy.definite.rule


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="one class"):
        youden([1, 1], [0.2, 0.3])
    with pytest.raises(DataError, match="outside"):
        youden([0, 1], [-2.0, 3.0])
    with pytest.raises(DataError, match="sensitivity cannot be aimed at"):
        at_sensitivity([0, 1], [0.2, 0.3], 1.5)
    with pytest.raises(DataError, match="length"):
        youden([0, 1], [0.2])


@settings(max_examples=50, deadline=None)
@given(CASES)
def test_neighbouring_floats(rows: list[tuple[float, ...]]) -> None:
    labels, scores = (np.array(column, float) for column in zip(*rows, strict=True))
    close = np.nextafter(scores, 2)
    assume(close.max() <= 1)
    labels, scores = np.append(labels, 1 - labels), np.append(scores, close)
    point = youden(labels, scores)
    assert confusion_at(labels, scores, point.threshold).sensitivity == pytest.approx(point.sensitivity)
