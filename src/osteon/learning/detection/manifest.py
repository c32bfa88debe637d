"""The manifest of a detector's bundle, alone or beside a classifier."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from osteon.bundle.archive import Bundle
from osteon.bundle.manifest import BoxPoint, BoxPoints, Detector, Fusion, Manifest, Provenance
from osteon.core.calibration import Calibration
from osteon.core.operating import OperatingPoints
from osteon.inference.fusion import IDENTITY
from osteon.learning.bundling.manifest import indication_of, labels_of, provenance_of, training_data_of, unfixed
from osteon.learning.classification.bundle import Naming
from osteon.learning.detection.batches import detection_of
from osteon.learning.inputs.load_cases import Parts
from osteon.learning.runs.run import Run

SCHEMA: Final = 2


@dataclass(frozen=True)
class Fixed:
    """What is fixed on validation films.

    Attributes:
        confidence: scores to confidences.
        points: thresholds of boxes.
        calibration: of the probability of a film.
        film: thresholds of the call.
        fusion: with a classifier; None of a detector alone.
    """

    confidence: Calibration
    points: BoxPoints
    calibration: Calibration
    film: OperatingPoints
    fusion: Fusion | None


def nothing_fixed() -> Fixed:
    """What stands in a manifest before anything is fixed."""
    point = BoxPoint(threshold=0.5, rule="none yet", sensitivity=0.0, false_alarms=0.0)
    return Fixed(IDENTITY, BoxPoints(doubt=point, definite=point), IDENTITY, unfixed().points, None)


def manifest_of(
    run: Run, parts: Parts, naming: Naming, method: str, fixed: Fixed, proof: str, beside: Bundle | None
) -> Manifest:
    """The manifest of a detector, or where fusion is fixed of a classifier and a detector.

    Args:
        run: of the detector.
        parts: its cases.
        naming: of the bundle.
        method: the architecture's name and source.
        fixed: on validation films.
        proof: that the graph says what the network says.
        beside: bundle of the classifier.
    """
    recipe = run.recipe
    labels = labels_of(recipe)
    provenance = provenance_of(run, proof)
    manifest = Manifest(
        schema_version=SCHEMA,
        name=naming.name,
        version=naming.version,
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        licence=naming.licence,
        task="detection",
        summary=recipe.summary,
        labels=labels,
        preprocessing=recipe.preprocessing,
        detector=Detector(
            labels=labels,
            preprocessing=recipe.preprocessing,
            method=method,
            calibration=fixed.confidence,
            points=fixed.points,
            rest=detection_of(recipe).other_label,
        ),
        calibration=fixed.calibration,
        operating_points=fixed.film,
        pooling="max",
        indication=indication_of(recipe, None),
        training_data=(training_data_of(recipe, parts),),
        provenance=provenance,
        figures={},
        files={},
    )
    if beside is None or fixed.fusion is None:
        return manifest
    other = beside.manifest
    return manifest.model_copy(
        update={
            "task": "classification and detection",
            "graph": other.graph,
            "preprocessing": other.preprocessing,
            "labels": other.labels,
            "calibration": other.calibration,
            "indication": other.indication,
            "summary": f"{other.summary.rstrip('.')}, beside a detector that draws a box round each.",
            "fusion": fixed.fusion,
            "provenance": _both(other.provenance, provenance),
        }
    )


def _both(classifier: Provenance, detector: Provenance) -> Provenance:
    """How both networks came to be."""
    return detector.model_copy(
        update={
            "recipe": f"{classifier.recipe} and {detector.recipe}",
            "settings": {**classifier.settings, **detector.settings},
            "selection": f"{classifier.selection}; {detector.selection}",
            "weights": f"{classifier.weights}; {detector.weights}",
            "parity": f"{classifier.parity}; {detector.parity}",
        }
    )
