"""Bundles of two networks are measured on all boxes, and what their fusion does is told with intervals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sklearn.metrics import f1_score
from typer.testing import CliRunner

from osteon.bundle.archive import Bundle, open_bundle
from osteon.bundle.manifest import Fusion
from osteon.core.calibration import Calibration
from osteon.core.estimate import Estimate
from osteon.core.geometry import Box
from osteon.core.labels import BodyPart
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.table import Table, from_cases
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import FEWEST
from osteon.evaluation.fusion.fusion import Fused, best_scores, measure_fusion, with_rule
from osteon.evaluation.fusion.report import image_verdicts, verdicts
from osteon.evaluation.inference.run_reader import box_labels, read_cases
from osteon.evaluation.predictions.detections import Detections, detections, has_boxes
from osteon.evaluation.predictions.predictions import predictions
from osteon.evaluation.report.model_card import carded
from osteon.evaluation.report.run import evaluate_table
from osteon.stats.detection.boxes import boxes
from osteon.stats.operating import youden

QUICK = Settings(resamples=200)
RULE = Fusion(threshold=0.5, rule="by hand", weight=0.5, calibration=Calibration(temperature=1.0))


@pytest.fixture(scope="module")
def films(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 films: half with a bright square, of these some too faint for the networks; sound ones with a dimmer one."""
    root = tmp_path_factory.mktemp("films")
    random = np.random.default_rng(0)
    for i in range(40):
        strength = random.uniform(0.64, 0.95) if i % 2 else random.uniform(0.3, 0.72)
        blobs.save(blobs.film(strength, at=(0.45, 0.5)), root / f"{i:02d}.png")
    return root


@pytest.fixture(scope="module")
def table(films: Path) -> Table:
    return made(films, marked=True)


def made(films: Path, *, marked: bool, labels: Sequence[str] = ()) -> Table:
    """The table of the films, with the squares of the positive ones marked or not, and the first with further boxes."""

    def case(i: int) -> Case:
        return Case(
            image=f"{i:02d}.png",
            facts=FileFacts(192, 256, "L", "PNG", (films / f"{i:02d}.png").stat().st_size),
            study=f"s{i}",
            patient=f"p{i // 2}",
            body_part=BodyPart.HAND,
            labels={"fracture": i % 2},
            boxes=(
                *((LabelledBox(Box(65, 85, 127, 146), "fracture"),) if i % 2 and marked else ()),
                *(LabelledBox(Box(1, 1, 9, 9), label) for label in labels if i == 0),
            ),
        )

    return from_cases([case(i) for i in range(40)], dataset="films", licence="CC0-1.0")


@pytest.fixture(scope="module")
def bundle(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    file = tmp_path_factory.mktemp("bundle") / "both.osteon"
    return open_bundle(blobs.make(file, blobs.both(blobs.fusion(threshold=0.2, weight=0.5))))


def test_all_boxes_are_read_and_the_classifier_alone(bundle: Bundle, table: Table, films: Path) -> None:
    read = read_cases(bundle, table, films, "fracture")
    assert read.classifier is not None
    assert min(mark.score for mark in read.marks) < 0.3
    best = np.zeros(len(table))
    for mark in read.marks:
        best[mark.row] = max(best[mark.row], mark.score)
    np.testing.assert_allclose(read.predictions.probability, 0.5 * read.classifier + 0.5 * best, atol=1e-9)


def test_a_bundle_of_two_networks_is_measured(bundle: Bundle, table: Table, films: Path) -> None:
    found = evaluate_table(bundle, table, films, "fracture", settings=QUICK)
    names = {"detection.map50", "detection.froc", "fusion.detector.map50", "fusion.rule.map50", "fusion.change.map50"}
    names |= {f"fusion.image.{one}.auroc" for one in ("classifier", "detector", "mixed")}
    assert names <= found.figures.keys()
    assert found.figures["fusion.detector.map50"].value == found.figures["detection.map50"].value
    assert found.figures["fusion.image.mixed.auroc"].value == found.figures["classification.auroc"].value
    change = found.figures["fusion.rule.map50"].value - found.figures["fusion.detector.map50"].value
    assert found.figures["fusion.change.map50"].value == pytest.approx(change)
    titles = [one.title for one in found.sections]
    assert "Detection" in titles
    assert "Decision fusion" in titles
    manifest, card = carded(bundle, found)
    assert "## Decision fusion" in card
    assert "## Detector" in card
    assert "detection.map50" in manifest.figures


def test_a_detector_alone_is_measured(blobs: ModuleType, table: Table, films: Path, tmp_path: Path) -> None:
    bundle = open_bundle(blobs.make(tmp_path / "alone.osteon", blobs.alone()))
    found = evaluate_table(bundle, table, films, "fracture", settings=QUICK)
    assert {"detection.map50", "classification.auroc"} <= found.figures.keys()
    assert not any(name.startswith("fusion.") for name in found.figures)


def test_cases_without_marks_are_measured_as_images(bundle: Bundle, films: Path) -> None:
    found = evaluate_table(bundle, made(films, marked=False), films, "fracture", settings=QUICK)
    assert "classification.auroc" in found.figures
    assert not any(name.startswith(("detection.", "fusion.")) for name in found.figures)


def by_hand() -> tuple[Detections, np.ndarray]:
    """Four images: two with a box that is hit, two with false alarms of which the rule takes one away."""
    corners = [[0, 0, 10, 10]]
    truth = boxes([0, 1], [0, 0], corners * 2)
    found = boxes([0, 1, 2, 3], [0, 0, 0, 0], corners * 4, [0.45, 0.4, 0.6, 0.48])
    return Detections(("fracture",), truth, found, np.ones(4, bool)), np.array([0.9, 0.7, 0.2, 0.1])


def test_the_rule_by_hand() -> None:
    found, classifier = by_hand()
    kept = with_rule(found, classifier, RULE).found
    assert kept.image.tolist() == [0, 1, 2]
    assert best_scores(found.found, 5, np.array([True])).tolist() == [0.45, 0.4, 0.6, 0.48, 0.0]
    assert best_scores(found.found, 4, np.array([False])).tolist() == [0.0] * 4


def test_the_change_is_paired_and_told_in_plain_words() -> None:
    found, classifier = by_hand()
    best = best_scores(found.found, 4, np.array([True]))
    said = predictions(["a", "b", "c", "d"], [1, 1, 0, 0], 0.5 * classifier + 0.5 * best)
    fused = measure_fusion(
        found, said, classifier, RULE, doubt=0.3, positive=np.array([True]), settings=Settings(resamples=300)
    )
    # Precision is 1/2 at recall 1 with four boxes (two false ones first), 2/3 with three (one first).
    assert fused.detector["map50"].value == pytest.approx(0.5)
    assert fused.rule["map50"].value == pytest.approx(2 / 3)
    assert fused.change["map50"].value == pytest.approx(1 / 6)
    assert fused.taken == (1, 4)
    assert fused.detector["precision"].value == pytest.approx(0.5)
    assert fused.rule["precision"].value == pytest.approx(2 / 3)
    assert fused.images["classifier"]["auroc"].value == 1.0
    assert fused.images["detector"]["auroc"].value == 0.0
    words = verdicts(fused)
    assert words[0] == "Of 4 boxes that the detector alone would show the rule takes away 1."
    assert words[1].startswith("Fusion")
    assert "changed mAP at IoU 0.5: 0.500 without, 0.667 with it; difference +0.167, no interval" in words[1]


@pytest.mark.parametrize("copies", [2, 3])
def test_figures_of_too_few_clusters_have_no_interval(copies: int) -> None:
    found, classifier = by_hand()
    ids = np.arange(copies)
    truth, box = found.truth, found.found
    many = Detections(
        found.names,
        boxes(
            (truth.image[None] + 4 * ids[:, None]).ravel(),
            np.tile(truth.label, copies),
            np.tile(truth.corners, (copies, 1)),
        ),
        boxes(
            (box.image[None] + 4 * ids[:, None]).ravel(),
            np.tile(box.label, copies),
            np.tile(box.corners, (copies, 1)),
            np.tile(box.score, copies),
        ),
        np.ones(4 * copies, bool),
    )
    alone = np.tile(classifier, copies)
    said = predictions([f"{i}" for i in range(4 * copies)], [1, 1, 0, 0] * copies, alone)
    fused = measure_fusion(
        many, said, alone, RULE, doubt=0.3, positive=np.array([True]), settings=Settings(resamples=300)
    )
    enough = 2 * copies >= FEWEST
    for figures in (fused.rule, fused.change):
        assert (figures["map50"].ends is not None) == enough
        assert enough or "too few clusters" in figures["map50"].method
        assert enough or "too few clusters" in figures["precision"].method
    assert enough or "too few clusters" in fused.image_change["auroc"].method
    assert enough or "too few clusters" in fused.images["mixed"]["average_precision"].method


def test_calls_with_and_without_the_best_box_are_compared_at_youdens_thresholds() -> None:
    random = np.random.default_rng(0)
    label = (np.arange(80) % 2).astype(np.int8)
    classifier = np.clip(0.4 + 0.2 * label + 0.3 * random.normal(size=80), 0, 1)
    corners = [[0, 0, 10, 10]]
    marked = boxes(np.flatnonzero(label), [0] * 40, corners * 40)
    score = np.clip(0.3 + 0.4 * label + 0.2 * random.normal(size=80), 0, 1)
    found = Detections(("fracture",), marked, boxes(range(80), [0] * 80, corners * 80, score), np.ones(80, bool))
    both = 0.5 * classifier + 0.5 * score
    said = predictions([str(i) for i in range(80)], label, both)

    def fused(threshold: float | None) -> Fused:
        return measure_fusion(
            found,
            said,
            classifier,
            RULE,
            doubt=0.3,
            positive=np.array([True]),
            settings=Settings(resamples=200),
            mixed_threshold=threshold,
        )

    made = fused(0.45)
    alone = f1_score(label, classifier >= RULE.threshold)
    together = f1_score(label, both >= 0.45)
    assert made.images["classifier"]["f1"].value == pytest.approx(alone)
    assert made.images["mixed"]["f1"].value == pytest.approx(together)
    change = made.figures["fusion.image.change.f1"]
    assert change.value == pytest.approx(together - alone)
    assert change.ends is not None
    assert change.ends[0] <= change.value <= change.ends[1]
    assert made.figures["fusion.image.change.auroc"] == fused(None).figures["fusion.image.change.auroc"]
    assert not any(name.endswith(".f1") for name in fused(None).figures if ".image." in name)


def test_the_change_of_calls_needs_validation_predictions(bundle: Bundle, table: Table, films: Path) -> None:
    validation = read_cases(bundle, table, films, "fracture").predictions
    found = evaluate_table(bundle, table, films, "fracture", validation=validation, settings=QUICK)
    known = validation.complete()
    chosen = youden(known.label, known.probability).threshold
    calls = found.figures["fusion.image.mixed.f1"]
    assert calls.value == pytest.approx(f1_score(known.label, known.probability >= chosen))
    gap = calls.value - found.figures["fusion.image.classifier.f1"].value
    assert found.figures["fusion.image.change.f1"].value == pytest.approx(gap)
    assert "youden" in {name for section in found.sections for name in section.plots}
    assert found.figures["threshold.youden"].value == chosen


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ((0.1, 0.05, 0.2), "raised mAP at IoU 0.5:"),
        ((0.1, -0.05, 0.2), "did not raise mAP at IoU 0.5 beyond chance:"),
        ((-0.1, -0.2, -0.05), "lowered mAP"),
        ((0.0, 0.0, 0.0), "did not raise mAP"),
    ],
)
def test_a_verdict_hangs_on_the_interval(change: tuple[float, float, float], word: str) -> None:
    def figure(value: float, low: float, high: float) -> Estimate:
        return Estimate(value=value, low=low, high=high, method="x", n=4)

    one = {"map50": figure(0.5, 0.4, 0.6)}
    fused = Fused(one, one, {"map50": figure(*change)}, (0, 4), {}, {})
    assert word in verdicts(fused)[1]
    assert image_verdicts(fused, RULE) == []
    assert "no weight" in image_verdicts(fused, RULE.model_copy(update={"weight": 0.0}))[0]


def test_command_line(bundle: Bundle, blobs: ModuleType, table: Table, films: Path, tmp_path: Path) -> None:
    from osteon.cli import application

    table.save(tmp_path / "cases.parquet")
    file = blobs.make(tmp_path / "both.osteon", bundle.manifest)
    command = ["evaluate", str(file), "--data", str(tmp_path / "cases.parquet"), "--root", str(films)]
    command += ["--split", "all", "--resamples", "200", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(application(command[0]), command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "out" / "figures.json").read_text(encoding="utf-8"))
    assert "fusion.rule.map50" in figures
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Decision fusion" in page
    results = json.loads((tmp_path / "out" / "detections.json").read_text(encoding="utf-8"))
    assert min(one["score"] for one in results) < 0.3


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ({"fracture", "metal"}, {"fracture": "fracture", "metal": "metal"}),
        ({"broken"}, {"fracture": "fracture", "metal": "metal"}),
        (set(), {"fracture": "fracture", "metal": "metal"}),
    ],
)
def test_boxes_take_the_words_of_the_table(
    bundle: Bundle, films: Path, marked: set[str], words: dict[str, str]
) -> None:
    table = made(films, marked=False, labels=sorted(marked))
    assert box_labels(bundle, table) == words
    detector = bundle.manifest.detector
    assert detector is not None
    single = detector.model_copy(update={"labels": (detector.labels[0].model_copy(update={"name": "Bone Fracture"}),)})
    one = replace(bundle, manifest=bundle.manifest.model_copy(update={"detector": single}))
    expected = marked.copy().pop() if len(marked) == 1 else "bone_fracture"
    assert box_labels(one, table) == {"Bone Fracture": expected}


def test_marks_that_the_detector_does_not_know_are_left_out(films: Path) -> None:
    table = made(films, marked=True, labels=["cast"])
    known = detections(table, [], labels={"fracture", "metal"})
    assert known.names == ("fracture",)
    assert len(known.truth) == 20
    assert detections(table, []).names == ("cast", "fracture")
    assert has_boxes(table, np.ones(40, bool), {"fracture"})
    assert not has_boxes(table, np.arange(40) % 2 == 0, {"fracture"})
    assert not has_boxes(table, np.ones(40, bool), {"metal"})
