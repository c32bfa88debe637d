"""Boxes of many images as columns, their overlaps, and which found box meets which true one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Booleans, Floats, Integers

COCO_THRESHOLDS: Final = tuple(np.linspace(0.5, 0.95, 10).tolist())
"""IoU from 0.5 to 0.95 in steps of 0.05, the very floats of COCO's own evaluation."""

LOOSE_THRESHOLDS: Final = tuple(np.linspace(0.2, 0.5, 7).tolist())
"""IoU from 0.2 to 0.5 in steps of 0.05, the very floats of the public evaluator of VinDr-SpineXR."""


@dataclass(frozen=True)
class Boxes:
    """Boxes of many images.

    Attributes:
        image: number of the image, (n,).
        label: number of the class, (n,).
        corners: ``(x0, y0, x1, y1)`` in source pixels, (n, 4).
        score: confidence, (n,); ones for true boxes.
    """

    image: Integers
    label: Integers
    corners: Floats
    score: Floats

    def __post_init__(self) -> None:
        """Check shapes and values.

        Raises:
            DataError: lengths differ, a number is negative, or a corner or score is not finite.
        """
        n = len(self.image)
        shapes = (self.image.shape, self.label.shape, self.corners.shape, self.score.shape)
        if shapes != ((n,), (n,), (n, 4), (n,)):
            raise DataError(
                "the columns of the boxes do not agree", expected="(n,), (n,), (n, 4), (n,)", got=f"{shapes}"
            )
        if not np.isfinite(self.corners).all() or not np.isfinite(self.score).all():
            raise DataError("boxes hold NaN or infinity", expected="finite corners and scores")
        if np.any(self.corners[:, 2:] < self.corners[:, :2]):
            raise DataError("a box is turned", expected="x0 <= x1 and y0 <= y1")
        if n and min(int(self.image.min()), int(self.label.min())) < 0:
            raise DataError("a box has no image or no class", expected="numbers from 0")

    def __len__(self) -> int:
        """Number of boxes."""
        return len(self.image)

    def select(self, rows: Booleans | Integers) -> Boxes:
        """Some of the boxes."""
        return Boxes(self.image[rows], self.label[rows], self.corners[rows], self.score[rows])


def boxes(image: ArrayLike, label: ArrayLike, corners: ArrayLike, score: ArrayLike | None = None) -> Boxes:
    """Put columns together; true boxes have no score.

    Raises:
        DataError: as :class:`Boxes`.
    """
    numbers = np.asarray(image, np.int64)
    return Boxes(
        numbers,
        np.asarray(label, np.int64),
        np.asarray(corners, np.float64).reshape(-1, 4),
        np.ones(len(numbers)) if score is None else np.asarray(score, np.float64),
    )


def pairwise_iou(first: Floats, second: Floats) -> Floats:
    """Intersection over union of boxes row by row, (n, 4) and (n, 4) to (n,); 0 where both are empty."""
    sides = np.minimum(first[:, 2:], second[:, 2:]) - np.maximum(first[:, :2], second[:, :2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    union = (first[:, 2:] - first[:, :2]).prod(axis=1) + (second[:, 2:] - second[:, :2]).prod(axis=1) - shared
    return np.divide(shared, union, out=np.zeros(len(shared)), where=union > 0)


def pairwisecovered(first: Floats, second: Floats) -> Floats:
    """Share of the first box that lies in the second, row by row, (n, 4) and (n, 4) to (n,): COCO's overlap with crowds."""
    sides = np.minimum(first[:, 2:], second[:, 2:]) - np.maximum(first[:, :2], second[:, :2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    area = (first[:, 2:] - first[:, :2]).prod(axis=1)
    return np.divide(shared, area, out=np.zeros(len(shared)), where=area > 0)


def no_boxes() -> Boxes:
    """No box at all."""
    return boxes([], [], np.zeros((0, 4)), [])


def pairs(first: Integers, second: Integers) -> tuple[Integers, Integers]:
    """All pairs of rows with the same key: rows of ``first`` and of ``second``, ordered by the former."""
    order = np.argsort(second, kind="stable")
    ordered = second[order]
    start = np.searchsorted(ordered, first, "left")
    count = np.searchsorted(ordered, first, "right") - start
    left = np.repeat(np.arange(len(first)), count)
    offset = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
    return left, order[np.repeat(start, count) + offset]


@dataclass(frozen=True)
class Matches:
    """Which found boxes hit a true one, as COCO matches them.

    Attributes:
        found: the boxes that were kept, in falling order of score.
        hit: whether each hit a true box of its class, (n, thresholds).
        ignored: whether each hit none, but lies in a crowd of its class: it counts neither way, (n, thresholds).
        positives: number of true boxes of each class in each image, without crowds, (images, classes).
        thresholds: of IoU.
    """

    found: Boxes
    hit: Booleans
    ignored: Booleans
    positives: Integers
    thresholds: tuple[float, ...]

    @property
    def images(self) -> int:
        """Number of images, also those without any box."""
        return self.positives.shape[0]

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.positives.shape[1]


def match(
    truth: Boxes,
    found: Boxes,
    *,
    images: int,
    classes: int,
    crowds: Boxes | None = None,
    thresholds: tuple[float, ...] = COCO_THRESHOLDS,
    most: int = 100,
) -> Matches:
    """Match found to true boxes of the same image and class, the highest score first, each true box once.

    A found box takes the free true box of the highest IoU at or above the threshold, as in COCO's evaluation. All
    images are matched side by side: first the best-scored box of each image and class, then the second of each, and so
    on. A found box that hits none is ignored where a crowd of its class covers the threshold's share of it.

    Args:
        truth: true boxes.
        found: boxes with scores.
        images: number of images, also those without boxes.
        classes: number of classes.
        crowds: boxes around several findings that nobody marked one by one (``iscrowd`` of COCO).
        thresholds: of IoU.
        most: found boxes that count in each image and class.

    Raises:
        DataError: a box belongs to an image or class that is not there.
    """
    crowds = no_boxes() if crowds is None else crowds
    for group in (truth, found, crowds):
        if len(group) and (int(group.image.max()) >= images or int(group.label.max()) >= classes):
            raise DataError("a box lies in an image or class that is not there", expected=f"{images} and {classes}")
    # Equal scores stand in the order of their images, as COCO sorts them.
    found = found.select(np.lexsort((found.image, -found.score)))
    rank = _rank(found.image * classes + found.label)
    found, rank = found.select(rank < most), rank[rank < most]
    positives = np.zeros((images, classes), np.int64)
    np.add.at(positives, (truth.image, truth.label), 1)
    limits = np.minimum(np.array(thresholds), 1 - 1e-10)
    left, right = pairs(found.image * classes + found.label, truth.image * classes + truth.label)
    overlap = pairwise_iou(found.corners[left], truth.corners[right])
    near = overlap >= limits.min()
    left, right, overlap = left[near], right[near], overlap[near]
    hit = np.zeros((len(found), len(limits)), bool)
    taken = np.zeros((len(truth), len(limits)), bool)
    order = np.argsort(rank[left], kind="stable")
    left, right, overlap = left[order], right[order], overlap[order]
    bounds = np.searchsorted(rank[left], np.arange(int(rank.max(initial=-1)) + 2))
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if begin < end:
            _round(left[begin:end], right[begin:end], overlap[begin:end], limits, hit, taken)
    ignored = ~hit & (covered(found, crowds, classes)[:, None] >= limits)
    return Matches(found, hit, ignored, positives, thresholds)


def covered(found: Boxes, crowds: Boxes, classes: int) -> Floats:
    """The largest share of each found box that a crowd of its image and class covers, (n,); below 0 without any."""
    left, right = pairs(found.image * classes + found.label, crowds.image * classes + crowds.label)
    share = np.full(len(found), -1.0)
    np.maximum.at(share, left, pairwisecovered(found.corners[left], crowds.corners[right]))
    return share


def _rank(key: Integers) -> Integers:
    """How many earlier rows have the same key, (n,)."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    rank = np.empty(len(key), np.int64)
    rank[order] = np.arange(len(key)) - np.searchsorted(ordered, ordered, "left")
    return rank


def _round(left: Integers, right: Integers, overlap: Floats, limits: Floats, hit: Booleans, taken: Booleans) -> None:
    """Match one found box of each image and class; pairs of the same found box stand together."""
    starts = np.flatnonzero(np.append(True, left[1:] != left[:-1]))
    free = np.where(taken[right] | (overlap[:, None] < limits), -1.0, overlap[:, None])
    best = np.maximum.reduceat(free, starts, axis=0)
    segment = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(left))))
    # Of true boxes with the same overlap COCO takes the last.
    candidate = np.where((free == best[segment]) & (free >= 0), np.arange(len(left))[:, None], -1)
    chosen = np.maximum.reduceat(candidate, starts, axis=0)
    rows, columns = np.nonzero(chosen >= 0)
    hit[left[starts[rows]], columns] = True
    taken[right[chosen[rows, columns]], columns] = True
