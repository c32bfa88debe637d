"""The networks of a bundle, run on one case at a time, and their joint result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import Bundle
from osteon.core.codes.refusal import Refusal
from osteon.core.geometry import Placement
from osteon.core.records import Finding, HeatMap, Pixels, Radiograph
from osteon.imaging.preprocess import Preprocessing, fit, to_input
from osteon.inference.abstain import refusal_after, refusal_of_gate
from osteon.inference.clock import Clock
from osteon.inference.fusion import best, kept, logit, mixed, shared
from osteon.inference.image_result import ImageResult
from osteon.inference.networks.calibrate import Probabilities, positive, probabilities
from osteon.inference.networks.detect import BoxNetwork, findings
from osteon.inference.networks.heat import heat_map
from osteon.inference.networks.session import Network, Outputs


@dataclass(frozen=True, slots=True)
class StudyImage:
    """A radiograph and its index within the study."""

    radiograph: Radiograph
    index: int

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the source."""
        return self.radiograph.height, self.radiograph.width


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An input of a network, (C, H, W), and where the image lies in it."""

    values: Pixels
    placement: Placement


_Inputs = dict[tuple[int, Preprocessing], _Prepared]


@dataclass(frozen=True, slots=True)
class _Classification:
    """Probabilities of a case; ``maps`` has a map of the shown label for each image, ``placements`` where it lies."""

    labels: Probabilities
    positive: float
    maps: tuple[Pixels, ...] = ()
    shown: int = 0
    placements: tuple[Placement, ...] = ()


class Networks:
    """The classifier, the detector, or both; safe to use from several threads at once.

    Args:
        bundle: verified.
        threads: that one forward pass may use.
        all_boxes: give all boxes, also those below the thresholds and those that the decision rule takes away.

    Raises:
        BundleError: a graph cannot be run, or is not what the manifest says.
    """

    def __init__(self, bundle: Bundle, threads: int, *, all_boxes: bool = False) -> None:
        self._manifest = manifest = bundle.manifest
        self._all_boxes = all_boxes
        self._classifier = Network(bundle, threads) if manifest.graph is not None else None
        self._detector = BoxNetwork(bundle, threads) if manifest.detector is not None else None
        self._positive = [index for index, label in enumerate(manifest.labels) if label.positive]
        detected = () if manifest.detector is None else manifest.detector.labels
        self._positive_boxes = frozenset(label.name for label in detected if label.positive)

    @property
    def both(self) -> bool:
        """Whether there are a classifier and a detector."""
        return self._classifier is not None and self._detector is not None

    def run(self, images: Sequence[StudyImage], clock: Clock) -> list[ImageResult]:
        """Run the networks on one case.

        Args:
            images: one, or those of the views that the classifier sees at once.
            clock: takes the time of each step.

        Returns:
            The result of each image; all are refused if the case is unlike the training images.

        Raises:
            BundleError: a network failed.
        """
        prepared: _Inputs = {}
        classification = None
        if self._classifier is not None:
            classification = self._classified(self._classifier, images, prepared, clock)
            if isinstance(classification, Refusal):
                return [ImageResult((classification,)) for _ in images]
        found = [self._detected(image, prepared, clock) for image in images]
        with clock.time("render"):
            return self._together(images, classification, found)

    def _prepared(
        self,
        image: StudyImage,
        preprocessing: Preprocessing,
        prepared: _Inputs,
        clock: Clock,
    ) -> _Prepared:
        """The input of a network; made once where both networks take the same."""
        if (image.index, preprocessing) not in prepared:
            with clock.time("prepare"):
                fitted = fit(image.radiograph.pixels, preprocessing)
                values = to_input(np.asarray(fitted.canvas, np.float32), preprocessing)
                prepared[image.index, preprocessing] = _Prepared(values, fitted.placement)
        return prepared[image.index, preprocessing]

    def _classified(
        self,
        classifier: Network,
        images: Sequence[StudyImage],
        prepared: _Inputs,
        clock: Clock,
    ) -> _Classification | Refusal:
        """What the classifier says of a case, or why its answer must not be given."""
        manifest = self._manifest
        ready = [self._prepared(image, manifest.preprocessing, prepared, clock) for image in images]
        inputs = [one.values for one in ready]
        with clock.time("infer"):
            outputs = classifier.run((np.stack(inputs) if manifest.views else inputs[0])[np.newaxis])
        with clock.time("render"):
            novelty = None if outputs.novelty is None else float(outputs.novelty[0])
            refusal = self._gate(outputs, images) or refusal_after(novelty, manifest.indication)
            if refusal is not None:
                return refusal
            classification = self._probabilities(outputs.logits)
            if outputs.maps is None:
                return classification
            of_label = outputs.maps[0, classification.shown]
            maps = tuple(of_label) if manifest.views else (of_label,)
            return replace(classification, maps=maps, placements=tuple(one.placement for one in ready))

    def _gate(self, outputs: Outputs, images: Sequence[StudyImage]) -> Refusal | None:
        """Why the classifier's answer must not be given, as far as the gate tells."""
        if outputs.gate is None:
            return None
        odd, other = outputs.gate[0].tolist()
        stated = all(image.radiograph.body_part is not None for image in images)
        return refusal_of_gate((odd, other), self._manifest.gate, part_stated=stated)

    def _probabilities(self, logits: NDArray[np.float32] | NDArray[np.float64]) -> _Classification:
        manifest = self._manifest
        labels = probabilities(logits, manifest.calibration, manifest.activation)
        shown = max(self._positive, key=lambda label: float(labels[0, label]))
        return _Classification(labels[0], float(positive(labels, manifest.labels, manifest.activation)[0]), shown=shown)

    def _detected(self, image: StudyImage, prepared: _Inputs, clock: Clock) -> tuple[Finding, ...]:
        """All boxes of an image."""
        detector = self._manifest.detector
        if self._detector is None or detector is None:
            return ()
        ready = self._prepared(image, detector.preprocessing, prepared, clock)
        with clock.time("detect"):
            (boxes,) = self._detector.run(ready.values[np.newaxis])
            return findings(boxes, detector, ready.placement, image.shape, image.index)

    def _together(
        self, images: Sequence[StudyImage], alone: _Classification | None, found: Sequence[tuple[Finding, ...]]
    ) -> list[ImageResult]:
        """The results of both networks, or of the only one, for each image."""
        all_boxes = [box for boxes in found for box in boxes]
        classification = (
            self._probabilities(self._best_logits(all_boxes)) if alone is None else self._mixed(alone, all_boxes)
        )
        results: list[ImageResult] = []
        for position, (image, boxes) in enumerate(zip(images, found, strict=True)):
            result = ImageResult((), classification.labels, classification.positive)
            if alone is not None and self._detector is not None:
                result.classifier = alone.positive
            result.findings = (
                boxes if self._all_boxes else self._shown(boxes, None if alone is None else alone.positive)
            )
            if classification.maps:
                result.heat = self._heat(position, image, classification)
            results.append(result)
        return results

    def _best_logits(self, boxes: Sequence[Finding]) -> NDArray[np.float64]:
        """Log odds of the best box of each label, (1, labels), where there are boxes only."""
        detector = self._manifest.detector
        own = detector is not None and self._manifest.labels == detector.labels
        names = [frozenset((label.name,)) if own else self._positive_boxes for label in self._manifest.labels]
        return logit(np.array([[best(boxes, among) for among in names]]))

    def _mixed(self, alone: _Classification, boxes: Sequence[Finding]) -> _Classification:
        """The classifier's probabilities with the boxes taken into account."""
        manifest = self._manifest
        together = mixed(alone.positive, best(boxes, self._positive_boxes), manifest.fusion)
        labels = shared(alone.labels, self._positive, alone.positive, together, manifest.activation)
        return replace(alone, labels=labels, positive=together)

    def _shown(self, boxes: Sequence[Finding], probability: float | None) -> tuple[Finding, ...]:
        """The boxes of a reading: at or above *doubt*, and not taken away by the decision rule."""
        detector = self._manifest.detector
        if detector is None:
            return ()
        doubt = detector.points.doubt.threshold
        chosen = tuple(box for box in boxes if box.score >= doubt)
        return chosen if probability is None else kept(chosen, probability, self._manifest.fusion)

    def _heat(self, position: int, image: StudyImage, classification: _Classification) -> HeatMap:
        manifest = self._manifest
        return heat_map(
            classification.maps[position],
            classification.positive,
            manifest.operating_points,
            classification.placements[position],
            manifest.preprocessing,
            manifest.labels[classification.shown].name,
            image.index,
        )
