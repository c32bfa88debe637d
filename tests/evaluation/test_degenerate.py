"""Whatever table comes in, an evaluation gives figures within their bounds, or says what is wrong with the table."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osteon.core.errors import DataError
from osteon.core.operating import OperatingPoint
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import FEWEST
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.evaluation.report.context import evaluation_cautions, predictions_context
from osteon.evaluation.report.output import write_evaluation
from osteon.evaluation.report.run import evaluate_predictions, points_from
from osteon.stats.bootstrap import NO_SPREAD
from osteon.stats.intervals import wilson, wilson_over_clusters
from osteon.stats.ranking import auroc

QUICK = Settings(resamples=60)
POINTS = {
    name: OperatingPoint(threshold=at, rule="r", sensitivity=0.9, specificity=0.9)
    for name, at in (("doubt", 0.25), ("definite", 0.75))
}
UNBOUNDED = ("slope", "intercept", "log_loss", "observed_expected")


@st.composite
def tables(draw: st.DrawFn) -> Predictions:
    """Small tables: ties, ends of the scale, unknown labels, images not read, few or many clusters, small groups."""
    n = draw(st.integers(1, 24))
    values = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, 0.3, float("nan")])
    clusters = draw(st.lists(st.integers(0, draw(st.integers(0, 9))), min_size=n, max_size=n))
    return predictions(
        [f"{i}" for i in range(n)],
        draw(st.lists(st.sampled_from([0, 1, 0, 1, -1]), min_size=n, max_size=n)),
        draw(st.lists(values, min_size=n, max_size=n)),
        study=[f"s{i}" for i in range(n)],
        cluster=[f"p{c}" for c in clusters],
        attributes={"sex": draw(st.lists(st.sampled_from(["F", "M", ""]), min_size=n, max_size=n))},
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), tables())
def test_figures_are_bounded_or_refused(table: Predictions, validation: Predictions) -> None:
    known = table.labelled & table.read
    labels = set(table.label[known].tolist())
    clusters = len(np.unique(table.cluster[known])) if known.any() else 0
    try:
        found = evaluate_predictions(table, POINTS, validation=None, settings=QUICK)
    except DataError:
        assert len(labels) < 2 or clusters < 2
        return
    assert len(labels) == 2
    for name, one in found.figures.items():
        assert np.isfinite(one.value), name
        if one.low is None or one.high is None:
            assert one.method.startswith("no interval: "), name
        else:
            assert one.low < one.high, name
        if not any(word in name for word in UNBOUNDED):
            assert -1 <= one.value <= 1, name
    try:
        points_from(validation)
    except DataError:
        return
    calibrated = evaluate_predictions(table, POINTS, validation=validation, settings=QUICK)
    assert any(one.title == "Calibrations compared" for one in calibrated.sections)


def test_a_table_of_ties_and_ends_is_drawn(tmp_path: Path) -> None:
    n = 40
    table = predictions([f"{i}" for i in range(n)], [i % 2 for i in range(n)], [float(i % 4 == 1) for i in range(n)])
    found = evaluate_predictions(table, POINTS, validation=table, settings=QUICK)
    write_evaluation(found, predictions_context("t", found, command="c"), tmp_path, parquet=False)
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert figures["classification.auroc"]["value"] == pytest.approx(0.75)


def test_every_image_has_the_same_probability() -> None:
    table = predictions([f"{i}" for i in range(30)], [i % 2 for i in range(30)], [0.5] * 30)
    found = evaluate_predictions(table, POINTS, settings=QUICK)
    for name, value in (("classification.auroc", 0.5), ("calibration.brier", 0.25), ("classification.auroc_bca", 0.5)):
        one = found.figures[name]
        assert one.value == pytest.approx(value), name
        assert (one.low, one.high, one.ends, one.between) == (None, None, None, "no interval")
        assert NO_SPREAD in one.method
    assert not {"classification.auroc", "calibration.brier"} & set(found.undefined)
    assert "calibration.slope" not in found.figures
    (caution,) = [line for line in evaluation_cautions(found) if NO_SPREAD in line]
    assert "classification.auroc, " in caution
    assert "calibration.brier" in caution


def of_few(positives: int, n: int = 60) -> Predictions:
    """Overlapping probabilities of a few positive cases among many negative ones."""
    random = np.random.default_rng(1)
    label = [int(i < positives) for i in range(n)]
    return predictions([f"{i}" for i in range(n)], label, random.random(n))


@pytest.mark.parametrize("positives", [1, FEWEST - 1])
def test_too_few_clusters_of_a_class_give_no_interval(positives: int) -> None:
    found = evaluate_predictions(of_few(positives), POINTS, settings=QUICK)
    table = of_few(positives)
    for name in ("auroc", "average_precision", "auroc_bca", "doubt.f1", "doubt.balanced_accuracy", "doubt.ppv_at_0.02"):
        one = found.figures[f"classification.{name}"]
        assert one.ends is None, name
        assert f"too few clusters, {positives} with positive cases" in one.method, name
    assert found.figures["classification.auroc"].value == auroc(table.label, table.probability)
    assert found.figures["calibration.intercept"].ends is None
    assert found.figures["calibration.brier"].ends is not None
    sensitivity = found.figures["classification.doubt.sensitivity"]
    right = int((table.probability[table.label == 1] >= 0.25).sum())
    expected = wilson(right, positives)
    assert (sensitivity.value, sensitivity.low, sensitivity.high) == (expected.value, expected.low, expected.high)
    caution = " ".join(evaluation_cautions(found))
    assert "classification.auroc" in caution
    assert "too few clusters" in caution


def test_enough_clusters_give_an_interval_and_clusters_count_not_cases() -> None:
    assert evaluate_predictions(of_few(FEWEST), POINTS, settings=QUICK).figures["classification.auroc"].ends is not None
    table = of_few(12)
    patients = np.array([f"p{i // 3}" if i < 12 else f"n{i}" for i in range(60)])
    found = evaluate_predictions(replace(table, cluster=patients), POINTS, settings=QUICK)
    assert "4 with positive cases" in found.figures["classification.auroc"].method
    sensitivity = found.figures["classification.doubt.sensitivity"]
    expected = wilson_over_clusters(round(sensitivity.value * 12), 12, 4)
    assert (sensitivity.low, sensitivity.high, sensitivity.n) == (expected.low, expected.high, 12)


@pytest.mark.parametrize("probability", [-0.1, 1.5, float("inf")])
def test_impossible_probabilities_are_refused(probability: float) -> None:
    with pytest.raises(DataError, match="outside"):
        predictions(["a", "b"], [0, 1], [0.5, probability])
