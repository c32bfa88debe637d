"""Agreement on boxes: matched one to one by overlap, then counted.

Readers give no confidence, so that neither of two is the one that is measured: F1 is the same both ways (Dice of the two
sets of boxes). Against a consensus a reader is one point of a FROC plot.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from osteon.stats.checks import Floats
from osteon.stats.detection.boxes import Boxes, pairs, pairwise_iou
from osteon.stats.detection.froc import Paired

IOU_THRESHOLDS: Final = (0.3, 0.5)
"""Overlaps at which boxes of readers count as the same."""


def one_to_one(first: Boxes, second: Boxes, iou: float, *, same_label: bool = True) -> Paired:
    """Match boxes of two readers, the largest overlap first, each box once.

    Args:
        first: of one reader; ``truth`` of the result.
        second: of the other; ``found`` of the result.
        iou: least overlap of a match.
        same_label: whether only boxes of one label match.

    Returns:
        The matches, largest overlap first; the same pairs if the readers are exchanged, where no two overlaps are equal.
    """
    classes = 1 + max(int(first.label.max(initial=0)), int(second.label.max(initial=0)))
    labels = (second.label, first.label) if same_label else (0, 0)
    left, right = pairs(second.image * classes + labels[0], first.image * classes + labels[1])
    overlap = pairwise_iou(second.corners[left], first.corners[right])
    near = (overlap >= iou) & (overlap > 0)
    left, right, overlap = left[near], right[near], overlap[near]
    order = np.lexsort((left, right, -overlap))
    free_left, free_right = np.ones(len(second), bool), np.ones(len(first), bool)
    kept: list[int] = []
    for place in order.tolist():
        if free_left[left[place]] and free_right[right[place]]:
            free_left[left[place]] = free_right[right[place]] = False
            kept.append(place)
    chosen = np.asarray(kept, np.int64)
    return Paired(left[chosen], right[chosen], overlap[chosen])


class BoxAgreement:
    """F1 of the boxes of two readers over all images, with the mean overlap of those that match."""

    names: tuple[str, ...] = ("f1", "overlap")

    def __init__(self, first: Boxes, second: Boxes, *, images: int, iou: float) -> None:
        """Match boxes and count them by image."""
        match = one_to_one(first, second, iou)
        image = second.image[match.found]
        hits = np.bincount(image, minlength=images).astype(np.float64)
        overlap = np.bincount(image, weights=match.overlap, minlength=images).astype(np.float64)
        self.n: int = images
        self._columns: Floats = np.stack(
            [2 * hits, _of_each(first, images) + _of_each(second, images), overlap], axis=1
        )

    @property
    def counted(self) -> tuple[int, int]:
        """Number of matches, and of boxes of both readers together."""
        twice, both, _ = self._columns.sum(axis=0).tolist()
        return round(twice / 2), round(both)

    def __call__(self, weights: Floats) -> Floats:
        """F1 and overlap for each row of weights, shape (resamples, 2); NaN where there is no box, or no match."""
        twice, both, overlap = (weights @ self._columns).T
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.stack([twice / both, 2 * overlap / twice], axis=1)


class FrocPoint:
    """A reader against the consensus: share of its boxes that were drawn, and boxes per image that are not in it."""

    names: tuple[str, ...] = ("sensitivity", "false_per_image", "precision")

    def __init__(self, consensus: Boxes, reader: Boxes, *, images: int, iou: float) -> None:
        """Match boxes and count them by image."""
        match = one_to_one(consensus, reader, iou)
        hits = np.bincount(reader.image[match.found], minlength=images).astype(np.float64)
        self.n: int = images
        self._columns: Floats = np.stack([hits, _of_each(consensus, images), _of_each(reader, images)], axis=1)

    def __call__(self, weights: Floats) -> Floats:
        """The three figures for each row of weights, shape (resamples, 3); NaN without boxes."""
        hits, true, drawn = (weights @ self._columns).T
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.stack([hits / true, (drawn - hits) / weights.sum(axis=1), hits / drawn], axis=1)


def _of_each(boxes: Boxes, images: int) -> Floats:
    return np.bincount(boxes.image, minlength=images).astype(np.float64)
