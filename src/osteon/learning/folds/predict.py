"""What the network of a fold says of the fold's test part, calibrated on its validation part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.imaging.preprocess import place_region
from osteon.inference.fusion import logit
from osteon.inference.networks.calibrate import positive, probabilities
from osteon.learning.bundling.manifest import labels_of
from osteon.learning.classification.batches import ValidationSet
from osteon.learning.classification.calibrate import ValidationOutputs, calibrate
from osteon.learning.classification.onnx import trained_network
from osteon.learning.detection.batches import ValidationBoxes
from osteon.learning.detection.boxes import DetectedBoxes
from osteon.learning.detection.onnx import trained_detector
from osteon.learning.detection.validation import BATCH, joined
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.dataset_base import validation_loader
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.runs.run import Run
from osteon.stats.calibration import fit_sigmoid

Part = tuple[Cases, Canvases]


@dataclass(frozen=True)
class FoldPredictions:
    """Predictions of a fold's test part.

    Attributes:
        images: paths (N).
        probability: (N,), calibrated on the fold's validation part.
        marks: boxes ``(row, label, x0, y0, x1, y1, score)`` in source pixels; None of a classifier.
    """

    images: tuple[str, ...]
    probability: NDArray[np.float64]
    marks: tuple[tuple[int, str, float, float, float, float, float], ...] | None = None

    def record(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"images": self.images, "probability": self.probability.tolist(), "marks": self.marks}

    @classmethod
    def of(cls, record: dict[str, Any]) -> FoldPredictions:
        """Back from JSON."""
        marks = record["marks"]
        return cls(
            tuple(record["images"]),
            np.array(record["probability"], np.float64),
            None if marks is None else tuple(tuple(mark) for mark in marks),
        )


def predict_fold(run: Run, val: Part, test: Part) -> FoldPredictions:
    """Predictions of the test part of a finished run.

    Args:
        run: of the fold.
        val: its validation part on the network's canvas, to calibrate by.
        test: its test part, likewise.

    Raises:
        DataError: the run is not finished, or has several independent labels.
    """
    return _boxes(run, val, test) if run.recipe.detection is not None else _classes(run, val, test)


def _classes(run: Run, val: Part, test: Part) -> FoldPredictions:
    recipe, labels = run.recipe, labels_of(run.recipe)
    network = trained_network(run).to(_device())

    def logits(part: Part) -> NDArray[np.float32]:
        loader = validation_loader(ValidationSet(*part, recipe.preprocessing), recipe.sampling.batch_size)
        found: list[Tensor] = []
        with torch.inference_mode():
            for batch in loader:
                image = batch.image.to(_device())
                said = network(image).logits
                if recipe.mirrored:  # as the graph of the export does
                    said = (said + network(image.flip(-1)).logits) / 2
                found.append(said.float().cpu())
        return torch.cat(found).numpy()

    outputs = ValidationOutputs(logits(val), None, np.zeros((0,), np.float32))
    fixed = calibrate(outputs, val[0], recipe, labels, allow_uncalibrated=True)
    each = probabilities(logits(test), fixed.calibration, recipe.task.shares)
    return FoldPredictions(test[0].names, np.asarray(positive(each, labels, recipe.task.shares), np.float64))


def _boxes(run: Run, val: Part, test: Part) -> FoldPredictions:
    recipe = run.recipe
    network = trained_detector(run).to(_device())

    def found(part: Part) -> DetectedBoxes:
        loader = validation_loader(ValidationBoxes(*part, recipe.preprocessing), BATCH)
        with torch.inference_mode():
            return joined([network.detect(batch.image.to(_device())) for batch in loader])

    of_val, of_test = found(val), found(test)
    best = logit(of_val.scores[:, 0].double().numpy())
    try:
        calibration = fit_sigmoid(val[0].positive.astype(np.int8), best)
    except DataError:  # no better than chance: as it is
        probability = of_test.scores[:, 0].double().numpy()
    else:
        rows = logit(of_test.scores[:, 0].double().numpy())[:, None]
        probability = probabilities(rows, calibration, "sigmoid")[:, 0]
    return FoldPredictions(
        test[0].names, np.clip(np.asarray(probability, np.float64), 0.0, 1.0), tuple(_marks(of_test, test, run))
    )


def _marks(found: DetectedBoxes, part: Part, run: Run) -> Sequence[tuple[int, str, float, float, float, float, float]]:
    """Boxes in source pixels, clipped to their images."""
    cases, cached = part
    marks: list[tuple[int, str, float, float, float, float, float]] = []
    for row, (boxes, scores, classes) in enumerate(zip(found.boxes, found.scores, found.classes, strict=True)):
        image = int(cases.views[row, 0])
        place = place_region(cached.region(image), run.recipe.preprocessing)
        height, width = (int(side) for side in cached.sizes[image])
        for corners, score, label in zip(boxes.tolist(), scores.tolist(), classes.tolist(), strict=True):
            box = place.to_source(Box(*corners)).clipped(width, height)
            if score > 0 and min(box.width, box.height) >= 1.0:
                name = str(run.recipe.task.labels[label]).replace(" ", "_")
                marks.append((row, name, box.x0, box.y0, box.x1, box.y1, float(score)))
    return marks


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
