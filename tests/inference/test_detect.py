"""Bundles with a detector read: boxes in source pixels, thresholds, fusion, studies, abstentions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import osteon
from osteon.bundle.archive import Bundle, open_bundle
from osteon.core.calibration import Calibration
from osteon.core.errors import BundleError
from osteon.core.geometry import Box
from osteon.core.labels import BodyPart, Call
from osteon.core.records import Identifiers, Radiograph
from osteon.imaging.preprocess import place_on_canvas
from osteon.inference.engine import InferenceEngine
from osteon.inference.networks.detect import Boxes, BoxNetwork, findings
from osteon.inference.readings import findings_words


def opened(blobs: ModuleType, folder: Path, manifest: Any) -> Bundle:
    return open_bundle(blobs.make(folder / "b.osteon", manifest))


def hand(blobs: ModuleType, blob: float, **fields: Any) -> Radiograph:
    radiograph = Radiograph(blobs.film(blob), body_part=BodyPart.HAND, identifiers=Identifiers(study="1.2.3"))
    return replace(radiograph, **fields)


@pytest.mark.parametrize("shape", [(256, 192), (192, 256), (1000, 300)])
def test_a_box_lies_on_the_square_in_source_pixels(blobs: ModuleType, tmp_path: Path, shape: tuple[int, int]) -> None:
    engine = InferenceEngine(opened(blobs, tmp_path, blobs.both()), threads=1)
    rows, columns = shape
    film = blobs.film(1.0, shape=shape, at=(0.4, 0.5))
    reading = engine.read_study([Radiograph(film, body_part=BodyPart.HAND)], "x")
    best = reading.findings[0]
    reach = 0.12 * rows
    square = Box(0.5 * columns - reach, 0.4 * rows - reach, 0.5 * columns + reach, 0.4 * rows + reach)
    placement = place_on_canvas(shape, blobs.detector().preprocessing)
    canvas = placement.to_canvas(best.box)
    assert [(side + 1e-6) % 8 for side in canvas[:2]] == pytest.approx([0, 0], abs=1e-5)
    # The box begins with the first cell that the square fills.
    cell = placement.to_source(Box(canvas.x0, canvas.y0, canvas.x0 + 8, canvas.y0 + 8))
    pixel = max(1 / placement.scale_x, 1 / placement.scale_y)
    assert square.x0 - pixel <= cell.x0 < cell.x1 <= square.x1 + pixel
    assert square.y0 - pixel <= cell.y0 < cell.y1 <= square.y1 + pixel
    assert (best.label, best.image, best.definite) == ("fracture", 0, True)
    assert best.score == pytest.approx(1.0, abs=0.02)
    assert reading.finding_labels == ("fracture", "metal")
    assert list(reading.milliseconds) == ["load", "prepare", "infer", "detect", "render", "total"]
    assert reading.milliseconds["detect"] > 0


@pytest.mark.parametrize(
    ("blob", "threshold", "scores"),
    [(0.7, 0.2, [0.4]), (0.7, 0.3, []), (0.8, 0.99, [0.6]), (0.6, 0.0, []), (0.9, 0.5, [0.8])],
)
def test_boxes_below_doubt_and_those_the_rule_takes_away_are_not_shown(
    blobs: ModuleType, tmp_path: Path, blob: float, threshold: float, scores: list[float]
) -> None:
    # The classifier gives the film of a square of 0.7 a probability of 0.27; the detector's doubt is 0.3.
    bundle = opened(blobs, tmp_path, blobs.both(blobs.fusion(threshold=threshold)))
    shown = InferenceEngine(bundle, threads=1).read_study([hand(blobs, blob)], "x").findings
    assert [one.score for one in shown] == pytest.approx(scores, abs=1e-3)
    assert [one.definite for one in shown] == [score >= 0.7 for score in scores]
    every = InferenceEngine(bundle, threads=1, all_boxes=True).read_study([hand(blobs, blob)], "x").findings
    assert len(every) >= 1
    assert set(shown) <= set(every)
    assert [one.score for one in every] == sorted((one.score for one in every), reverse=True)


def test_the_call_takes_both_networks_into_account(blobs: ModuleType, tmp_path: Path) -> None:
    classifier = InferenceEngine(opened(blobs, tmp_path, blobs.manifest()), threads=1)
    said = classifier.read_study([hand(blobs, 0.7)], "x")
    assert (said.call, said.image_classifier, said.finding_labels) == (Call.NO_FRACTURE, (), ())
    both = InferenceEngine(opened(blobs, tmp_path, blobs.both(blobs.fusion(weight=0.5))), threads=1)
    reading = both.read_study([hand(blobs, 0.7)], "x")
    assert said.probability is not None
    assert reading.probability == pytest.approx(0.5 * said.probability + 0.5 * 0.4, abs=1e-3)
    assert reading.image_classifier == (said.probability,)
    assert reading.probabilities == {"fracture": pytest.approx(reading.probability)}
    assert reading.call is Call.DOUBT


def test_without_weight_the_probability_is_the_classifiers(blobs: ModuleType, tmp_path: Path) -> None:
    classifier = InferenceEngine(opened(blobs, tmp_path, blobs.manifest()), threads=1)
    both = InferenceEngine(opened(blobs, tmp_path, blobs.both()), threads=1)
    for blob in (0.0, 0.7, 1.0):
        first, second = (one.read_study([hand(blobs, blob)], "x") for one in (classifier, both))
        assert first.probability == second.probability
        np.testing.assert_array_equal(first.heat_maps[0].values, second.heat_maps[0].values)


def test_softmax_labels_still_sum_to_one(blobs: ModuleType, tmp_path: Path) -> None:
    both = InferenceEngine(opened(blobs, tmp_path, blobs.both(blobs.fusion(weight=0.5), softmax=True)), threads=1)
    reading = both.read_study([hand(blobs, 0.7)], "x")
    assert sum(reading.probabilities.values()) == pytest.approx(1.0)
    assert reading.probabilities["fracture"] == pytest.approx(reading.probability)


def test_a_detector_alone_takes_its_best_box(blobs: ModuleType, tmp_path: Path) -> None:
    engine = InferenceEngine(opened(blobs, tmp_path, blobs.alone()), threads=1)
    reading = engine.read_study([hand(blobs, 0.7)], "x")
    assert reading.probability == pytest.approx(0.4, abs=1e-3)
    assert (reading.call, len(reading.findings), reading.heat_maps) == (Call.DOUBT, 1, ())
    nothing = engine.read_study([hand(blobs, 0.0)], "x")
    assert nothing.probability == pytest.approx(1e-6)
    assert (nothing.call, nothing.findings, nothing.image_classifier) == (Call.NO_FRACTURE, (), ())
    # A box of a label that is not positive says nothing of a fracture.
    metal = engine.read_study([hand(blobs, 1.0, pixels=blobs.film(1.0, at=(0.85, 0.5)))], "x")
    assert [one.label for one in metal.findings] == ["metal"]
    assert metal.probability == pytest.approx(1e-6)
    own = opened(blobs, tmp_path, blobs.alone(labels=blobs.detector().labels, calibration=Calibration(temperature=2.0)))
    reading = InferenceEngine(own, threads=1).read_study(
        [hand(blobs, 1.0, pixels=blobs.film(0.9, at=(0.85, 0.5)))], "x"
    )
    # The odds of 0.8 are 4; their root is 2.
    assert reading.probabilities == {"fracture": pytest.approx(1e-3, rel=0.01), "metal": pytest.approx(2 / 3, abs=1e-3)}


def test_findings_of_a_study_know_their_image(blobs: ModuleType, tmp_path: Path) -> None:
    engine = InferenceEngine(opened(blobs, tmp_path, blobs.both()), threads=1)
    films = [hand(blobs, 0.0), hand(blobs, 1.0), hand(blobs, 1.0, body_part=BodyPart.CHEST)]
    reading = engine.read_study(films, "study")
    assert {one.image for one in reading.findings} == {1}
    assert np.isnan(reading.image_classifier[2])
    assert reading.call is Call.FRACTURE


def test_an_abstention_leaves_no_boxes(blobs: ModuleType, tmp_path: Path) -> None:
    engine = InferenceEngine(opened(blobs, tmp_path, blobs.both(novelty=True)), threads=1)
    assert engine.read_study([hand(blobs, 1.0)], "x").findings
    assert engine.read_study([hand(blobs, 1.0, body_part=BodyPart.CHEST)], "x").findings == ()
    bright = np.clip(blobs.film(1.0, shape=(256, 256)) + 0.65, 0, 1).astype(np.float32)
    unlike = engine.read_study([hand(blobs, 1.0, pixels=bright)], "x")
    assert (unlike.call, unlike.findings) == (Call.ABSTAIN, ())


def test_threads_change_nothing(blobs: ModuleType, tmp_path: Path) -> None:
    engine = InferenceEngine(opened(blobs, tmp_path, blobs.both(blobs.fusion(weight=0.5))), threads=1)
    films = [hand(blobs, blob) for blob in np.linspace(0.5, 1.0, 24)]
    alone = [engine.read_study([film], "x") for film in films]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda film: engine.read_study([film], "x"), films))
    assert [one.findings for one in alone] == [one.findings for one in together]
    assert [one.probability for one in alone] == [one.probability for one in together]


def test_what_misses_the_film_is_dropped_and_the_rest_clipped(blobs: ModuleType) -> None:
    # A film of 96 x 48 lies on the canvas from x = 24 to 72.
    corners = np.array(
        [[0, 0, 23, 50], [10, -5, 40, 20], [50, 50, 50.4, 80], [60, 80, 96, 96], [30, 30, 20, 60]], float
    )
    seen = Boxes(corners, np.linspace(0.9, 0.5, 5), np.array([0, 1, 0, 0, 0]))
    found = findings(seen, blobs.detector(), place_on_canvas((96, 48), blobs.detector().preprocessing), (96, 48), 3)
    assert [one.box for one in found] == [Box(0, 0, 16, 20), Box(36, 80, 48, 96)]
    assert [(one.label, one.image) for one in found] == [("metal", 3), ("fracture", 3)]


def test_scores_are_calibrated(blobs: ModuleType) -> None:
    detector = blobs.detector().model_copy(update={"calibration": Calibration(temperature=2.0)})
    seen = Boxes(np.array([[0.0, 0, 50, 50]]), np.array([0.9]), np.array([0]))
    assert findings(seen, detector, place_on_canvas((96, 96), detector.preprocessing), (96, 96), 0)[
        0
    ].score == pytest.approx(0.75)


def constant(boxes: Any, scores: Any, classes: Any, **changes: Any) -> bytes:
    """A detector that always sees the same, whatever it is shown."""
    values = {
        "boxes": np.asarray(boxes, np.float32)[np.newaxis],
        "scores": np.asarray(scores, np.float32)[np.newaxis],
        "classes": np.asarray(classes, changes.get("kind", np.int64))[np.newaxis],
    }
    kinds = {name: helper.np_dtype_to_tensor_dtype(value.dtype) for name, value in values.items()}
    nodes = [
        helper.make_node("Constant", [], [name], value=onnx.numpy_helper.from_array(value))
        for name, value in values.items()
    ]
    side = changes.get("side", 96)
    graph = helper.make_graph(
        nodes,
        "constant",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, side, side])],
        [helper.make_tensor_value_info(name, kinds[name], list(value.shape)) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return model.SerializeToString()


GOOD = ([[0, 0, 9, 9], [1, 1, 5, 5]], [0.2, 0.7], [0, 1])


def with_graph(blobs: ModuleType, tmp_path: Path, graph: bytes) -> Bundle:
    bundle = opened(blobs, tmp_path, blobs.alone())
    return replace(bundle, parts={**bundle.parts, "detector.onnx": graph})


def test_boxes_are_sorted_and_empty_rows_left_out(blobs: ModuleType, tmp_path: Path) -> None:
    graph = constant([*GOOD[0], [0, 0, 0, 0]], [*GOOD[1], 0.0], [*GOOD[2], 77])
    (seen,) = BoxNetwork(with_graph(blobs, tmp_path, graph), 1).run(np.zeros((1, 1, 96, 96), np.float32))
    assert seen.scores.tolist() == pytest.approx([0.7, 0.2])
    assert seen.classes.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (constant(GOOD[0], [0.2, 1.7], GOOD[2]), "score outside"),
        (constant(GOOD[0], [0.2, float("nan")], GOOD[2]), "score outside"),
        (constant([[0, 0, 9, float("inf")], [1, 1, 5, 5]], GOOD[1], GOOD[2]), "not a finite number"),
        (constant(GOOD[0], GOOD[1], [0, 2]), "class without a label"),
        (constant(GOOD[0], GOOD[1], [0, -1]), "class without a label"),
        (constant(GOOD[0], [0.2], GOOD[2]), "do not belong together"),
    ],
)
def test_what_is_no_box_is_an_error(blobs: ModuleType, tmp_path: Path, graph: bytes, reason: str) -> None:
    network = BoxNetwork(with_graph(blobs, tmp_path, graph), 1)
    with pytest.raises(BundleError, match=reason):
        network.run(np.zeros((1, 1, 96, 96), np.float32))


@pytest.mark.parametrize(
    "graph",
    [
        constant(*GOOD, side=64),
        constant(*GOOD, kind=np.float32),
        constant([[0, 0, 9], [1, 1, 5]], GOOD[1], GOOD[2]),
    ],
)
def test_a_graph_that_does_not_fit_its_manifest_is_refused(blobs: ModuleType, tmp_path: Path, graph: bytes) -> None:
    with pytest.raises(BundleError, match=r"the detector of blobs@1\.0\.0 is not what its manifest says"):
        InferenceEngine(with_graph(blobs, tmp_path, graph), threads=1)
    with pytest.raises(BundleError, match="cannot be run"):
        InferenceEngine(with_graph(blobs, tmp_path, b"no graph"), threads=1)


def test_osteon_read_gives_boxes(blobs: ModuleType, tmp_path: Path) -> None:
    file = blobs.make(tmp_path / "both.osteon", blobs.both(blobs.fusion(weight=0.5)))
    for name, blob in (("a", 0.0), ("b", 0.72), ("c", 1.0)):
        blobs.save(blobs.film(blob), tmp_path / f"{name}.png")
    readings = osteon.read(tmp_path, file, jobs=2)
    assert [findings_words(one) for one in readings] == ["0", "1 (in doubt)", "1 (1 definite)"]
    page = readings.html()
    assert "boxes" in page
    assert "1 (1 definite)" in page
