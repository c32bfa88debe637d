"""Boxes at one confidence or at every one: FROC curve, and the confusion matrix of detectors."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from osteon.core.errors import DataError
from osteon.stats.checks import Booleans, Floats, Integers
from osteon.stats.detection.boxes import Boxes, Matches, covered, pairs, pairwise_iou

FROC_RATES: Final = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False alarms per image at which a FROC curve is summed up (as in LUNA16)."""


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
    rounded = [round(threshold, 6) for threshold in matches.thresholds]
    if round(threshold, 6) not in rounded:
        raise DataError("boxes were not matched at this IoU", expected=f"{rounded}", got=f"{threshold:g}")
    total = int(matches.positives.sum())
    if not total:
        raise DataError("a FROC curve is undefined without true boxes", expected="at least one", got="0")
    order, hit = _in_order(matches, rounded.index(round(threshold, 6)))
    scores = matches.found.score[order]
    ends = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)) if len(scores) else np.zeros(0, np.int64)
    sensitivity = np.append(0.0, np.cumsum(hit)[ends] / total)
    alarms = np.append(0.0, np.cumsum(~hit)[ends] / matches.images)
    at = np.searchsorted(alarms, FROC_RATES, "right") - 1
    return Froc(alarms, sensitivity, np.append(np.inf, scores[ends]), float(np.mean(sensitivity[at])))


def _in_order(matches: Matches, threshold: int) -> tuple[Integers, Booleans]:
    """Rows of the found boxes that count, in falling order of score, and whether each is a hit."""
    order = np.argsort(-matches.found.score, kind="stable")
    order = order[~matches.ignored[order, threshold]]
    return order, matches.hit[order, threshold]


class FrocRates:
    """Sensitivity for boxes at each of :data:`FROC_RATES`, and their mean, for many sets of weights of the images."""

    def __init__(self, matches: Matches, threshold: float = 0.5) -> None:
        """Sort found boxes by score.

        Raises:
            DataError: as :func:`froc`.
        """
        froc(matches, threshold)
        rounded = [round(threshold, 6) for threshold in matches.thresholds]
        self.n: int = matches.images
        self.names: tuple[str, ...] = ("froc", *(f"froc_at_{rate:g}" for rate in FROC_RATES))
        order, self._hit = _in_order(matches, rounded.index(round(threshold, 6)))
        self._image = matches.found.image[order]
        scores = matches.found.score[order]
        self._ends = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)) if len(scores) else np.zeros(0, np.intp)
        self._positives = matches.positives.sum(axis=1).astype(np.float64)

    def __call__(self, weights: Floats) -> Floats:
        """Mean sensitivity, then that at each rate, shape (resamples, 8); NaN without true boxes."""
        boxes = np.take(weights, self._image, axis=1)
        start = np.zeros((len(weights), 1))
        hits = np.hstack([start, np.take(np.cumsum(boxes * self._hit, axis=1), self._ends, axis=1)])
        alarms = np.hstack([start, np.take(np.cumsum(boxes * ~self._hit, axis=1), self._ends, axis=1)])
        total, images = weights @ self._positives, weights.sum(axis=1)
        columns: list[Floats] = []
        for rate in FROC_RATES:
            last = (alarms <= rate * images[:, None] + 1e-9).sum(axis=1) - 1
            columns.append(hits[np.arange(len(weights)), last])
        with np.errstate(invalid="ignore", divide="ignore"):
            table = np.stack(columns, axis=1) / total[:, None]
        return np.hstack([table.mean(axis=1, keepdims=True), table])


class Paired(NamedTuple):
    """Which found boxes go with which true ones, whatever their classes.

    Attributes:
        found: rows of found boxes that are paired.
        truth: row of the true box of each.
        overlap: of the pair, IoU.
    """

    found: Integers
    truth: Integers
    overlap: Floats


def paired(truth: Boxes, found: Boxes, iou: float = 0.45) -> Paired:
    """Pair boxes as the YOLO family's confusion matrix does.

    Each found box goes with the true box that it overlaps most, at least by ``iou``; of several found boxes with the
    same true one, the one that overlaps most keeps it and the others stay alone.
    """
    left, right = pairs(found.image, truth.image)
    overlap = pairwise_iou(found.corners[left], truth.corners[right])
    near = overlap >= iou
    left, right, overlap = left[near], right[near], overlap[near]
    kept = _first_of_each(left, overlap)
    left, right, overlap = left[kept], right[kept], overlap[kept]
    kept = _first_of_each(right, overlap)
    return Paired(left[kept], right[kept], overlap[kept])


def _first_of_each(key: Integers, overlap: Floats) -> Integers:
    """The row of the largest overlap for each key."""
    order = np.argsort(-overlap, kind="stable")
    _, first = np.unique(key[order], return_index=True)
    return order[first]


def detection_confusion(
    truth: Boxes, found: Boxes, *, classes: int, iou: float = 0.45, confidence: float = 0.25
) -> Integers:
    """Confusion matrix of a detector, (classes + 1, classes + 1): rows are what is true, columns what was found.

    The last row counts false alarms, the last column missed boxes. Boxes are paired across classes, see :func:`paired`.
    """
    found = found.select(found.score >= confidence)
    matrix = np.zeros((classes + 1, classes + 1), np.int64)
    pair = paired(truth, found, iou)
    np.add.at(matrix, (truth.label[pair.truth], found.label[pair.found]), 1)
    matrix[classes] += np.bincount(found.label[left_alone(len(found), pair.found)], minlength=classes + 1)
    matrix[:, classes] += np.bincount(truth.label[left_alone(len(truth), pair.truth)], minlength=classes + 1)
    return matrix


def outside_crowds(truth: Boxes, found: Boxes, crowds: Boxes, *, classes: int, iou: float = 0.45) -> Boxes:
    """Found boxes without those that are paired with no true one and lie in a crowd of their class: these count neither way.

    Args:
        truth: true boxes.
        found: found boxes.
        crowds: boxes around several findings that nobody marked one by one.
        classes: number of classes.
        iou: of a pair, and the share of a found box that must lie in the crowd.
    """
    alone = left_alone(len(found), paired(truth, found, iou).found)
    return found.select(~(alone & (covered(found, crowds, classes) >= iou)))


def left_alone(n: int, rows: Integers) -> Booleans:
    """Which of ``n`` boxes are not among ``rows``, (n,)."""
    alone = np.ones(n, bool)
    alone[rows] = False
    return alone
