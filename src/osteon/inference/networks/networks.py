"""The networks of a bundle, shown one case at a time: what they see, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import Bundle
from osteon.core.records import Finding, HeatMap, Pixels, Radiograph
from osteon.core.refusal import Refusal
from osteon.imaging.preprocess import Preprocessing, prepare
from osteon.inference.abstain import refusal_after
from osteon.inference.clock import Clock
from osteon.inference.fusion import best, kept, logit, mixed, shared
from osteon.inference.image import Image
from osteon.inference.networks.calibrate import Probabilities, positive, probabilities
from osteon.inference.networks.detect import BoxNetwork, findings
from osteon.inference.networks.heat import heat_map
from osteon.inference.networks.session import Network


@dataclass(frozen=True, slots=True)
class Film:
    """A radiograph and its index within the study."""

    radiograph: Radiograph
    index: int

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the source."""
        return self.radiograph.height, self.radiograph.width


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a case; ``maps`` has one map for each film, of the label that is shown."""

    labels: Probabilities
    positive: float
    maps: tuple[Pixels, ...] = ()
    shown: int = 0


class Networks:
    """The classifier, the detector, or both; safe to use from several threads at once.

    Args:
        bundle: verified.
        threads: that one forward pass may use.
        every: give all boxes, also those below the thresholds and those that the decision rule takes away.

    Raises:
        BundleError: a graph cannot be run, or is not what the manifest says.
    """

    def __init__(self, bundle: Bundle, threads: int, *, every: bool = False) -> None:
        self._manifest = manifest = bundle.manifest
        self._every = every
        self._classifier = Network(bundle, threads) if manifest.graph is not None else None
        self._detector = BoxNetwork(bundle, threads) if manifest.detector is not None else None
        self._positive = [index for index, label in enumerate(manifest.labels) if label.positive]
        detected = () if manifest.detector is None else manifest.detector.labels
        self._positive_boxes = frozenset(label.name for label in detected if label.positive)

    @property
    def both(self) -> bool:
        """Whether there are a classifier and a detector."""
        return self._classifier is not None and self._detector is not None

    def look(self, films: Sequence[Film], clock: Clock) -> list[Image]:
        """Show one case to the networks.

        Args:
            films: one, or those of the views that the classifier sees at once.
            clock: takes the time of each step.

        Returns:
            What became of each film; all of them are refused where the case is unlike the training films.

        Raises:
            BundleError: a network failed.
        """
        prepared: dict[tuple[int, Preprocessing], Pixels] = {}
        said = None
        if self._classifier is not None:
            said = self._classified(self._classifier, films, prepared, clock)
            if isinstance(said, Refusal):
                return [Image((said,)) for _film in films]
        found = [self._detected(film, prepared, clock) for film in films]
        with clock.time("render"):
            return self._together(films, said, found)

    def _prepared(
        self, film: Film, how: Preprocessing, prepared: dict[tuple[int, Preprocessing], Pixels], clock: Clock
    ) -> Pixels:
        """The input of a network, (C, H, W); made once where both networks take the same."""
        if (film.index, how) not in prepared:
            with clock.time("prepare"):
                prepared[film.index, how] = prepare(film.radiograph.pixels, how)
        return prepared[film.index, how]

    def _classified(
        self,
        classifier: Network,
        films: Sequence[Film],
        prepared: dict[tuple[int, Preprocessing], Pixels],
        clock: Clock,
    ) -> _Said | Refusal:
        """What the classifier says of a case, or why its answer must not be given."""
        manifest = self._manifest
        inputs = [self._prepared(film, manifest.preprocessing, prepared, clock) for film in films]
        with clock.time("infer"):
            outputs = classifier.run((np.stack(inputs) if manifest.views else inputs[0])[np.newaxis])
        with clock.time("render"):
            novelty = None if outputs.novelty is None else float(outputs.novelty[0])
            refusal = refusal_after(novelty, manifest.indication)
            if refusal is not None:
                return refusal
            said = self._probabilities(outputs.logits)
            if outputs.maps is None:
                return said
            of_label = outputs.maps[0, said.shown]
            return replace(said, maps=tuple(of_label) if manifest.views else (of_label,))

    def _probabilities(self, logits: NDArray[np.float32] | NDArray[np.float64]) -> _Said:
        manifest = self._manifest
        labels = probabilities(logits, manifest.calibration, manifest.activation)
        shown = max(self._positive, key=lambda label: float(labels[0, label]))
        return _Said(labels[0], float(positive(labels, manifest.labels, manifest.activation)[0]), shown=shown)

    def _detected(
        self, film: Film, prepared: dict[tuple[int, Preprocessing], Pixels], clock: Clock
    ) -> tuple[Finding, ...]:
        """All boxes of a film."""
        detector = self._manifest.detector
        if self._detector is None or detector is None:
            return ()
        values = self._prepared(film, detector.preprocessing, prepared, clock)
        with clock.time("detect"):
            (boxes,) = self._detector.run(values[np.newaxis])
            return findings(boxes, detector, film.shape, film.index)

    def _together(
        self, films: Sequence[Film], alone: _Said | None, found: Sequence[tuple[Finding, ...]]
    ) -> list[Image]:
        """What both networks, or the one that there is, say of each film."""
        every = [one for boxes in found for one in boxes]
        said = self._probabilities(self._best_logits(every)) if alone is None else self._mixed(alone, every)
        images: list[Image] = []
        for position, (film, boxes) in enumerate(zip(films, found, strict=True)):
            image = Image((), said.labels, said.positive)
            if alone is not None and self._detector is not None:
                image.classifier = alone.positive
            image.findings = boxes if self._every else self._shown(boxes, None if alone is None else alone.positive)
            if said.maps:
                image.heat = self._heat(said.maps[position], film, said)
            images.append(image)
        return images

    def _best_logits(self, boxes: Sequence[Finding]) -> NDArray[np.float64]:
        """Log odds of the best box of each label, (1, labels), where there are boxes only."""
        detector = self._manifest.detector
        own = detector is not None and self._manifest.labels == detector.labels
        names = [frozenset((label.name,)) if own else self._positive_boxes for label in self._manifest.labels]
        return logit(np.array([[best(boxes, among) for among in names]]))

    def _mixed(self, alone: _Said, boxes: Sequence[Finding]) -> _Said:
        """The classifier's words with the boxes taken into account."""
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
        chosen = tuple(one for one in boxes if one.score >= doubt)
        return chosen if probability is None else kept(chosen, probability, self._manifest.fusion)

    def _heat(self, map_: Pixels, film: Film, said: _Said) -> HeatMap:
        manifest = self._manifest
        return heat_map(
            map_,
            said.positive,
            manifest.operating_points,
            film.shape,
            manifest.preprocessing,
            manifest.labels[said.shown].name,
            film.index,
        )
