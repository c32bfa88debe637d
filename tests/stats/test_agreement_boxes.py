"""Boxes of readers are matched one to one, the same from either side, and counted over images."""

from __future__ import annotations

import numpy as np
import pytest

from osteon.stats.agreement.boxes import BoxAgreement, FrocPoint, one_to_one
from osteon.stats.agreement.measure import Resampling, Undefined, box_figures, froc_figures
from osteon.stats.detection.boxes import Boxes, boxes, no_boxes

FIRST = boxes([0, 0, 1], [0, 0, 1], [[0, 0, 10, 10], [20, 20, 30, 30], [0, 0, 8, 8]])
SECOND = boxes([0, 0, 1, 2], [0, 0, 0, 0], [[0, 0, 10, 8], [0, 0, 10, 9], [0, 0, 8, 8], [5, 5, 9, 9]])


def test_each_box_matches_once_and_the_largest_overlap_first() -> None:
    match = one_to_one(FIRST, SECOND, 0.5)
    assert (match.truth.tolist(), match.found.tolist()) == ([0], [1])
    assert match.overlap.tolist() == pytest.approx([0.9])
    loose = one_to_one(FIRST, SECOND, 0.5, same_label=False)
    assert sorted(zip(loose.truth.tolist(), loose.found.tolist(), strict=True)) == [(0, 1), (2, 2)]


def test_f1_is_that_counted_by_hand() -> None:
    # Image 0: one match of two and two boxes; image 1: labels differ; image 2: one box of the second reader alone.
    statistic = BoxAgreement(FIRST, SECOND, images=3, iou=0.5)
    assert statistic.counted == (1, 7)
    assert statistic(np.ones((1, 3)))[0].tolist() == pytest.approx([2 / 7, 0.9])
    assert statistic(np.array([[1.0, 0, 0]]))[0, 0] == pytest.approx(2 / 4)
    point = FrocPoint(FIRST, SECOND, images=3, iou=0.5)(np.ones((1, 3)))[0]
    assert point.tolist() == pytest.approx([1 / 3, 3 / 3, 1 / 4])


def drawn(seed: int, images: int = 12) -> Boxes:
    random = np.random.default_rng(seed)
    corner = random.uniform(0, 40, (50, 2))
    side = random.uniform(5, 30, (50, 2))
    return boxes(random.integers(0, images, 50), random.integers(0, 2, 50), np.hstack([corner, corner + side]))


def test_exchanging_readers_changes_nothing() -> None:
    for seed in range(20):
        first, second = drawn(seed), drawn(seed + 100)
        there, back = one_to_one(first, second, 0.3), one_to_one(second, first, 0.3)
        assert there.overlap.tolist() == pytest.approx(back.overlap.tolist())
        assert set(zip(there.truth, there.found, strict=True)) == set(zip(back.found, back.truth, strict=True))
        assert len(set(there.truth.tolist())) == len(there.truth) > 0
        stricter = one_to_one(first, second, 0.5)
        assert set(stricter.truth.tolist()) <= set(there.truth.tolist())


def test_figures_have_intervals_over_studies_and_say_when_nobody_drew() -> None:
    few = Resampling(resamples=200)
    studies = np.arange(12) // 2
    found = box_figures(drawn(1), drawn(101), images=12, iou=0.3, clusters=studies, resampling=few)
    estimate = found["f1"].estimate
    assert estimate is not None
    assert estimate.ends is not None
    assert estimate.ends[0] <= estimate.value <= estimate.ends[1]
    assert "6 clusters" in estimate.method
    nobody = box_figures(no_boxes(), no_boxes(), images=12, iou=0.3, resampling=few)
    assert nobody["f1"].undefined is Undefined.NOBODY
    missed = froc_figures(drawn(1), no_boxes(), images=12, iou=0.3, resampling=few)
    assert missed["sensitivity"].estimate is not None
    assert missed["sensitivity"].estimate.value == 0
    assert missed["precision"].undefined is Undefined.NOBODY
    assert box_figures(no_boxes(), no_boxes(), images=0, iou=0.3)["f1"].undefined is Undefined.NO_PAIRS
