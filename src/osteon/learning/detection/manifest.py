"""The manifest of a detector's bundle, alone or together with a classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from osteon.bundle.archive import Bundle
from osteon.bundle.manifest import BoxPoint, BoxPoints, Detector, Fusion, Manifest, Provenance
from osteon.core.calibration import Calibration
from osteon.inference.fusion import IDENTITY
from osteon.learning.bundling.calibration import ImageCalibration, uncalibrated
from osteon.learning.bundling.manifest import labels_of, manifest_of
from osteon.learning.bundling.options import Naming
from osteon.learning.bundling.revise import joint_summary
from osteon.learning.detection.batches import detection_of
from osteon.learning.inputs.load_cases import Parts
from osteon.learning.runs.run import Run

SCHEMA: Final = 2


@dataclass(frozen=True)
class BoxCalibration:
    """What is fixed on validation images.

    Attributes:
        confidence: scores to confidences.
        points: thresholds of boxes.
        image: probability and thresholds of an image.
        fusion: with a classifier; None of a detector alone.
    """

    confidence: Calibration
    points: BoxPoints
    image: ImageCalibration
    fusion: Fusion | None


def uncalibrated_boxes() -> BoxCalibration:
    """What stands in a manifest before anything is fixed."""
    point = BoxPoint(threshold=0.5, rule="none yet", sensitivity=0.0, false_alarms=0.0)
    image = ImageCalibration(IDENTITY, uncalibrated().points)
    return BoxCalibration(IDENTITY, BoxPoints(doubt=point, definite=point), image, None)


def detector_manifest(
    run: Run, parts: Parts, naming: Naming, method: str, fixed: BoxCalibration, parity: str, classifier: Bundle | None
) -> Manifest:
    """The manifest of a detector, or where a fusion is fixed of a classifier and a detector.

    Args:
        run: of the detector.
        parts: its cases.
        naming: of the bundle.
        method: the architecture's name and source.
        fixed: on validation images.
        parity: how well the graph agrees with PyTorch.
        classifier: bundle of the classifier.
    """
    recipe = run.recipe
    detector = Detector(
        labels=labels_of(recipe),
        preprocessing=recipe.preprocessing,
        method=method,
        calibration=fixed.confidence,
        points=fixed.points,
        rest=detection_of(recipe).other_label,
    )
    manifest = manifest_of(
        run, parts, naming, fixed.image, parity, schema_version=SCHEMA, task="detection", detector=detector
    )
    if classifier is None or fixed.fusion is None:
        return manifest
    other = classifier.manifest
    return manifest.model_copy(
        update={
            "schema_version": max(manifest.schema_version, other.schema_version),
            "task": "classification and detection",
            "graph": other.graph,
            "preprocessing": other.preprocessing,
            "labels": other.labels,
            "calibration": other.calibration,
            "indication": other.indication,
            "summary": joint_summary(other.summary),
            "fusion": fixed.fusion,
            "provenance": _both(other.provenance, manifest.provenance),
        }
    )


def _both(classifier: Provenance, detector: Provenance) -> Provenance:
    """Provenance of both networks."""
    return detector.model_copy(
        update={
            "recipe": f"{classifier.recipe} and {detector.recipe}",
            "settings": {**classifier.settings, **detector.settings},
            "selection": f"{classifier.selection}; {detector.selection}",
            "weights": f"{classifier.weights}; {detector.weights}",
            "parity": f"{classifier.parity}; {detector.parity}",
        }
    )
