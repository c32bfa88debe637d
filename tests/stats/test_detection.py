"""Average precision is pycocotools' to 1e-6; FROC, resamples and confusion matrix are those of plain loops."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.core.errors import DataError
from osteon.core.geometry import Box, iou
from osteon.stats.bootstrap import replicate
from osteon.stats.checks import Floats
from osteon.stats.detection.average_precision import AveragePrecision
from osteon.stats.detection.boxes import (
    COCO_THRESHOLDS,
    LOOSE_THRESHOLDS,
    Boxes,
    boxes,
    match,
    no_boxes,
    pairwise_iou,
)
from osteon.stats.detection.froc import detection_confusion, froc, outside_crowds

Scene = tuple[Boxes, Boxes]


def draw_scene(seed: int, images: int = 12, classes: int = 3, size: int = 40, coarse: bool = True) -> Scene:
    """True boxes, and found ones near some of them, with tied scores and tied overlaps where ``coarse``."""
    random = np.random.default_rng(seed)

    def some(n: int) -> Boxes:
        start = random.integers(0, size, (n, 2)) if coarse else random.uniform(0, size, (n, 2))
        side = random.integers(1, 12, (n, 2)) if coarse else random.uniform(1, 12, (n, 2))
        return boxes(random.integers(0, images, n), random.integers(0, classes, n), np.hstack([start, start + side]))

    truth = some(int(random.integers(1, 40)))
    near = truth.select(random.integers(0, len(truth), int(random.integers(0, 50))))
    moved = near.corners + random.integers(-1, 2, near.corners.shape)
    moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
    far = some(int(random.integers(0, 20)))
    corners = np.vstack([moved, far.corners])
    score = random.integers(1, 9, len(corners)) / 10 if coarse else random.random(len(corners))
    found = boxes(np.append(near.image, far.image), np.append(near.label, far.label), corners, score)
    return truth, found


def coco_table(
    truth: Boxes,
    found: Boxes,
    images: int,
    classes: int,
    crowds: Boxes | None = None,
    thresholds: tuple[float, ...] = COCO_THRESHOLDS,
) -> Floats:
    """AP of each threshold and class (NaN without true boxes) by pycocotools."""
    pycocotools = pytest.importorskip("pycocotools.coco", reason="needs pycocotools as the reference")
    evaluation = pytest.importorskip("pycocotools.cocoeval")

    def record(number: int, source: Boxes, row: int, crowd: int = 0) -> dict[str, object]:
        x0, y0, x1, y1 = source.corners[row].tolist()
        area = (x1 - x0) * (y1 - y0)
        one = {"image_id": int(source.image[row]) + 1, "category_id": int(source.label[row]) + 1}
        return one | {"id": number, "bbox": [x0, y0, x1 - x0, y1 - y0], "area": area, "iscrowd": crowd}

    crowds = no_boxes() if crowds is None else crowds
    with contextlib.redirect_stdout(io.StringIO()):
        data = pycocotools.COCO()
        data.dataset = {
            "info": {},
            "images": [{"id": i + 1} for i in range(images)],
            "categories": [{"id": i + 1} for i in range(classes)],
            "annotations": [
                *(record(row + 1, truth, row) for row in range(len(truth))),
                *(record(len(truth) + row + 1, crowds, row, 1) for row in range(len(crowds))),
            ],
        }
        data.createIndex()
        results = [record(row + 1, found, row) | {"score": float(found.score[row])} for row in range(len(found))]
        peer = evaluation.COCOeval(data, data.loadRes(results) if results else pycocotools.COCO(), "bbox")
        peer.params.iouThrs = np.array(thresholds)
        peer.evaluate()
        peer.accumulate()
    precision = peer.eval["precision"][:, :, :, 0, 2]
    known = precision[:, 0] > -1
    return np.where(known.any(axis=0), precision.mean(axis=1), np.nan)


def coco(truth: Boxes, found: Boxes, images: int, classes: int) -> tuple[float, float, list[float]]:
    """Mean AP, mean AP at 0.5, and AP at 0.5 of each class by pycocotools."""
    table = coco_table(truth, found, images, classes)
    return float(np.nanmean(table)), float(np.nanmean(table[0])), table[0].tolist()


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("coarse", [True, False])
def test_average_precision_is_cocos(seed: int, coarse: bool) -> None:
    truth, found = draw_scene(seed, coarse=coarse)
    if not len(found):
        return
    statistic = AveragePrecision(match(truth, found, images=12, classes=3), ["a", "b", "c"])
    ours = dict(zip(statistic.names, statistic(np.ones((1, 12)))[0].tolist(), strict=True))
    whole, half, each = coco(truth, found, 12, 3)
    assert (ours["map"], ours["map50"]) == pytest.approx((whole, half), abs=1e-6)
    assert [ours["ap50.a"], ours["ap50.b"], ours["ap50.c"]] == pytest.approx(each, abs=1e-6, nan_ok=True)


def draw_crowds(seed: int) -> Boxes:
    """Large boxes around several others."""
    random = np.random.default_rng(seed + 1000)
    n = int(random.integers(1, 12))
    start = random.integers(0, 20, (n, 2))
    return boxes(random.integers(0, 12, n), random.integers(0, 3, n), np.hstack([start, start + 15]))


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("coarse", [True, False])
def test_crowds_are_ignored_as_pycocotools_ignores_them(seed: int, coarse: bool) -> None:
    truth, found = draw_scene(seed, coarse=coarse)
    crowds = draw_crowds(seed)
    if not len(found):
        return
    matches = match(truth, found, images=12, classes=3, crowds=crowds)
    table = AveragePrecision(matches, ["a", "b", "c"]).table(np.ones((1, 12)))[0].T
    np.testing.assert_allclose(table, coco_table(truth, found, 12, 3, crowds), atol=1e-6)
    assert not (matches.hit & matches.ignored).any()


def test_a_box_in_a_crowd_counts_neither_way() -> None:
    truth = boxes([0], [0], [[0, 0, 10, 10]])
    crowd = boxes([0], [0], [[20, 20, 90, 90]])
    found = boxes([0] * 3, [0] * 3, [[30, 30, 40, 40], [0, 0, 10, 10], [50, 50, 60, 60]], [0.9, 0.8, 0.7])
    with_crowd = match(truth, found, images=1, classes=1, crowds=crowd)
    plain = match(truth, found, images=1, classes=1)
    ours = [AveragePrecision(one, ["a"]).whole()["map50"] for one in (with_crowd, plain)]
    assert ours == pytest.approx([1, 0.5])
    assert froc(with_crowd).alarms[-1] == 0
    assert froc(plain).alarms[-1] == 2
    other = boxes([0], [1], crowd.corners)
    assert len(outside_crowds(truth, found, crowd, classes=2)) == 1
    assert len(outside_crowds(truth, found, other, classes=2)) == 3


@pytest.mark.parametrize("seed", range(20))
def test_loose_thresholds_are_those_of_the_spine_evaluator(seed: int) -> None:
    """Its thresholds are `np.linspace(0.2, 0.5, 7)`, and its AP of a class the mean over them."""
    truth, found = draw_scene(seed)
    if not len(found):
        return
    expected = coco_table(truth, found, 12, 3, thresholds=tuple(np.linspace(0.2, 0.5, 7).tolist()))
    matches = match(truth, found, images=12, classes=3, thresholds=LOOSE_THRESHOLDS)
    ours = AveragePrecision(matches, ["a", "b", "c"], "20_50").whole()
    assert list(ours) == ["map20_50", "ap20_50.a", "ap20_50.b", "ap20_50.c"]
    assert ours["map20_50"] == pytest.approx(float(np.nanmean(expected)), abs=1e-6)
    each = [ours[f"ap20_50.{name}"] for name in "abc"]
    assert each == pytest.approx(expected.mean(axis=0).tolist(), abs=1e-6, nan_ok=True)
    strict = AveragePrecision(match(truth, found, images=12, classes=3), ["a", "b", "c"]).whole()["map50"]
    assert ours["map20_50"] >= strict - 1e-12


def test_resamples_equal_copied_images() -> None:
    truth, found = draw_scene(3, images=8, coarse=False)
    statistic = AveragePrecision(match(truth, found, images=8, classes=3), ["a", "b", "c"])
    replicates = replicate(statistic, resamples=1, seed=5)
    index = np.random.default_rng(5).integers(0, 8, (1, 8), dtype=np.uint32)[0]

    def copied(source: Boxes) -> Boxes:
        rows = [np.flatnonzero(source.image == image) for image in index]
        place = np.repeat(np.arange(8), [len(part) for part in rows])
        chosen = source.select(np.concatenate(rows))
        return boxes(place, chosen.label, chosen.corners, chosen.score)

    again = AveragePrecision(match(copied(truth), copied(found), images=8, classes=3), ["a", "b", "c"])
    np.testing.assert_allclose(replicates.draws[0], again(np.ones((1, 8)))[0], atol=1e-12)


def test_nothing_found_is_zero_and_nothing_true_is_an_error() -> None:
    truth, found = draw_scene(1)
    nothing = found.select(np.zeros(len(found), bool))
    statistic = AveragePrecision(match(truth, nothing, images=12, classes=3), ["a", "b", "c"])
    assert statistic(np.ones((1, 12)))[0, 0] == 0
    with pytest.raises(DataError, match="without true boxes"):
        AveragePrecision(match(nothing, found, images=12, classes=3), ["a", "b", "c"])
    with pytest.raises(DataError, match="without true boxes"):
        froc(match(nothing, found, images=12, classes=3))


def test_only_the_best_found_boxes_count() -> None:
    truth = boxes([0], [0], [[0, 0, 10, 10]])
    found = boxes([0, 0], [0, 0], [[50, 50, 60, 60], [0, 0, 10, 10]], [0.9, 0.8])
    one = AveragePrecision(match(truth, found, images=1, classes=1, most=1), ["a"])
    assert one(np.ones((1, 1)))[0, 0] == 0
    both = AveragePrecision(match(truth, found, images=1, classes=1), ["a"])
    assert both(np.ones((1, 1)))[0, 0] == pytest.approx(0.5)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000))
def test_froc_is_its_definition(seed: int) -> None:
    truth, found = draw_scene(seed)
    matches = match(truth, found, images=12, classes=3)
    curve = froc(matches)
    for alarms, sensitivity, score in zip(curve.alarms, curve.sensitivity, curve.scores, strict=True):
        called = matches.found.score >= score
        assert alarms == pytest.approx((called & ~matches.hit[:, 0]).sum() / 12)
        assert sensitivity == pytest.approx((called & matches.hit[:, 0]).sum() / len(truth))
    assert 0 <= curve.mean <= 1


def test_confusion_by_hand() -> None:
    truth = boxes([0, 0, 1], [0, 1, 0], [[0, 0, 10, 10], [20, 20, 30, 30], [0, 0, 10, 10]])
    found = boxes(
        [0, 0, 0, 1],
        [0, 0, 1, 0],
        [[0, 0, 10, 9], [0, 0, 10, 10], [20, 20, 30, 30], [0, 0, 10, 10]],
        [0.9, 0.6, 0.5, 0.2],
    )
    matrix = detection_confusion(truth, found, classes=2)
    assert matrix.tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert matrix[:2].sum() == len(truth)


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 4), min_size=2, max_size=2))
def test_overlap_is_that_of_core(corners: list[tuple[int, int, int, int]]) -> None:
    (a, b, c, d), (e, f, g, h) = corners
    first, second = Box(min(a, c), min(b, d), max(a, c), max(b, d)), Box(min(e, g), min(f, h), max(e, g), max(f, h))
    assert pairwise_iou(np.array([first], float), np.array([second], float))[0] == pytest.approx(iou(first, second))


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: boxes([0], [0], [[5, 0, 1, 9]]), "turned"),
        (lambda: boxes([0], [0], [[0, 0, 1, np.nan]]), "NaN"),
        (lambda: boxes([0], [0], [[0, 0, 1, 1]], [np.nan]), "NaN"),
        (lambda: boxes([0, 1], [0], [[0, 0, 1, 1]]), "do not agree"),
        (lambda: boxes([-1], [0], [[0, 0, 1, 1]]), "no image"),
        (lambda: match(boxes([3], [0], [[0, 0, 1, 1]]), boxes([], [], []), images=2, classes=1), "not there"),
    ],
)
def test_wrong_boxes_are_refused(make: Callable[[], object], word: str) -> None:
    with pytest.raises(DataError, match=word):
        make()
