"""How well boxes are found: average precision as COCO computes it, FROC, and the confusion matrix of detectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from osteon.core.errors import DataError
from osteon.evaluation.boxes import Boxes, Matches, pairs, pairwise_iou
from osteon.evaluation.checks import Floats, Integers
from osteon.evaluation.statistic import Counts, counted

RECALLS: Final = np.linspace(0.0, 1.0, 101)
"""Recall levels at which precision is read off."""

SOME: Final = 1e-300
"""In place of 0 in a denominator whose numerator is 0."""

FROC_RATES: Final = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False alarms per image at which a FROC curve is summed up (as in LUNA16)."""


class _Curve(NamedTuple):
    """The hits of one class at one threshold.

    Attributes:
        images: image of each hit, in falling order of score.
        positions: place of each hit among all found boxes of the class.
        threshold: number of the threshold.
    """

    images: Integers
    positions: Integers
    threshold: int


class AveragePrecision:
    """Average precision for many sets of weights of the *images* at once, without matching again.

    Names: ``map`` (mean over thresholds and classes), ``map50`` and ``map75`` where those thresholds were matched, and
    ``ap50.<class>``. Precision rises only at hits, so only hits are summed.
    """

    def __init__(self, matches: Matches, names: Sequence[str]) -> None:
        """Sort hits by class and threshold.

        Args:
            matches: of found and true boxes.
            names: of the classes.

        Raises:
            DataError: names and classes differ, or there is no true box.
        """
        if len(names) != matches.classes:
            raise DataError("names and classes differ", expected=f"{matches.classes} names", got=f"{len(names)}")
        if not matches.positives.any():
            raise DataError("average precision is undefined without true boxes", expected="at least one", got="0")
        self.n: int = matches.images
        self._positives = matches.positives.astype(np.float64)
        self._thresholds = len(matches.thresholds)
        self._images: list[Integers] = []
        self._curves: list[list[_Curve]] = []
        for label in range(matches.classes):
            rows = np.flatnonzero(matches.found.label == label)
            image, hit = matches.found.image[rows], matches.hit[rows]
            self._images.append(image)
            spots = (np.flatnonzero(hit[:, t]) for t in range(self._thresholds))
            self._curves.append([_Curve(image[at], at, t) for t, at in enumerate(spots)])
        rounded = [round(threshold, 6) for threshold in matches.thresholds]
        self._levels = {f"map{level * 100:.0f}": rounded.index(level) for level in (0.5, 0.75) if level in rounded}
        self._first = [f"ap50.{name}" for name in names] if 0.5 in rounded else []
        self.names: tuple[str, ...] = ("map", *self._levels, *self._first)

    def table(self, weights: Floats) -> Floats:
        """Average precision per class and threshold: (resamples, classes, thresholds); NaN without true boxes."""
        counts = counted(weights)
        result = np.full((len(weights), len(self._curves), self._thresholds), np.nan)
        for label, curves in enumerate(self._curves):
            total = weights @ self._positives[:, label]
            # Found boxes before the first that was drawn have no weight; with SOME their precision is 0, not 0 / 0.
            found = np.maximum(
                np.cumsum(np.take(counts, self._images[label], axis=1), axis=1, dtype=counts.dtype), SOME
            )
            for curve in curves:
                result[:, label, curve.threshold] = _area(counts, curve, found, total)
        return result

    def __call__(self, weights: Floats) -> Floats:
        """The figures for each row of weights of the images, shape (resamples, len(names)); NaN where undefined."""
        table = self.table(weights)
        known = np.isfinite(table[:, :, 0])
        with np.errstate(invalid="ignore"):
            means = np.where(known[:, :, None], table, 0.0).sum(axis=1) / known.sum(axis=1)[:, None]
        columns = [means.mean(axis=1), *(means[:, at] for at in self._levels.values())]
        if self._first:
            columns += list(table[:, :, self._levels["map50"]].T)
        return np.stack(columns, axis=1)


def _area(weights: Floats | Counts, curve: _Curve, found: Floats, total: Floats) -> Floats:
    """Mean of the precision, made falling, at the 101 recall levels; NaN where there is no true box."""
    if not len(curve.positions):
        return np.where(total > 0, 0.0, np.nan)
    hits = np.cumsum(np.take(weights, curve.images, axis=1), axis=1, dtype=weights.dtype)
    highest = hits / np.take(found, curve.positions, axis=1)
    np.maximum.accumulate(highest[:, ::-1], axis=1, out=highest[:, ::-1])
    recall = hits / np.maximum(total, SOME)[:, None]
    # How many recall levels each hit has reached: the nearest level, and whether it lies below or above.
    nearest = np.rint(recall * 100).astype(np.int16)
    reached = nearest + (np.take(RECALLS, nearest) <= recall)
    reached[:, 1:] -= reached[:, :-1].copy()
    return np.where(total > 0, np.einsum("ij,ij->i", highest, reached) / len(RECALLS), np.nan)


class Froc(NamedTuple):
    """Sensitivity for boxes against false alarms per image, thresholds of the score falling.

    Attributes:
        alarms: false alarms per image.
        sensitivity: share of true boxes that were hit.
        scores: threshold of the score.
        mean: mean sensitivity at :data:`FROC_RATES`.
    """

    alarms: Floats
    sensitivity: Floats
    scores: Floats
    mean: float


def froc(matches: Matches, threshold: float = 0.5) -> Froc:
    """Free-response ROC curve over all classes.

    Raises:
        DataError: boxes were not matched at ``threshold``, or there is no true box.
    """
    rounded = [round(one, 6) for one in matches.thresholds]
    if round(threshold, 6) not in rounded:
        raise DataError("boxes were not matched at this IoU", expected=f"{rounded}", got=f"{threshold:g}")
    total = int(matches.positives.sum())
    if not total:
        raise DataError("a FROC curve is undefined without true boxes", expected="at least one", got="0")
    order = np.argsort(-matches.found.score, kind="stable")
    hit = matches.hit[order, rounded.index(round(threshold, 6))]
    scores = matches.found.score[order]
    ends = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)) if len(scores) else np.zeros(0, np.int64)
    sensitivity = np.append(0.0, np.cumsum(hit)[ends] / total)
    alarms = np.append(0.0, np.cumsum(~hit)[ends] / matches.images)
    at = np.searchsorted(alarms, FROC_RATES, "right") - 1
    return Froc(alarms, sensitivity, np.append(np.inf, scores[ends]), float(np.mean(sensitivity[at])))


def detection_confusion(
    truth: Boxes, found: Boxes, *, classes: int, iou: float = 0.45, confidence: float = 0.25
) -> Integers:
    """Confusion matrix of a detector, (classes + 1, classes + 1): rows are what is true, columns what was found.

    The last row counts false alarms, the last column missed boxes. Boxes are paired across classes, the largest overlap
    first, each once, as the YOLO family reports it.
    """
    found = found.select(found.score > confidence)
    matrix = np.zeros((classes + 1, classes + 1), np.int64)
    left, right = pairs(found.image, truth.image)
    overlap = pairwise_iou(found.corners[left], truth.corners[right])
    near = overlap >= iou
    left, right, overlap = left[near], right[near], overlap[near]
    met, hit = np.zeros(len(found), bool), np.zeros(len(truth), bool)
    for row in np.argsort(-overlap, kind="stable").tolist():
        one, other = int(left[row]), int(right[row])
        if not met[one] and not hit[other]:
            met[one] = hit[other] = True
            matrix[truth.label[other], found.label[one]] += 1
    matrix[classes] += np.bincount(found.label[~met], minlength=classes + 1)
    matrix[:, classes] += np.bincount(truth.label[~hit], minlength=classes + 1)
    return matrix
