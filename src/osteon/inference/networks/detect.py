"""The detector of a bundle: images to boxes, and boxes to findings in the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import Bundle
from osteon.bundle.manifest import Detector
from osteon.core.errors import BundleError
from osteon.core.geometry import Box, Placement
from osteon.core.records import Finding, Pixels
from osteon.inference.fusion import rescaled
from osteon.inference.networks.runtime import INT64, Graph, Value

LEAST_SIDE: Final = 1.0
"""A box whose part within the image is narrower or lower than this, in source pixels, shows nothing and is dropped."""

_ROUNDING: Final = 1e-5
"""By so much a score in single precision may miss [0, 1]."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """What the detector sees in one image.

    Attributes:
        corners: ``(x0, y0, x1, y1)`` in pixels of the network's input, shape (n, 4).
        scores: as the network gives them, above 0, falling, shape (n,).
        classes: places in the detector's labels, shape (n,).
    """

    corners: NDArray[np.float64]
    scores: NDArray[np.float64]
    classes: NDArray[np.int64]


class BoxNetwork:
    """The detector of a bundle; safe to use from several threads at once.

    Args:
        bundle: verified, with a detector.
        threads: that one forward pass may use.

    Raises:
        BundleError: there is no detector, its graph cannot be run, or is not what the manifest says.
    """

    def __init__(self, bundle: Bundle, threads: int) -> None:
        detector = bundle.manifest.detector
        if detector is None:
            raise BundleError(f"{bundle.manifest.identity} has no detector")
        preprocessing = detector.preprocessing
        self._labels = len(detector.labels)
        self._graph = Graph(
            bundle.detector,
            f"the detector of {bundle.manifest.identity}",
            Value(detector.input, [None, preprocessing.channels, preprocessing.height, preprocessing.width]),
            [
                Value(detector.boxes, [None, None, 4]),
                Value(detector.scores, [None, None]),
                Value(detector.classes, [None, None], INT64),
            ],
            threads,
        )

    def run(self, images: Pixels) -> list[Boxes]:
        """The boxes of each image.

        Args:
            images: float32, shape (N, channels, height, width).

        Raises:
            BundleError: ONNX Runtime failed, or gave what is no box, no score or no label.
        """
        corners, scores, classes = self._graph.run(images)
        if not len(corners) == len(scores) == len(classes) == len(images) or not (
            corners.shape[1] == scores.shape[1] == classes.shape[1]
        ):
            raise BundleError(f"{self._graph.title} gave boxes, scores and classes that do not belong together")
        return [self._sorted(*rows) for rows in zip(corners, scores, classes, strict=True)]

    def _sorted(self, corners: NDArray[np.float32], scores: NDArray[np.float32], classes: NDArray[np.int64]) -> Boxes:
        """One image's boxes without empty rows, the highest score first."""
        if not (np.isfinite(scores).all() and np.all((scores >= -_ROUNDING) & (scores <= 1 + _ROUNDING))):
            raise BundleError(f"{self._graph.title} gave a score outside 0 to 1")
        order = np.argsort(-scores, kind="stable")
        order = order[scores[order] > 0]
        kept, places = corners[order].astype(np.float64), classes[order]
        if not np.isfinite(kept).all():
            raise BundleError(f"{self._graph.title} gave a corner that is not a finite number")
        if len(places) and (places.min() < 0 or places.max() >= self._labels):
            raise BundleError(f"{self._graph.title} gave a class without a label")
        return Boxes(kept, np.clip(scores[order].astype(np.float64), 0.0, 1.0), places)


def findings(
    boxes: Boxes, detector: Detector, placement: Placement, shape: tuple[int, int], image: int
) -> tuple[Finding, ...]:
    """All boxes of an image as findings, the highest confidence first; thresholds are not looked at here.

    Args:
        boxes: in pixels of the detector's input.
        detector: of the bundle.
        placement: of the source image on the canvas.
        shape: (H, W) of the source image.
        image: its index within the study.

    Returns:
        Findings in source pixels, clipped to the image, with calibrated confidence.
    """
    confidences = rescaled(boxes.scores, detector.calibration)
    definite = detector.points.definite.threshold
    found: list[Finding] = []
    for corners, confidence, label in zip(
        boxes.corners.tolist(), confidences.tolist(), boxes.classes.tolist(), strict=True
    ):
        box = placement.to_source(Box(*corners)).clipped(shape[1], shape[0])
        if min(box.width, box.height) >= LEAST_SIDE:
            name = detector.labels[label].name
            found.append(Finding(name, box, confidence, image, definite=confidence >= definite))
    return tuple(found)
