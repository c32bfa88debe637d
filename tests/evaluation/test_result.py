"""A whole evaluation: its figures are those of the single functions, and its files can be read again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.core.operating import OperatingPoint
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.subgroups import age_bands, subgroups
from osteon.evaluation.predictions.pooling import pooled
from osteon.evaluation.predictions.predictions import Predictions, predictions, read_predictions
from osteon.evaluation.report.context import ReportContext
from osteon.evaluation.report.output import write_evaluation
from osteon.evaluation.report.result import evaluate
from osteon.stats.checks import Floats
from osteon.stats.classification import confusion_at
from osteon.stats.ranking import auroc

QUICK = Settings(resamples=300)
POINTS = {
    "doubt": OperatingPoint(threshold=0.3, rule="r", sensitivity=0.9, specificity=0.5),
    "definite": OperatingPoint(threshold=0.7, rule="r", sensitivity=0.5, specificity=0.9),
}


@pytest.fixture
def table(draw_cases: Callable[..., tuple[Floats, Floats]]) -> Predictions:
    """240 images in 120 studies of 60 patients; some without label or probability."""
    labels, scores = draw_cases(n=240, prevalence=0.4)
    labels[10], scores[20] = -1, np.nan
    numbers = np.arange(240)
    return predictions(
        [f"{i}.png" for i in numbers],
        labels.astype(int),
        scores,
        study=[f"s{i // 2}" for i in numbers],
        cluster=[f"p{i // 4}" for i in numbers],
        attributes={
            "body_part": np.array(["hand", "leg"])[(numbers // 4) % 2].tolist(),
            "hardware": ["yes" if i < 8 else "no" for i in numbers],
            "refused": ["too small" if i == 20 else "" for i in numbers],
        },
    )


def test_figures_are_those_of_the_functions(table: Predictions) -> None:
    found = evaluate(table, POINTS, settings=QUICK)
    complete = table.complete()
    assert len(complete) == 238
    assert found.figures["classification.auroc"].value == auroc(complete.label, complete.probability)
    cells = confusion_at(complete.label, complete.probability, 0.3)
    assert found.tables["doubt"] == cells
    sensitivity = found.figures["classification.doubt.sensitivity"]
    assert sensitivity.value == cells.sensitivity
    assert sensitivity.n == complete.label.sum()
    studies = pooled(complete, "max")
    assert found.figures["study.classification.auroc"].value == auroc(studies.label, studies.probability)
    hand = complete.select(complete.attributes["body_part"] == "hand")
    leg = complete.select(complete.attributes["body_part"] == "leg")
    own = auroc(hand.label, hand.probability)
    assert found.figures["subgroups.body_part.hand.auroc"].value == own
    assert found.figures["subgroups.body_part.hand.auroc_gap"].value == pytest.approx(
        own - auroc(leg.label, leg.probability)
    )
    for name, one in found.figures.items():
        if one.low is None or one.high is None:
            assert one.method.startswith("no interval: "), name
        else:
            assert one.low < one.high, name
            assert one.low <= one.value <= one.high or "ece" in name, name
    assert next(iter(found.headline)) == "classification.auroc"


def test_files_can_be_read_again(table: Predictions, tmp_path: Path) -> None:
    found = evaluate(table, POINTS, settings=QUICK)
    report_context = ReportContext(
        "a <b>bundle</b>", "on 238 images", {"Data": "here"}, ("careful & slow",), (), (("Topic", ""),)
    )
    write_evaluation(found, report_context, tmp_path, parquet=False)
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert Estimate(**figures["classification.auroc"]) == found.figures["classification.auroc"]
    again = read_predictions(tmp_path / "predictions.csv")
    np.testing.assert_array_equal(again.probability, table.probability)
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "a &lt;b&gt;bundle" in report
    assert "careful &amp; slow" in report
    assert not re.search(r'(?:src|href)="(?!data:|#)', report)
    assert report.count("data:image/svg+xml") == 7
    for name in ("roc", "precision_recall", "scores", "reliability", "decision_curve", "risk_coverage", "subgroups"):
        assert (tmp_path / "plots" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    first = (tmp_path / "plots" / "roc.svg").read_bytes()
    write_evaluation(evaluate(table, POINTS, settings=QUICK), report_context, tmp_path, parquet=False)
    assert (tmp_path / "plots" / "roc.svg").read_bytes() == first


def test_without_operating_points(table: Predictions, tmp_path: Path) -> None:
    found = evaluate(table, {}, settings=QUICK)
    assert not any(".sensitivity" in name for name in found.figures)
    write_evaluation(found, ReportContext("x", "y"), tmp_path, parquet=False)
    assert "--validation" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_small_groups_warn_and_never_claim_certainty(table: Predictions) -> None:
    groups = {one.value: one for one in subgroups(table.complete(), "hardware", {"doubt": 0.3}, resamples=300)}
    assert groups["no"].warning == ""
    assert groups["yes"].warning.startswith("small group")
    assert all(figure.low < figure.high for one in groups.values() for figure in one.figures.values())
    with pytest.raises(DataError, match="no such attribute"):
        subgroups(table, "age", {})


def test_images_whose_age_is_not_known_are_a_group_of_their_own() -> None:
    ages = [30.0, None, 50.0, 70.0] * 10
    table = predictions(
        [str(row) for row in range(40)],
        [0, 1] * 20,
        np.linspace(0.1, 0.9, 40),
        attributes={"age_band": age_bands(ages).tolist()},
    )
    groups = {one.value: one.n for one in subgroups(table, "age_band", {"doubt": 0.3}, resamples=100)}
    assert groups == {"18-39 y": 10, "40-64 y": 10, "65 y and over": 10, "not stated": 10}


def test_perfect_calls_get_an_honest_interval() -> None:
    numbers = np.arange(40)
    labels = numbers % 2
    perfect = predictions([f"{i}" for i in numbers], labels, 0.1 + 0.8 * labels + numbers / 1000)
    figures = evaluate(perfect, POINTS, settings=QUICK).figures
    assert figures["classification.auroc"].value == 1
    assert figures["classification.auroc"].low < 0.9
    assert "no spread" in figures["classification.doubt.sensitivity"].method
    assert "classification.auroc_delong" not in figures


@pytest.mark.parametrize(
    ("label", "probability", "word"),
    [([1, 1], [0.2, 0.4], "one class"), ([1, 0], [np.nan, 0.2], "one class"), ([-1, -1], [0.2, 0.4], "no predictions")],
)
def test_what_cannot_be_measured(label: list[int], probability: list[float], word: str) -> None:
    with pytest.raises(DataError, match=word):
        evaluate(predictions(["a", "b"], label, probability), {}, settings=QUICK)


def test_one_patient_has_no_interval() -> None:
    one = predictions(["a", "b"], [0, 1], [0.2, 0.4], cluster=["p", "p"])
    with pytest.raises(DataError, match="nothing to resample"):
        evaluate(one, {}, settings=QUICK)


def test_pooling_a_study() -> None:
    table = predictions(
        list("abcdefg"),
        [1, 0, 0, -1, 0, 0, 1],
        [0.2, 0.6, 0.3, 0.4, np.nan, 0.1, np.nan],
        study=["s", "s", "t", "t", "u", "u", "v"],
        attributes={"part": list("xxxyzzz")},
    )
    highest, middle = pooled(table, "max"), pooled(table, "mean")
    assert highest.image.tolist() == ["s", "t", "u", "v"]
    assert highest.label.tolist() == [1, -1, 0, 1]
    np.testing.assert_array_equal(highest.probability, [0.6, 0.4, 0.1, np.nan])
    np.testing.assert_allclose(middle.probability, [0.4, 0.35, 0.1, np.nan])
    assert highest.attributes["part"].tolist() == ["x", "", "z", "z"]


def test_ages() -> None:
    assert age_bands([0.5, 2, 17.9, 18, 90, None]).tolist() == [
        "00-01 y",
        "02-05 y",
        "12-17 y",
        "18-39 y",
        "65 y and over",
        "not stated",
    ]
