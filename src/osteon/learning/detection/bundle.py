"""``osteon export`` of a detector's run: a bundle of its own, or one together with a classifier.

Everything is fixed on the validation part; the test part is read once, with the deployed inference pipeline.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from osteon.bundle.archive import Bundle
from osteon.core.errors import DataError
from osteon.data.splits.record import parse_split
from osteon.inference.fusion import IDENTITY
from osteon.inference.networks.detect import BoxNetwork
from osteon.learning.bundling.assemble import SPLIT_PART, draft_bundle, finish_bundle, records
from osteon.learning.bundling.calibration import ImageCalibration, uncalibrated
from osteon.learning.bundling.describe import described
from osteon.learning.bundling.onnx_graph import PARITY_IMAGES
from osteon.learning.bundling.options import ExportOptions
from osteon.learning.bundling.quantise import QuantisationLoss, calibration_inputs, quantised
from osteon.learning.detection.batches import ValidationBoxes, detection_of
from osteon.learning.detection.calibrate import (
    ValidationDetections,
    best_confidence,
    box_points,
    classifier_probability,
    fit_confidence,
    fit_fusion,
    fit_image,
    matched,
    run_validation,
    unfitted_fusion,
)
from osteon.learning.detection.manifest import BoxCalibration, detector_manifest, uncalibrated_boxes
from osteon.learning.detection.onnx import box_parity, detector_graph, trained_detector
from osteon.learning.detection.validation import true_boxes
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import canvases
from osteon.learning.inputs.load_cases import Parts, prepare_cases
from osteon.learning.recipe import Recipe
from osteon.learning.runs.run import Run
from osteon.stats.detection.average_precision import AveragePrecision

TOLERANCE: Final = 0.05
"""Largest loss of mAP50 on the validation part that is accepted for INT8; single digits of it are noise where boxes are few."""


def export_detector(run: Run, destination: Path, options: ExportOptions, classifier: Bundle | None = None) -> Bundle:
    """Make a bundle of a detector's finished run and write it.

    Args:
        run: finished.
        destination: file to write.
        options: of the export.
        classifier: bundle of a classifier that was trained with the same split; both read together then.

    Raises:
        DataError: the run is not finished, its data are not there, or the classifier was trained with another split.
        BundleError: the graph does not agree with the network, or INT8 costs it too much.
    """
    parts = prepare_cases(run, options.data)
    run = described(run, parts)
    recipe, track, naming = run.recipe, options.track, options.naming
    if classifier is not None:
        _check_split(classifier, parts)
    network = trained_detector(run)
    cached = canvases(parts.val, recipe.preprocessing, options.cache, track)
    cases = cached.readable(parts.val)
    truth = true_boxes(ValidationBoxes(cases, cached, recipe.preprocessing))
    blank = detector_manifest(run, parts, naming, str(network.method), uncalibrated_boxes(), "", None)

    def validated(graph: bytes) -> tuple[BoxNetwork, ValidationDetections]:
        session = BoxNetwork(draft_bundle(blank, {"detector.onnx": graph}), threads=2)
        return session, run_validation(session, cases, truth, recipe, track, PARITY_IMAGES)

    graph = detector_graph(network, recipe)
    session, validation = validated(graph)
    worst = box_parity(network, session, validation.inputs, detection_of(recipe).rule)
    proof = (
        f"corners within {worst.corners:.1e} pixels and scores within {worst.scores:.1e}, {worst.boxes} boxes of "
        f"{len(validation.inputs)} validation images"
    )
    if options.int8:
        graph = quantised(graph, calibration_inputs(parts.train, recipe, run.seed, track))
        before, (_, validation) = _precision(validation, recipe), validated(graph)
        proof += f"; {QuantisationLoss('mAP50', before, _precision(validation, recipe), len(cases)).check(TOLERANCE)}"
    fixed = _fixed(validation, cases, recipe, options, classifier)
    manifest = detector_manifest(run, parts, naming, str(network.method), fixed, proof, classifier)
    files = {
        **({} if classifier is None else _classifier_graph(classifier)),
        "detector.onnx": graph,
        **records(run, parts, classifier),
    }
    test = parts.table.select(parts.test.images)
    return finish_bundle(run, manifest, files, test, detection_of(recipe).image_label, destination, options)


def _fixed(
    validation: ValidationDetections, cases: Cases, recipe: Recipe, options: ExportOptions, classifier: Bundle | None
) -> BoxCalibration:
    """Confidences, thresholds and fusion from validation images.

    Raises:
        DataError: the probability of an image ranks no better than chance, and the options do not allow that.
    """
    matches = matched(validation, len(recipe.task.labels))
    confidence = fit_confidence(matches)
    points = box_points(matches, confidence, detection_of(recipe).rule)
    positive = [index for index, label in enumerate(recipe.task.labels) if label in recipe.task.positive]
    best = best_confidence(validation.found, confidence, positive)
    fusion = None
    probability = None if classifier is None else classifier_probability(classifier, cases, options.track)
    try:
        if probability is None:
            image = fit_image(validation.positive, best, recipe)
        else:
            fusion, image, _read = fit_fusion(validation.positive, probability, best, recipe)
    except DataError:
        if not options.allow_uncalibrated:
            raise
        image = ImageCalibration(IDENTITY, uncalibrated().points)
        fusion = None if probability is None else unfitted_fusion(recipe)
    return BoxCalibration(confidence, points, image, fusion)


def _precision(validation: ValidationDetections, recipe: Recipe) -> float:
    """Mean average precision at an overlap of 0.5, before any threshold."""
    return AveragePrecision(matched(validation, len(recipe.task.labels)), recipe.task.labels).whole()["map50"]


def _classifier_graph(classifier: Bundle) -> dict[str, bytes]:
    """The part of a classifier's bundle that goes into the common one."""
    graph = classifier.manifest.graph
    if graph is None:
        raise DataError(
            f"{classifier.manifest.identity} cannot be combined with a detector",
            expected="a classifier",
            got="a detector",
        )
    return {graph.file: classifier.parts[graph.file]}


def _check_split(classifier: Bundle, parts: Parts) -> None:
    """Refuse a classifier that may have been trained on images on which both will be fixed or measured."""
    content = classifier.parts.get(SPLIT_PART)
    if content is None:
        raise DataError(f"{classifier.manifest.identity} does not carry the split that it was trained with")
    other = parse_split(content, SPLIT_PART)
    here = parts.split.parts
    for mine, theirs in (("val", "train"), ("test", "train"), ("test", "val")):
        both = set(here.get(mine, ())) & set(other.parts.get(theirs, ()))
        if both:
            raise DataError(
                f"{classifier.manifest.identity} was trained with another split",
                expected="the same split as the detector's",
                got=f"{len(both)} images of the {mine} part that lie in its {theirs} part",
            )
