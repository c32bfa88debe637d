"""The threshold of Youden's index: curve, plot and figure are of the same validation cases, and of nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.youden import CALIBRATED, PLOT, UNCALIBRATED, youden_section
from osteon.evaluation.drawing.files import render
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.stats.operating import YoudenThreshold, youden, youden_curve


def drawn(n: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities that overlap, with ties."""
    random = np.random.default_rng(seed)
    label = (np.arange(n) % 3 == 0).astype(np.int8)
    return label, np.round(np.clip(random.normal(0.35 + 0.25 * label, 0.2), 0.01, 0.99), 2)


def table(label: np.ndarray, probability: np.ndarray) -> Predictions:
    images = [f"{number}.png" for number in range(len(label))]
    return predictions(images, label.tolist(), probability.tolist(), study=images, cluster=images)


def test_the_curve_is_highest_at_the_chosen_threshold() -> None:
    label, probability = drawn()
    curve, chosen = youden_curve(label, probability), youden(label, probability)
    assert (np.diff(curve.thresholds) > 0).all()
    best = int(np.argmax(curve.heights))
    assert curve.heights[best] == pytest.approx(chosen.sensitivity + chosen.specificity - 1)
    assert chosen.threshold in curve.thresholds[np.isclose(curve.heights, curve.heights[best])]
    for threshold, index in zip(curve.thresholds[::17], curve.heights[::17], strict=True):
        called = probability >= threshold
        assert index == pytest.approx(called[label == 1].mean() - called[label == 0].mean())


@pytest.mark.parametrize("seed", range(5))
def test_the_statistic_of_all_cases_is_that_of_the_rule(seed: int) -> None:
    label, probability = drawn(60, seed)
    chosen = youden(label, probability)
    ((threshold, index),) = YoudenThreshold(label, probability)(np.ones((1, len(label))))
    assert threshold == chosen.threshold
    assert index == pytest.approx(chosen.sensitivity + chosen.specificity - 1)


def test_cases_that_weigh_twice_count_as_two() -> None:
    label, probability = drawn(60)
    weights = np.random.default_rng(1).integers(1, 4, len(label))
    ((threshold, index),) = YoudenThreshold(label, probability)(weights[None].astype(float))
    chosen = youden(np.repeat(label, weights), np.repeat(probability, weights))
    assert threshold == chosen.threshold
    assert index == pytest.approx(chosen.sensitivity + chosen.specificity - 1)
    nothing = YoudenThreshold(label, probability)((label == 1).astype(float)[None])
    assert np.isnan(nothing).all()


def test_the_section_has_the_threshold_with_its_interval_and_the_plot() -> None:
    label, probability = drawn()
    made = youden_section(table(label, probability), Settings(resamples=300))
    assert made is not None
    estimate = made.figures[CALIBRATED]
    assert estimate.value == youden(label, probability).threshold
    assert estimate.ends is not None
    assert estimate.ends[0] <= estimate.value <= estimate.ends[1]
    assert f"{estimate.value:.4f}" in made.content
    axes = made.plots[PLOT].drawing.axes[0]
    assert [text.get_text()[:4] for text in axes.get_legend().get_texts()] == ["c* ="]
    assert b"<svg" in render(made.plots[PLOT].drawing, "svg")


def test_what_is_not_calibrated_has_another_name() -> None:
    made = youden_section(table(*drawn()), Settings(resamples=100), calibrated=False)
    assert made is not None
    assert set(made.figures) == {UNCALIBRATED}
    assert "not calibrated" in made.content


def test_one_class_has_no_threshold() -> None:
    label, probability = drawn()
    assert youden_section(table(np.ones_like(label), probability), Settings(resamples=100)) is None


def test_few_cases_give_no_interval() -> None:
    label, probability = drawn(12)
    made = youden_section(table(label, probability), Settings(resamples=100))
    assert made is not None
    assert made.figures[CALIBRATED].ends is None
    assert "too few clusters" in made.figures[CALIBRATED].method
