"""Figures of boxes with intervals over images: average precision, FROC, and precision and recall at one confidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.estimate import Estimate
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import BoxGuard, box_guard, degenerate_precisions, proportion
from osteon.evaluation.predictions.detections import Detections
from osteon.evaluation.predictions.predictions import Texts
from osteon.stats.bootstrap import CHUNK as CASES_CHUNK
from osteon.stats.bootstrap import defined, figure, replicate
from osteon.stats.checks import Booleans, Floats, Integers
from osteon.stats.detection.average_precision import CHUNK, AveragePrecision
from osteon.stats.detection.boxes import COCO_THRESHOLDS, LOOSE_THRESHOLDS, Boxes, Matches, match
from osteon.stats.detection.froc import FrocRates, outside_crowds, paired
from osteon.stats.statistic import Statistic

IOU: Final = 0.45
CONFIDENCE: Final = 0.25
"""Minimum IoU and confidence of a hit in the confusion matrix, as in the YOLO family and fractuvision."""

MANY: Final = 5_000
FEWER: Final = 1_000
"""With more than ``MANY`` detected boxes, at most ``FEWER`` resamples are drawn."""


LOOSE: Final = "20_50"
"""In the names of average precisions over IoU 0.2 to 0.5, which the evaluator of VinDr-SpineXR prints as AP."""


class Ratio:
    """A sum over images divided by another: precision or recall of boxes."""

    def __init__(self, name: str, over: ArrayLike, under: ArrayLike) -> None:
        """Take numerator and denominator of each image, (n,)."""
        self.names: tuple[str, ...] = (name,)
        self._columns = np.stack([np.asarray(over, np.float64), np.asarray(under, np.float64)], axis=1)
        self.n: int = len(self._columns)

    @property
    def among(self) -> Booleans:
        """Images that add to the denominator, (n,)."""
        return self._columns[:, 1] > 0

    @property
    def total(self) -> tuple[int, int]:
        """Numerator and denominator over all images."""
        over, under = self._columns.sum(axis=0).tolist()
        return round(over), round(under)

    def __call__(self, weights: Floats) -> Floats:
        """The ratio for each row of weights, shape (resamples, 1); NaN where the denominator is 0."""
        sums = weights @ self._columns
        with np.errstate(invalid="ignore", divide="ignore"):
            return (sums[:, 0] / sums[:, 1])[:, None]


class Totals:
    """How many boxes there are: annotated, those of them that are found and missed, and false ones."""

    names: tuple[str, ...] = ("boxes_marked", "boxes_found", "boxes_missed", "boxes_false")

    def __init__(self, marked: ArrayLike, found: ArrayLike, detected: ArrayLike) -> None:
        """Take annotated boxes, those of them that are found, and detected boxes of each image, (n,)."""
        true, hits = np.asarray(marked, np.float64), np.asarray(found, np.float64)
        self._columns = np.stack([true, hits, true - hits, np.asarray(detected, np.float64) - hits], axis=1)
        self.n: int = len(self._columns)

    def __call__(self, weights: Floats) -> Floats:
        """The sums for each row of weights, shape (resamples, 4)."""
        return weights @ self._columns


class Measured(NamedTuple):
    """Figures of boxes.

    Attributes:
        figures: by name, beginning with ``detection.``.
        matches: of detected and annotated boxes in the images that were read.
    """

    figures: dict[str, Estimate]
    matches: Matches


def measure_boxes(detections: Detections, clusters: Texts, settings: Settings) -> Measured:
    """Figures of boxes on the images that were read.

    ``detection.map50``, ``detection.map`` (IoU 0.5 to 0.95), ``detection.map75``, ``detection.ap50.<class>``,
    ``detection.ap.<class>``; ``detection.map20_50`` and ``detection.ap20_50.<class>``, means over IoU 0.2 to 0.5;
    ``detection.marked.map50`` and so on for images with annotations only;
    ``detection.froc`` and ``detection.froc_at_<rate>``; ``detection.precision``, ``recall`` and ``f1`` at
    :data:`CONFIDENCE` and :data:`IOU`, and the counts that they are made of, see :class:`Totals`.

    Args:
        detections: of the images.
        clusters: resampled for the intervals, (n,).
        settings: of the intervals.

    Raises:
        DataError: nothing is annotated in the images that were read, or there is only one cluster.
    """
    rows = detections.read
    kept, groups = detections.select(rows), clusters[rows]
    matches = matched(kept)
    figures = _precisions(kept, groups, settings)
    annotated = np.zeros(len(kept), bool)
    annotated[kept.truth.image] = True
    part = kept.select(annotated)
    if not annotated.all() and len(np.unique(groups[annotated])) > 1:
        own = _precisions(part, groups[annotated], settings)
        figures |= {f"marked.{name}": estimate for name, estimate in own.items()}
    counts = box_counts(kept, CONFIDENCE)
    found = _resampled([FrocRates(matches), *counts, box_totals(kept, CONFIDENCE)], groups, settings, 0)
    known = guard_of(kept, groups)
    found = {name: known.applied(name, estimate) for name, estimate in found.items()}
    for ratio in counts[:2]:
        right, of = ratio.total
        if of:
            found[ratio.names[0]] = proportion(found[ratio.names[0]], right, of, groups[ratio.among], settings.level)
    figures |= found
    return Measured({f"detection.{name}": estimate for name, estimate in sorted(figures.items())}, matches)


def matched(detections: Detections, thresholds: tuple[float, ...] = COCO_THRESHOLDS) -> Matches:
    """Detected and annotated boxes matched as COCO does, all classes at all thresholds."""
    return match(
        detections.truth,
        detections.found,
        images=len(detections),
        classes=len(detections.names),
        crowds=detections.crowds,
        thresholds=thresholds,
    )


def counted_boxes(kept: Detections, confidence: float) -> Boxes:
    """Detected boxes of a confidence; those that hit nothing and lie in an annotated crowd count neither way."""
    found = kept.found.select(kept.found.score >= confidence)
    return outside_crowds(kept.truth, found, kept.crowds, classes=len(kept.names), iou=IOU)


def box_counts(kept: Detections, confidence: float) -> tuple[Ratio, ...]:
    """Precision, recall and F1 of boxes at a confidence; a hit has the class of the annotated box and at least :data:`IOU`."""
    true, hits, detected = _counts(kept, confidence)
    return (Ratio("precision", hits, detected), Ratio("recall", hits, true), Ratio("f1", 2 * hits, detected + true))


def box_totals(kept: Detections, confidence: float) -> Totals:
    """The counts that :func:`box_counts` divides."""
    return Totals(*_counts(kept, confidence))


def _counts(kept: Detections, confidence: float) -> tuple[Integers, Integers, Integers]:
    """Annotated boxes, those of them that are found, and detected boxes of each image, (n,) each."""
    images = len(kept)
    found = counted_boxes(kept, confidence)
    pair = paired(kept.truth, found, IOU)
    right = kept.truth.label[pair.truth] == found.label[pair.found]
    hits = np.bincount(found.image[pair.found[right]], minlength=images)
    return np.bincount(kept.truth.image, minlength=images), hits, np.bincount(found.image, minlength=images)


def affordable(settings: Settings, boxes: int) -> int:
    """Number of resamples for average precision of `boxes` detected boxes."""
    return min(settings.resamples, FEWER) if boxes > MANY else settings.resamples


def _precisions(kept: Detections, clusters: Texts, settings: Settings) -> dict[str, Estimate]:
    """Average precisions, including degenerate ones (all or no boxes detected in every resample)."""
    groups = annotated_clusters(kept, clusters)
    known = guard_of(kept, clusters)
    found: dict[str, Estimate] = {}
    for thresholds, span in ((COCO_THRESHOLDS, ""), (LOOSE_THRESHOLDS, LOOSE)):
        statistic = AveragePrecision(matched(kept, thresholds), kept.names, span)
        every = _resampled([statistic], clusters, settings, len(kept.found), chunk=CHUNK)
        found |= every | degenerate_precisions(every, groups, settings.level, span)
    return {name: known.applied(name, estimate) for name, estimate in found.items()}


def annotated_clusters(kept: Detections, clusters: Texts) -> dict[str, int]:
    """By class, the number of clusters in which a box of it is annotated."""
    return {
        name: len(np.unique(clusters[kept.truth.image[kept.truth.label == label]]))
        for label, name in enumerate(kept.names)
    }


def guard_of(kept: Detections, clusters: Texts) -> BoxGuard:
    """Which figures of these boxes have too few clusters for an interval.

    Args:
        kept: of the images that were read.
        clusters: of these images.
    """
    return box_guard(annotated_clusters(kept, clusters), len(np.unique(clusters[kept.truth.image])))


def _resampled(
    statistics: Sequence[Statistic], clusters: Texts, settings: Settings, boxes: int, chunk: int = CASES_CHUNK
) -> dict[str, Estimate]:
    resamples = affordable(settings, boxes)
    found: dict[str, Estimate] = {}
    for statistic in statistics:
        replicates = replicate(statistic, clusters=clusters, resamples=resamples, seed=settings.seed, chunk=chunk)
        found |= {name: figure(replicates, name, level=settings.level) for name in defined(replicates)}
    return found
