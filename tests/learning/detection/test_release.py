"""A detector's run becomes a bundle that reads films without PyTorch, alone and beside a classifier."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.bundle.archive import MANIFEST, Bundle, open_bundle, write_bundle
from osteon.bundle.manifest import BoxPoints
from osteon.core.calibration import Calibration
from osteon.core.errors import BundleError
from osteon.core.geometry import Box, iou
from osteon.data.datasets import read as read_dataset
from osteon.inference.networks.detect import Boxes, BoxNetwork
from osteon.inference.read import read
from osteon.learning.bundling.assemble import SPLIT_PART
from osteon.learning.bundling.options import ExportOptions, Naming
from osteon.learning.detection import bundle as release
from osteon.learning.detection.bundle import export_detector
from osteon.learning.detection.calibrate import box_points, fit_confidence, fit_fusion, gathered
from osteon.learning.detection.combine import combine
from osteon.learning.detection.onnx import _compared, box_parity, trained_detector
from osteon.learning.inputs.image_cache import no_progress
from osteon.learning.recipe import BoxRule
from osteon.learning.recipes import find
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.runs.run import Run, open_run
from osteon.learning.train import TrainerOptions, train
from osteon.stats.detection.boxes import boxes, match

pytestmark = [
    pytest.mark.learn,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),  # Lightning calls what PyTorch has renamed
]

SIDE = 128
SETTINGS = (
    "dataset=coco", "preprocessing.height=128", "preprocessing.width=128", "cache_side=128", "phases.0.side=64",
    "phases.0.epochs=1", "phases.1.epochs=8", "phases.2.epochs=2", "sampling.batch_size=8", "sampling.images_per_epoch=80",
    "architecture.width=0.35", "architecture.pyramid=32", "architecture.blocks=1", "optimizer.lr=4e-3",
    "optimizer.head_lr=6e-3", "averaging=0.8", "precision=32-true", "indicated.minimum_side=32", "split.kept=null",
    'split.group=["study"]', 'split.stratify=["label_fracture"]', "split.train=0.5", "split.val=0.25", "split.test=0.25",
    "augmentation.rotation=5", "augmentation.blur_share=0", "augmentation.noise_share=0", "augmentation.tone_share=0",
    "augmentation.shear=0", "augmentation.zoom=0.1", "detection.rule.doubt_sensitivity=0.75",
)  # fmt: skip


def options(run: Run, name: str, *, int8: bool = False) -> ExportOptions:
    naming = Naming(name, "1.0.0", "Apache-2.0", "a test")
    return ExportOptions(naming, run.folder.parent / "cache", no_progress, int8=int8, resamples=200)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grey films; on every second one a bright square, which is what is to be found."""
    root = tmp_path_factory.mktemp("squares")
    random = np.random.default_rng(0)
    images, annotations = [], []
    for number in range(120):
        pixels = random.normal(20, 6, (SIDE, SIDE))
        left = int(random.integers(20, 60))
        pixels[:, left : left + 40] += 60  # a limb: films of nothing are refused
        images.append({"id": number, "file_name": f"{number:03d}.png", "width": SIDE, "height": SIDE})
        if number % 2:
            x, y = random.integers(8, SIDE - 40, 2).tolist()
            width, height = random.integers(18, 32, 2).tolist()
            pixels[y : y + height, x : x + width] += 110
            annotations.append({"id": number, "image_id": number, "category_id": 1, "bbox": [x, y, width, height]})
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(root / f"{number:03d}.png")
    categories = [{"id": 1, "name": "fracture"}]
    (root / "squares.json").write_text(
        json.dumps({"images": images, "annotations": annotations, "categories": categories})
    )
    return root


@pytest.fixture(scope="module")
def run(films: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("detector")
    begun = begin(apply(find("fracatlas/detector"), SETTINGS), SETTINGS, None, films, folder / "run", resume=False)
    done = train(
        begun, TrainerOptions(cache=folder / "cache", track=no_progress, progress=False, threads=1, traces=False)
    )
    return open_run(done.folder)


@pytest.fixture(scope="module")
def bundle(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    path = tmp_path_factory.mktemp("bundle") / "squares.osteon"
    export_detector(run, path, options(run, "squares"))
    return open_bundle(str(path))


def test_learns_and_finds_what_it_was_shown(run: Run, bundle: Bundle) -> None:
    done = run.phase_done("int8")
    assert done is not None
    assert done["val_map50"] > 0.7
    assert bundle.manifest.task == "detection"
    assert bundle.manifest.figures["detection.map50"].value > 0.6
    assert bundle.manifest.figures["classification.auroc"].value > 0.8
    detector = bundle.manifest.detector
    assert detector is not None
    assert detector.points.doubt.threshold <= detector.points.definite.threshold
    assert "detection" in bundle.card
    assert "FCOS" in bundle.card


def test_in_int8_it_finds_much_the_same(
    run: Run, bundle: Bundle, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        release, "TOLERANCE", 0.5
    )  # so narrow a network, of so few epochs, pays more than the shipped one
    path = tmp_path / "whole-numbers.osteon"
    made = export_detector(run, path, options(run, "whole-numbers", int8=True))
    assert len(made.detector) < 0.6 * len(bundle.detector)
    assert "then int8: mAP50" in made.manifest.provenance.parity
    names = json.loads(run.split_file.read_text())["parts"]["test"]
    both = zip(*(read([films / name for name in names], bundle=one) for one in (bundle, made)), strict=True)
    pairs = [(one.findings[0], other.findings[0]) for one, other in both if one.findings and other.findings]
    assert len(pairs) > 5
    assert np.mean([iou(one.box, other.box) for one, other in pairs]) > 0.6
    monkeypatch.setattr(release, "TOLERANCE", -1.0)
    monkeypatch.setattr(release, "quantised", lambda _graph, _inputs: made.detector)  # it would be the same again
    with pytest.raises(BundleError, match="int8 costs this network too much mAP50"):
        export_detector(run, path, options(run, "whole-numbers", int8=True))


def test_reads_films_and_boxes_what_is_there(run: Run, bundle: Bundle, films: Path) -> None:
    truth = json.loads((films / "squares.json").read_text())
    marked = {one["image_id"]: one["bbox"] for one in truth["annotations"]}
    split = json.loads(run.split_file.read_text())
    names = [name for name in split["parts"]["test"] if int(Path(name).stem) in marked]
    hits = 0
    for reading in read([films / name for name in names], bundle=bundle):
        x, y, width, height = marked[int(Path(reading.source).stem)]
        best = max(reading.findings, key=lambda one: one.score, default=None)
        hits += best is not None and iou(best.box, Box(x, y, x + width, y + height)) > 0.5
    assert hits >= 0.5 * len(names)  # by chance none; how many exactly hangs on the processor's rounding


def test_the_graph_agrees_with_pytorch_and_another_one_does_not(run: Run, bundle: Bundle) -> None:
    network, session = trained_detector(run), BoxNetwork(bundle, threads=1)
    inputs = np.random.default_rng(1).normal(size=(3, 1, SIDE, SIDE)).astype(np.float32)
    worst = box_parity(network, session, inputs, RULE)
    assert worst.boxes > 0
    assert worst.corners < 0.05
    state = network.get_submodule("score").weight
    state.data.mul_(1.2)
    with pytest.raises(BundleError, match="does not agree"):
        box_parity(network, session, inputs, RULE)


def test_the_graph_takes_several_films(run: Run, bundle: Bundle) -> None:
    import onnxruntime
    import torch

    network = trained_detector(run)
    session = onnxruntime.InferenceSession(bundle.detector)
    inputs = np.random.default_rng(2).normal(size=(5, 1, SIDE, SIDE)).astype(np.float32)
    corners, scores, classes = session.run(None, {"image": inputs})
    with torch.inference_mode():
        found = network.detect(torch.from_numpy(inputs))
    assert corners.shape == (5, 100, 4)
    assert np.abs(scores - found.scores.numpy()).max() < 1e-4
    assert classes.dtype == np.int64


def test_a_classifier_of_another_bundle_reads_beside_it(
    run: Run, bundle: Bundle, films: Path, bundle_file: Path, tmp_path: Path
) -> None:
    alone = open_bundle(str(bundle_file))
    recipe, table = find("fracatlas/detector"), read_dataset("coco", films)
    how = {"version": "2.0.0", "created": "2026-12-01", "track": no_progress}
    with pytest.raises(BundleError, match="not trained with the same split"):
        combine(alone, bundle, recipe, table, films, tmp_path / "both.osteon", **how)
    parts = {name: content for name, content in alone.parts.items() if name != MANIFEST}
    classifier = write_bundle(
        tmp_path / "blobs.osteon", alone.manifest, {**parts, SPLIT_PART: bundle.parts[SPLIT_PART]}
    )
    with pytest.raises(BundleError, match="has no detector"):
        combine(classifier, classifier, recipe, table, films, tmp_path / "both.osteon", **how)
    made = combine(classifier, bundle, recipe, table, films, tmp_path / "both.osteon", **how)
    assert made.detector == bundle.detector
    assert made.graph == classifier.graph
    assert made.manifest.detector == bundle.manifest.detector
    assert made.manifest.fusion is not None
    assert made.manifest.figures == {}
    assert made.manifest.provenance.recipe.endswith(" and fracatlas/detector")
    assert bundle.manifest.identity in made.manifest.provenance.weights
    names = json.loads(run.split_file.read_text())["parts"]["test"]
    readings = [read([films / name], bundle=made)[0] for name in names]
    assert any(reading.findings for reading in readings)
    assert all(reading.probability is not None for reading in readings)
    with pytest.raises(BundleError, match="cannot take a detector"):
        combine(made, bundle, recipe, table, films, tmp_path / "again.osteon", **how)


def test_equals_that_suppress_each_other_are_no_difference() -> None:
    ours, other = film((0.5, 0), (0.3, 2)), film((0.5, 0), (0.3, 2))
    moved = other.corners.copy()
    moved[1] += 3  # IoU 0.32
    told = Boxes(moved, other.scores, other.classes)
    assert _compared(ours, told, 0.1, 0.5)[0] == pytest.approx(3)
    assert _compared(ours, told, 0.1, 0.3) == (0.0, 0.0, 1)
    surer = Boxes(moved, np.array([0.5, 0.31]), other.classes)
    assert _compared(ours, surer, 0.1, 0.3)[0] == pytest.approx(3)  # not equal: the surer one stays in both


RULE = BoxRule(
    max_detections=10, nms_iou=0.5, score_threshold=0.01, doubt_sensitivity=0.75, definite_precision=0.75, fusion=0.5
)


def film(*rows: tuple[float, float]) -> Boxes:
    """Boxes of some scores; each a square at 100 times its second number."""
    corners = np.array([[100 * at, 0, 100 * at + 10, 10] for _, at in rows], np.float64).reshape(-1, 4)
    return Boxes(corners, np.array([score for score, _ in rows]), np.zeros(len(rows), np.int64))


def matched_of(*found: Boxes):
    """Films each with one marked box at 0."""
    truth = boxes(range(len(found)), [0] * len(found), [[0, 0, 10, 10]] * len(found))
    return match(truth, gathered(found), images=len(found), classes=1, thresholds=(0.5,))


def test_thresholds_of_boxes_by_hand() -> None:
    # Falling scores: hit, hit, miss, hit, miss, hit: of four marked boxes.
    matches = matched_of(film((0.9, 0), (0.5, 3)), film((0.8, 0)), film((0.7, 2), (0.6, 0)), film((0.4, 0)))
    points: BoxPoints = box_points(matches, Calibration(temperature=1.0), RULE)
    assert points.doubt.threshold == pytest.approx(0.55)
    assert points.doubt.sensitivity == 0.75
    assert points.doubt.false_alarms == pytest.approx(1 / 4)
    assert points.definite.threshold == pytest.approx(0.55)  # three of four are right there
    assert points.definite.sensitivity == 0.75


def test_thresholds_where_nothing_is_found_or_never_enough() -> None:
    nothing = box_points(matched_of(film(), film()), Calibration(temperature=1.0), RULE)
    assert nothing.doubt.threshold == 1.0
    few = box_points(matched_of(film((0.5, 4)), film((0.3, 0))), Calibration(temperature=1.0), RULE)
    assert few.doubt.sensitivity == 0.5
    assert "no threshold has box sensitivity" in few.doubt.rule
    assert "no threshold has precision" in few.definite.rule
    assert few.doubt.threshold <= few.definite.threshold


def test_scores_become_chances_of_being_right() -> None:
    random = np.random.default_rng(0)
    scores = random.uniform(0.05, 0.6, 600)
    right = random.random(600) < scores**2 / (scores**2 + (1 - scores) ** 2)
    found = [film((float(score), 0 if good else 5)) for score, good in zip(scores, right, strict=True)]
    calibration = fit_confidence(matched_of(*found))
    assert calibration.temperature == pytest.approx(0.5, rel=0.15)
    assert calibration.bias == pytest.approx(0.0, abs=0.25)


def test_fusion_leaves_refused_films_out() -> None:
    random = np.random.default_rng(0)
    positive = np.arange(200) % 2 == 0
    classifier = np.clip(0.35 + 0.3 * positive + random.normal(0, 0.15, 200), 0.01, 0.99)
    best = np.clip(0.3 + 0.3 * positive + random.normal(0, 0.15, 200), 0.0, 0.99)
    classifier[:3] = np.nan
    fusion, image, read_films = fit_fusion(positive, classifier, best, find("fracatlas/detector"))
    assert read_films.sum() == 197
    assert fusion.weight == 0.5
    assert 0.3 < fusion.threshold < 0.7
    assert image.points.doubt.sensitivity >= 0.95
    assert image.points.definite.specificity >= 0.95
