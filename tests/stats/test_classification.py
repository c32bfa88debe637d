"""Figures of calls are scikit-learn's; a denominator of 0 is an error and never a number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from osteon.core.errors import DataError
from osteon.stats.checks import Floats
from osteon.stats.classification import FIGURES, Confusion, Decisions, confusion, confusion_at

ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), min_size=1, max_size=50)


@settings(max_examples=300, deadline=None)
@given(ROWS)
def test_figures_are_those_of_scikit_learn(rows: list[tuple[float, ...]]) -> None:
    labels, calls, weights = (np.array(column, float) for column in zip(*rows, strict=True))
    if not weights.any():
        with pytest.raises(DataError, match="weights"):
            confusion(labels, calls, weights)
        return
    table = confusion(labels, calls, weights)
    (tn, fp), (fn, tp) = metrics.confusion_matrix(labels, calls, sample_weight=weights, labels=[0, 1])
    assert table == Confusion(tp, fp, tn, fn)
    peers = {
        "sensitivity": (tp + fn, lambda: metrics.recall_score(labels, calls, sample_weight=weights)),
        "specificity": (tn + fp, lambda: metrics.recall_score(labels, calls, pos_label=0, sample_weight=weights)),
        "ppv": (tp + fp, lambda: metrics.precision_score(labels, calls, sample_weight=weights)),
        "npv": (tn + fn, lambda: metrics.precision_score(labels, calls, pos_label=0, sample_weight=weights)),
        "f1": (tp + fp + fn, lambda: metrics.f1_score(labels, calls, sample_weight=weights)),
        "accuracy": (1, lambda: metrics.accuracy_score(labels, calls, sample_weight=weights)),
        "balanced_accuracy": (
            (tp + fn) * (tn + fp),
            lambda: metrics.balanced_accuracy_score(labels, calls, sample_weight=weights),
        ),
        "kappa": (
            max(tp, fp, tn, fn) < tp + fp + tn + fn,
            lambda: metrics.cohen_kappa_score(labels, calls, sample_weight=weights),
        ),
    }
    for name, (defined, peer) in peers.items():
        if defined:
            assert table.figure(name) == getattr(table, name) == pytest.approx(peer(), abs=1e-12), name
        else:
            with pytest.raises(DataError, match=name):
                table.figure(name)


def test_many_weights_at_once_equal_one_at_a_time(draw_cases: Callable[..., tuple[Floats, Floats]]) -> None:
    labels, scores = draw_cases(n=20)
    weights = np.random.default_rng(1).integers(0, 2, (50, 20)).astype(float)
    together = Decisions(labels, scores >= 0.5)(weights)
    for row, figures in zip(weights, together, strict=True):
        table = confusion_at(labels, scores, 0.5, row)
        for name, figure in zip(FIGURES, figures, strict=True):
            if np.isnan(figure):
                with pytest.raises(DataError, match=name):
                    table.figure(name)
            else:
                assert figure == table.figure(name)


def test_a_score_at_the_threshold_is_called() -> None:
    assert confusion_at([0, 1, 1], [0.2, 0.5, 0.7], 0.5) == Confusion(2, 0, 1, 0)
