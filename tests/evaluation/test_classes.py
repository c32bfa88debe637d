"""Figures of several classes are scikit-learn's; degenerate tables give a defined value or a clear error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.core.errors import DataError
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.multiclass.metrics import PerClass, called, confusion
from osteon.evaluation.multiclass.report import class_section, class_thresholds
from osteon.evaluation.predictions.classes import Classes, from_columns, truths
from osteon.evaluation.predictions.pooling import pooled
from osteon.evaluation.predictions.predictions import Predictions, predictions, read_predictions, write_predictions
from osteon.evaluation.report.result import evaluate
from osteon.evaluation.report.run import evaluate_predictions
from osteon.stats.bootstrap import replicate
from osteon.stats.checks import Floats
from osteon.stats.intervals import wilson

QUICK = Settings(resamples=150)
NAMES = ("hand", "leg", "spine", "skull")


def draw(seed: int, n: int = 120, k: int = 4, *, exclusive: bool = True, coarse: bool = False) -> Classes:
    """Classes with overlapping probabilities; tied where ``coarse``."""
    random = np.random.default_rng(seed)
    if exclusive:
        truth = np.eye(k, dtype=np.int8)[random.integers(0, k, n)]
        raised = np.exp(random.normal(size=(n, k)) + 1.5 * truth)
        probability = raised / raised.sum(axis=1, keepdims=True)
    else:
        truth = (random.random((n, k)) < 0.3).astype(np.int8)
        truth[0], truth[1] = 1, 0
        probability = np.clip(0.4 * truth + 0.6 * random.random((n, k)), 0, 1)
    if coarse:
        probability = np.round(probability, 1)
    return Classes(NAMES[:k], truth, probability, exclusive)


def figures(classes: Classes, weights: Floats | None = None) -> dict[str, float]:
    statistic = PerClass(classes)
    row = np.ones((1, len(classes))) if weights is None else weights[None]
    return dict(zip(statistic.names, statistic(row)[0].tolist(), strict=True))


def as_table(classes: Classes) -> Predictions:
    n = len(classes)
    nothing = predictions(
        [f"{i}.png" for i in range(n)], [-1] * n, [np.nan] * n, study=[f"s{i // 2}" for i in range(n)]
    )
    return Predictions(nothing.image, nothing.study, nothing.cluster, nothing.label, nothing.probability, {}, classes)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("coarse", [False, True])
def test_exclusive_classes_are_scikit_learns(seed: int, coarse: bool) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    classes = draw(seed, coarse=coarse)
    ours = figures(classes)
    truth, calls = classes.truth.argmax(axis=1), classes.probability.argmax(axis=1)
    common = {"labels": range(4), "zero_division": 0}
    for average in ("macro", "weighted"):
        assert ours[f"{average}.precision"] == pytest.approx(
            metrics.precision_score(truth, calls, average=average, **common)
        )
        assert ours[f"{average}.recall"] == pytest.approx(metrics.recall_score(truth, calls, average=average, **common))
        assert ours[f"{average}.f1"] == pytest.approx(metrics.f1_score(truth, calls, average=average, **common))
        assert ours[f"{average}.auroc"] == pytest.approx(
            metrics.roc_auc_score(classes.truth, classes.probability, average=average)
        )
        assert ours[f"{average}.average_precision"] == pytest.approx(
            metrics.average_precision_score(classes.truth, classes.probability, average=average)
        )
    each = metrics.precision_recall_fscore_support(truth, calls, **common)
    for i, name in enumerate(NAMES):
        assert ours[f"{name}.recall"] == pytest.approx(each[1][i])
        assert ours[f"{name}.f1"] == pytest.approx(each[2][i])
    assert ours["accuracy"] == pytest.approx(metrics.accuracy_score(truth, calls))
    assert ours["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(truth, calls))
    assert ours["kappa"] == pytest.approx(metrics.cohen_kappa_score(truth, calls))
    cells = confusion(classes.truth, called(classes), np.ones((1, len(classes))))[0]
    np.testing.assert_array_equal(cells, metrics.confusion_matrix(truth, calls, labels=range(4)))


@pytest.mark.parametrize("seed", range(8))
def test_classes_together_are_scikit_learns(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    classes = draw(seed, exclusive=False)
    ours, calls = figures(classes), classes.probability >= 0.5
    for average in ("macro", "weighted"):
        for name in ("precision", "recall", "f1"):
            peer = getattr(metrics, f"{name}_score")(classes.truth, calls, average=average, zero_division=0)
            assert ours[f"{average}.{name}"] == pytest.approx(peer)
        assert ours[f"{average}.auroc"] == pytest.approx(
            metrics.roc_auc_score(classes.truth, classes.probability, average=average)
        )
    assert ours["exact_match"] == pytest.approx(metrics.accuracy_score(classes.truth, calls))
    for i, name in enumerate(NAMES):
        peer = metrics.balanced_accuracy_score(classes.truth[:, i], calls[:, i])
        assert ours[f"{name}.balanced_accuracy"] == pytest.approx(peer)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_weights_are_copies(seed: int, exclusive: bool) -> None:
    """A resample as weights gives what its copied rows give, also where classes are lost in it."""
    classes = draw(seed, n=15, exclusive=exclusive, coarse=True)
    rows = np.random.default_rng(seed + 1).integers(0, 15, 15)
    copied = figures(classes.select(rows))
    weighted = figures(classes, np.bincount(rows, minlength=15).astype(float))
    assert list(copied) == list(weighted)
    np.testing.assert_allclose(list(copied.values()), list(weighted.values()), atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30), st.booleans())
def test_every_figure_is_a_share_or_undefined(seed: int, n: int, exclusive: bool) -> None:
    values = figures(draw(seed, n=n, exclusive=exclusive, coarse=True))
    kappa = values.pop("kappa", 0.0)
    assert np.isnan(kappa) or -1 <= kappa <= 1
    assert all(np.isnan(value) or 0 <= value <= 1 for value in values.values())


def test_a_class_without_cases_does_not_count() -> None:
    classes = draw(0)
    three = Classes(
        (*NAMES, "nothing"),
        np.hstack([classes.truth, np.zeros((120, 1), np.int8)]),
        np.hstack([classes.probability, np.zeros((120, 1))]),
        exclusive=True,
    )
    ours, before = figures(three), figures(classes)
    assert np.isnan(ours["nothing.auroc"])
    assert ours["macro.auroc"] == pytest.approx(before["macro.auroc"])
    assert ours["kappa"] == pytest.approx(before["kappa"])


def test_one_class_called_for_all_has_no_kappa() -> None:
    same = Classes(("a", "b"), np.array([[1, 0]] * 5, np.int8), np.array([[0.9, 0.1]] * 5), exclusive=True)
    ours = figures(same)
    assert np.isnan(ours["kappa"])
    assert np.isnan(ours["a.auroc"])
    assert ours["accuracy"] == 1


def test_unknown_truth_is_left_out_and_not_counted_as_zero() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    classes = draw(3, exclusive=False)
    truth = classes.truth.copy()
    truth[::3, 0] = -1
    ours = figures(Classes(NAMES, truth, classes.probability, exclusive=False))
    known = truth[:, 0] >= 0
    assert ours["hand.auroc"] == pytest.approx(metrics.roc_auc_score(truth[known, 0], classes.probability[known, 0]))


@pytest.mark.parametrize(
    ("names", "truth", "probability", "exclusive", "word"),
    [
        (("a",), [[1]], [[0.5]], True, "invalid classes"),
        (("a", "macro"), [[1, 0]], [[0.5, 0.5]], True, "invalid classes"),
        (("a", "b"), [[1, 0]], [[0.5, 1.5]], True, "outside"),
        (("a", "b"), [[1, 1]], [[0.5, 0.5]], True, "several classes"),
        (("a", "b"), [[1, 0]], [[0.5, np.nan]], True, "some classes only"),
        (("a", "b"), [[1, 2]], [[0.5, 0.5]], False, "not binary"),
        (("a", "b"), [[1, 0, 0]], [[0.5, 0.5]], False, "do not agree"),
    ],
)
def test_wrong_classes(
    names: tuple[str, ...], truth: list[list[int]], probability: list[list[float]], exclusive: bool, word: str
) -> None:
    with pytest.raises(DataError, match=word):
        Classes(names, np.array(truth, np.int8), np.array(probability), exclusive)


def test_nothing_usable_is_an_error() -> None:
    unknown = Classes(("a", "b"), np.full((3, 2), -1, np.int8), np.full((3, 2), 0.5), exclusive=True)
    with pytest.raises(DataError, match="usable"):
        PerClass(unknown)
    assert class_section(as_table(unknown), QUICK) is None


def test_the_normal_class_is_what_is_left() -> None:
    known = {"hand": np.array([1, 0, 0, -1], np.int8), "leg": np.array([0, 0, 1, 0], np.int8)}
    table = truths(("hand", "leg", "normal"), known, 4, exclusive=True)
    assert table.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [-1, 0, -1]]
    assert truths(("hand", "leg", "normal"), known, 4, exclusive=False)[:, 2].tolist() == [-1] * 4


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_files_keep_the_classes(tmp_path: Path, exclusive: bool, suffix: str) -> None:
    pytest.importorskip("polars")
    classes = draw(1, n=9, exclusive=exclusive)
    probability, truth = classes.probability.copy(), classes.truth.copy()
    probability[3], truth[4] = np.nan, -1
    table = as_table(Classes(NAMES, truth, probability, exclusive))
    write_predictions(table, tmp_path / f"p.{suffix}")
    again = read_predictions(tmp_path / f"p.{suffix}").classes
    assert again is not None
    assert (again.names, again.exclusive) == (NAMES, exclusive)
    np.testing.assert_array_equal(again.truth, truth)
    np.testing.assert_array_equal(again.probability, probability)


def test_files_that_are_none() -> None:
    with pytest.raises(DataError, match="no truth"):
        from_columns({"image": ["a"], "probability_x": ["0.1"], "probability_y": ["0.9"]})
    with pytest.raises(DataError, match="without a probability"):
        from_columns({"class": ["z"], "probability_x": ["0.1"], "probability_y": ["0.9"]})
    assert from_columns({"image": ["a"], "probability": ["0.1"]}) is None


def test_thresholds_come_from_validation() -> None:
    classes = draw(2, exclusive=False)
    assert class_thresholds(classes, None) == (0.5,) * 4
    assert class_thresholds(draw(2), classes) is None
    chosen = class_thresholds(classes, draw(5, exclusive=False))
    assert chosen is not None
    assert all(0 < at < 1 for at in chosen)
    assert chosen != (0.5,) * 4


def test_studies_of_classes() -> None:
    truth = np.array([[1, 0], [1, 0], [0, 1], [1, 0]], np.int8)
    said = np.array([[0.6, 0.4], [0.2, 0.8], [0.1, 0.9], [np.nan, np.nan]])
    table = as_table(Classes(("a", "b"), truth, said, exclusive=True))
    of = pooled(table, "mean").classes
    assert of is not None
    assert of.truth.tolist() == [[1, 0], [-1, -1]]
    np.testing.assert_allclose(of.probability, [[0.4, 0.6], [0.1, 0.9]])
    highest = pooled(table, "max").classes
    assert highest is not None
    np.testing.assert_allclose(highest.probability[0], np.array([0.6, 0.8]) / 1.4)


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_table_of_classes_alone_is_evaluated(exclusive: bool) -> None:
    table = as_table(draw(0, exclusive=exclusive))
    found = evaluate_predictions(table, {}, settings=QUICK)
    assert not found.binary
    assert not any(name.startswith("classification.") for name in found.figures)
    one = found.figures["classes.macro.auroc"]
    assert one.low < one.value < one.high
    assert "study.classes.macro.auroc" in found.figures
    assert "classes.macro.auroc" in found.headline
    plots = found.sections[0].plots
    assert ("classes_confusion" in plots) == exclusive
    assert "| hand |" in found.sections[0].card


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_class_without_cases_that_is_called_counts_in_the_macro_average(exclusive: bool) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(3)
    truth = np.zeros((30, 3), np.int8)
    truth[np.arange(30), random.integers(0, 2, 30)] = 1  # the third class never holds
    chance = random.dirichlet(np.ones(3), 30) if exclusive else random.uniform(0, 1, (30, 3))
    classes = Classes(("a", "b", "c"), truth, chance, exclusive)
    values = dict(zip((statistic := PerClass(classes)).names, statistic(np.ones((1, 30)))[0].tolist(), strict=True))
    said = chance.argmax(1) if exclusive else (chance >= 0.5).astype(int)
    true = truth.argmax(1) if exclusive else truth
    for name, score in (("precision", "precision_score"), ("recall", "recall_score"), ("f1", "f1_score")):
        expected = getattr(metrics, score)(true, said, average="macro", zero_division=0)
        assert values[f"macro.{name}"] == pytest.approx(expected), name
    assert np.isnan(values["c.recall"])
    never = Classes(classes.names, truth, np.where(np.arange(3) == 2, 0.0, chance), exclusive)
    without = PerClass(never)
    found = dict(zip(without.names, without(np.ones((1, 30)))[0].tolist(), strict=True))
    assert found["macro.recall"] == pytest.approx((found["a.recall"] + found["b.recall"]) / 2)
    section = class_section(as_table(classes), QUICK)
    assert section is not None
    assert "No image is of c" in section.content


def test_a_called_class_without_cases_is_scikit_learns_mean_over_the_union_of_labels() -> None:
    """Two classes with precision 1 and 2/3, and calls of a third that never holds: 0.556, and not their mean 0.833."""
    metrics = pytest.importorskip("sklearn.metrics")
    cells = np.array([[3, 1, 1], [0, 2, 0], [0, 0, 0]])
    ours = figures(of_cells(cells))
    truth, calls = listed(cells)
    expected = metrics.precision_score(truth, calls, average="macro", zero_division=0)
    assert ours["macro.precision"] == pytest.approx(expected)
    assert ours["macro.precision"] == pytest.approx(0.5556, abs=1e-4)
    assert (ours["hand.precision"] + ours["leg.precision"]) / 2 == pytest.approx(0.8333, abs=1e-4)


def listed(cells: Floats) -> tuple[Floats, Floats]:
    """True and called class of each case of a confusion matrix."""
    truth, calls = np.indices(cells.shape).reshape(2, -1)
    return np.repeat(truth, cells.ravel()), np.repeat(calls, cells.ravel())


def of_cells(cells: Floats) -> Classes:
    """Exclusive classes with a confusion matrix: rows true, columns called."""
    truth, calls = listed(cells)
    k = len(cells)
    chance = np.full((len(truth), k), 0.1 / k) + 0.9 * np.eye(k)[calls]
    return Classes(NAMES[:k], np.eye(k, dtype=np.int8)[truth], chance, exclusive=True)


def test_f1_of_means_is_the_harmonic_mean_of_macro_precision_and_recall() -> None:
    """A matrix like that of a network that calls nearly everything the commonest class: 36.7 against 28.4."""
    metrics = pytest.importorskip("sklearn.metrics")
    cells = np.array([[71, 3, 8], [40, 5, 0], [36, 0, 1]])
    truth, calls = listed(cells)
    precision, recall, mean, _ = metrics.precision_recall_fscore_support(truth, calls, average="macro", zero_division=0)
    ours = figures(of_cells(cells))
    assert ours["macro.f1"] == pytest.approx(mean)
    assert ours["macro.f1_of_means"] == pytest.approx(2 * precision * recall / (precision + recall))
    assert (100 * ours["macro.f1_of_means"], 100 * ours["macro.f1"]) == pytest.approx((36.7, 28.4), abs=0.05)
    section = class_section(as_table(of_cells(cells)), QUICK)
    assert section is not None
    one = section.figures["classes.macro.f1_of_means"]
    assert one.value == pytest.approx(ours["macro.f1_of_means"])
    assert "F1 of macro precision and recall" in section.content


def test_f1_of_means_of_nothing_right_is_0() -> None:
    ours = figures(of_cells(np.array([[0, 4], [5, 0]])))
    assert (ours["macro.f1_of_means"], ours["macro.f1"]) == (0, 0)


def test_a_rare_class_has_no_interval_and_neither_have_the_averages() -> None:
    table = as_table(of_cells(np.array([[30, 5, 1], [6, 28, 2], [1, 0, 2]])))
    section = class_section(replace(table, study=table.image, cluster=table.image), QUICK)
    assert section is not None
    found = section.figures
    for name in ("spine.auroc", "spine.f1", "macro.auroc", "macro.f1_of_means", "balanced_accuracy"):
        assert found[f"classes.{name}"].ends is None, name
        assert "3 with spine" in found[f"classes.{name}"].method
    expected = wilson(2, 3)
    assert found["classes.spine.recall"].ends == (expected.low, expected.high)
    assert all(found[f"classes.{name}"].ends is not None for name in ("hand.auroc", "accuracy", "kappa", "leg.f1"))


@pytest.mark.parametrize("exclusive", [True, False])
def test_wrong_calls_are_counted_for_each_class(exclusive: bool) -> None:
    classes = draw(3, exclusive=exclusive)
    calls = called(classes)
    section = class_section(as_table(classes), QUICK)
    assert section is not None
    for i, name in enumerate(classes.names):
        truth, call = classes.truth[:, i] == 1, calls[:, i]
        missed, false = (section.figures[f"classes.{name}.false_{kind}"] for kind in ("negatives", "positives"))
        assert (missed.value, false.value) == ((truth & ~call).sum(), (~truth & call).sum())
        assert missed.value == round((1 - section.figures[f"classes.{name}.recall"].value) * truth.sum())
        assert false.ends is not None


def test_intervals_resample_clusters() -> None:
    classes = draw(0)
    table = as_table(classes)
    draws = replicate(PerClass(classes), clusters=table.cluster, resamples=20, seed=1)
    assert draws.clusters == 60
    one = predictions(["a", "b"], [-1, -1], [np.nan, np.nan], cluster=["p", "p"])
    single = Predictions(
        one.image, one.study, one.cluster, one.label, one.probability, {}, draw(0, n=2, exclusive=False)
    )
    with pytest.raises(DataError, match="nothing to resample"):
        class_section(single, QUICK)
    assert not evaluate(single, {}, settings=QUICK).figures
