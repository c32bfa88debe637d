"""Boxes of any system beside those of a table: COCO results read, measured with intervals, drawn."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.table import Table, boxes_of, from_cases
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.detection.metrics import CONFIDENCE, IOU, counted_boxes, measure_boxes
from osteon.evaluation.detection.report import box_section
from osteon.evaluation.predictions.boxfiles import read_boxes, write_boxes
from osteon.evaluation.predictions.detections import Mark, detections, has_boxes, read_detections
from osteon.stats.detection.average_precision import AveragePrecision
from osteon.stats.detection.boxes import LOOSE_THRESHOLDS, boxes, match
from osteon.stats.detection.froc import FROC_RATES, FrocRates, detection_confusion, froc, paired

QUICK = Settings(resamples=150)


@pytest.fixture(scope="module")
def table() -> Table:
    """30 images, every second with one or two boxes of two labels."""

    def case(i: int) -> Case:
        spots = [LabelledBox(Box(10, 10, 50, 60), "fracture"), LabelledBox(Box(80, 90, 120, 140), "metal")]
        return Case(
            image=f"films/{i:03d}.png",
            study=f"s{i}",
            facts=FileFacts(192, 256, "L", "PNG", 1000),
            labels={"fracture": int(i % 2)},
            boxes=tuple(spots[: i % 2 + (i % 4 == 3)]),
        )

    return from_cases([case(i) for i in range(30)], dataset="films", licence="CC0-1.0")


def found(table: Table, seed: int = 0) -> list[Mark]:
    """Most marked boxes, moved a little, and false alarms."""
    random = np.random.default_rng(seed)
    marks: list[Mark] = []
    for row, marked in enumerate(table.frame["boxes"].to_list()):
        for one in marked or ():
            if random.random() < 0.8:
                x, y = random.uniform(-4, 4, 2)
                corners = Box(one["x0"] + x, one["y0"] + y, one["x1"] + x, one["y1"] + y)
                marks.append(Mark(row, one["label"], corners, float(random.uniform(0.2, 1))))
        if random.random() < 0.3:
            x, y = random.uniform(0, 100, 2)
            marks.append(Mark(row, "fracture", Box(x, y, x + 30, y + 30), float(random.uniform(0, 0.7))))
    return marks


def test_results_come_back_as_they_were_written(table: Table, tmp_path: Path) -> None:
    marks = found(table)
    told = replace(detections(table, marks), read=np.arange(30) != 4)
    write_boxes(told, table.images, tmp_path)
    again, outside = read_detections(tmp_path / "detections.json", table)
    assert outside == 0
    assert [(one.row, one.label) for one in again] == [(one.row, one.label) for one in marks]
    np.testing.assert_allclose([one.corners for one in again], [one.corners for one in marks], atol=2e-3)
    whole = read_boxes(tmp_path, table.images)
    assert whole is not None
    assert whole.names == told.names
    assert whole.read.tolist() == told.read.tolist()
    np.testing.assert_array_equal(whole.truth.label, told.truth.label)
    np.testing.assert_allclose(whole.truth.corners, told.truth.corners, atol=2e-3)
    with pytest.raises(DataError, match="cannot be read"):
        read_boxes(tmp_path, table.images[:3])
    (tmp_path / "marks.json").unlink()
    assert read_boxes(tmp_path, table.images) is None


def test_marks_of_other_kinds_count_as_the_rest(table: Table) -> None:
    marks = [Mark(1, "other", Box(80, 90, 120, 140), 0.9)]
    merged = detections(table, marks, labels={"fracture", "other"}, rest="other")
    assert merged.names == ("fracture", "other")
    counts = np.bincount(merged.truth.label)
    alone = detections(table, [], labels={"fracture"})
    assert counts.tolist() == [len(alone.truth), len(detections(table, []).truth) - len(alone.truth)]
    assert has_boxes(table, np.ones(30, bool), {"nothing"}, "other")
    assert not has_boxes(table, np.ones(30, bool), {"nothing"})


def coco(table: Table, marks: list[Mark], *, whole: bool) -> object:
    """The same boxes with numbers for images and categories."""
    names = ("fracture", "metal")
    records = [
        {
            "image_id": one.row + 1,
            "category_id": names.index(one.label),
            "bbox": [one.corners.x0, one.corners.y0, one.corners.width, one.corners.height],
            "score": one.score,
        }
        for one in marks
    ]
    about = {
        "images": [{"id": i + 1, "file_name": Path(image).name} for i, image in enumerate(table.images)],
        "categories": [{"id": i, "name": name.title()} for i, name in enumerate(names)],
    }
    return {**about, "annotations": records} if whole else [records, about]


def test_coco_files_with_their_own_and_with_other_ids(table: Table, tmp_path: Path) -> None:
    marks = found(table)
    file, ids = tmp_path / "d.json", tmp_path / "ids.json"
    file.write_text(json.dumps(coco(table, marks, whole=True)))
    assert len(read_detections(file, table)[0]) == len(marks)
    records, about = coco(table, marks, whole=False)  # pyright: ignore[reportGeneralTypeIssues]
    file.write_text(json.dumps(records))
    ids.write_text(json.dumps(about))
    again, _ = read_detections(file, table, ids)
    assert [(one.row, one.label) for one in again] == [(one.row, one.label) for one in marks]
    with pytest.raises(DataError, match="no names"):
        read_detections(file, table)


def test_stems_name_images_as_the_yolo_family_writes_them(table: Table, tmp_path: Path) -> None:
    file = tmp_path / "d.json"
    record = {"image_id": "007", "category_id": "metal", "bbox": [1, 2, 3, 4], "score": 0.5}
    file.write_text(json.dumps([record, record | {"image_id": "elsewhere"}]))
    marks, outside = read_detections(file, table)
    assert (marks[0].row, marks[0].label, outside) == (7, "metal", 1)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("[", "cannot read"),
        ("3", "no detections"),
        ('[{"image_id": 1}]', "no detection"),
        ('[{"image_id": "007", "category_id": "metal", "bbox": [0, 0, -1, 2], "score": 0.5}]', "bbox"),
        ('[{"image_id": "007", "category_id": "metal", "bbox": [0, 0, 1, 2], "score": NaN}]', "score"),
        ('[{"image_id": "x", "category_id": "metal", "bbox": [0, 0, 1, 2], "score": 0.5}]', "lies in an image"),
    ],
)
def test_wrong_files(table: Table, tmp_path: Path, content: str, word: str) -> None:
    (tmp_path / "d.json").write_text(content)
    with pytest.raises(DataError, match=word):
        read_detections(tmp_path / "d.json", table)


def test_labels_must_meet(table: Table) -> None:
    with pytest.raises(DataError, match="no label in common"):
        detections(table, [Mark(0, "cyst", Box(0, 0, 1, 1), 0.5)])
    with pytest.raises(DataError, match="no box is marked"):
        detections(table.select([table.images[0]]), [])


def test_figures_are_those_of_the_functions(table: Table) -> None:
    one = detections(table, found(table))
    measured = measure_boxes(one, np.array(table.images), QUICK)
    matches = match(one.truth, one.found, images=30, classes=2)
    statistic = AveragePrecision(matches, one.names)
    values = dict(zip(statistic.names, statistic(np.ones((1, 30)))[0].tolist(), strict=True))
    for name in ("map50", "map", "ap50.fracture", "ap.metal"):
        assert measured.figures[f"detection.{name}"].value == pytest.approx(values[name])
    assert measured.figures["detection.froc"].value == pytest.approx(froc(matches).mean)
    matrix = detection_confusion(one.truth, one.found, classes=2)
    right = matrix[:2, :2].trace()
    assert measured.figures["detection.precision"].value == pytest.approx(right / matrix[:, :2].sum())
    assert measured.figures["detection.recall"].value == pytest.approx(right / matrix[:2].sum())
    marked = one.select(np.isin(np.arange(30), one.truth.image))
    assert len(marked) == 15
    own = AveragePrecision(match(marked.truth, marked.found, images=15, classes=2), one.names)
    assert measured.figures["detection.marked.map"].value == pytest.approx(own(np.ones((1, 15)))[0, 0])
    assert measured.figures["detection.marked.map50"].value >= measured.figures["detection.map50"].value
    assert all(figure.low <= figure.value <= figure.high for figure in measured.figures.values())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            {"results": [{"image_id": "000", "category_id": "fracture", "bbox": [1, 1, 5, 5], "score": 0.5}]},
            "'results'",
        ),
        ({"predictions": []}, "holds no detections"),
        ({}, "an object with nothing in it"),
        ({"annotations": {}}, "holds no detections"),
        ("text", "holds no detections"),
        (3, "holds no detections"),
        (None, "holds no detections"),
        ([1, 2], "no detection"),
        ([{"image_id": "001", "category_id": "fracture", "bbox": [1, 1, 5, 5]}], "a score in"),
        ([{"image_id": "001", "category_id": "fracture", "bbox": [1, 1, 5, -5], "score": 0.5}], "no detection"),
        (
            [{"image_id": "001", "category_id": "fracture", "bbox": [float("nan"), 1, 5, 5], "score": 0.5}],
            "no detection",
        ),
        ([{"image_id": "none", "category_id": "fracture", "bbox": [1, 1, 5, 5], "score": 0.5}], "--ids"),
        (
            {
                "images": [{"id": 1, "file_name": "films/001.png"}],
                "categories": [{"id": 1, "name": "fracture"}],
                "annotations": [{"image_id": 2, "category_id": 1, "bbox": [1, 1, 5, 5], "score": 0.5}],
            },
            "names an image that found.json lacks",
        ),
        (
            {
                "images": [{"id": 1, "file_name": "films/001.png"}],
                "categories": [{"id": 1, "name": "fracture"}],
                "annotations": [{"image_id": 1, "category_id": 7, "bbox": [1, 1, 5, 5], "score": 0.5}],
            },
            "unknown category; expected 1 (fracture), got 7",
        ),
    ],
)
def test_a_file_that_is_none_is_no_detector_that_found_nothing(
    content: object, says: str, table: Table, tmp_path: Path
) -> None:
    path = tmp_path / "found.json"
    path.write_text(json.dumps(content))
    with pytest.raises(DataError) as caught:
        read_detections(path, table)
    assert says in str(caught.value)


def test_an_empty_list_says_that_nothing_was_found(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "found.json"
    for content in ([], {"images": [], "categories": [], "annotations": []}):
        path.write_text(json.dumps(content))
        assert read_detections(path, table) == ([], 0)


def test_ids_that_are_no_annotations_are_refused(table: Table, tmp_path: Path) -> None:
    path, ids = tmp_path / "found.json", tmp_path / "ids.json"
    path.write_text("[]")
    for content in ("{}", "[]", '{"images": []}'):
        ids.write_text(content)
        with pytest.raises(DataError, match=r"ids\.json holds no COCO annotations"):
            read_detections(path, table, ids)


def with_crowd(table: Table) -> Table:
    """The table with a crowd of fractures in image 0, where nothing else is marked."""
    crowd = LabelledBox(Box(10, 10, 100, 200), "fracture", crowd=True)
    cases = [
        Case(image, FileFacts(192, 256, "L", "PNG", 1000), study=image, labels={"fracture": 1}, boxes=marked)
        for image, marked in zip(table.images, [(crowd,), *map(boxes_of, table.frame.to_dicts()[1:])], strict=True)
    ]
    return from_cases(cases, dataset="films", licence="CC0-1.0")


def test_boxes_in_a_crowd_count_neither_way(table: Table, tmp_path: Path) -> None:
    marks = [mark for mark in found(table) if mark.row]
    inside = [Mark(0, "fracture", Box(20, 20, 50, 60), 0.99), Mark(0, "fracture", Box(20, 90, 60, 130), 0.9)]
    crowded = detections(with_crowd(table), [*inside, *marks])
    without = detections(table, marks)
    assert (len(crowded.crowds), len(crowded.truth)) == (1, len(without.truth))
    names = ("map50", "map", "map20_50", "froc", "precision", "recall", "f1")
    clusters = np.array(table.images)
    ours = measure_boxes(crowded, clusters, QUICK).figures
    expected = measure_boxes(without, clusters, QUICK).figures
    for name in names:
        assert ours[f"detection.{name}"].value == pytest.approx(expected[f"detection.{name}"].value), name
    as_alarms = measure_boxes(detections(table, [*inside, *marks]), clusters, QUICK).figures
    assert as_alarms["detection.map50"].value < ours["detection.map50"].value
    assert as_alarms["detection.precision"].value < ours["detection.precision"].value
    write_boxes(crowded, table.images, tmp_path)
    again = read_boxes(tmp_path, table.images)
    assert again is not None
    assert again.crowds.corners.tolist() == crowded.crowds.corners.tolist()
    marked = json.loads((tmp_path / "marks.json").read_text())
    del marked["crowds"]
    (tmp_path / "marks.json").write_text(json.dumps(marked))
    earlier = read_boxes(tmp_path, table.images)
    assert earlier is not None
    assert len(earlier.crowds) == 0
    section = box_section(crowded, clusters, table.images, None, QUICK)
    assert "1 annotated crowds" in section.content


def test_loose_average_precision_stands_beside_the_strict_one(table: Table) -> None:
    told = detections(table, found(table))
    figures = measure_boxes(told, np.array(table.images), QUICK).figures
    loose = match(told.truth, told.found, images=30, classes=2, thresholds=LOOSE_THRESHOLDS)
    expected = AveragePrecision(loose, told.names, "20_50").whole()
    assert {name for name in figures if "20_50" in name and "marked" not in name} == {
        f"detection.{name}" for name in expected
    }
    for name, value in expected.items():
        assert figures[f"detection.{name}"].value == pytest.approx(value), name
    assert figures["detection.map20_50"].value >= figures["detection.map50"].value
    assert figures["detection.map20_50"].ends is not None
    assert "IoU 0.2 to 0.5" in box_section(told, np.array(table.images), table.images, None, QUICK).content


def test_a_rare_class_has_no_interval(table: Table) -> None:
    few = np.array([f"p{i // 8}" for i in range(30)])
    figures = measure_boxes(detections(table, found(table)), few, QUICK).figures
    for name in ("map50", "ap50.metal", "ap20_50.metal", "froc", "f1"):
        assert figures[f"detection.{name}"].ends is None, name
        assert "too few clusters" in figures[f"detection.{name}"].method
    recall = figures["detection.recall"]
    assert "Wilson over 4 clusters" in recall.method
    assert recall.ends is not None


def test_nothing_found_and_images_not_read(table: Table) -> None:
    read = np.ones(30, bool)
    read[:10] = False
    section = box_section(detections(table, [], read), np.array(table.images), table.images, None, QUICK)
    assert "in 10 of 20 images" in section.content
    assert "average precision is 0" in section.content
    for name in ("map50", "map", "ap50.fracture"):
        none = section.figures[f"detection.{name}"]
        assert (none.value, none.low) == (0, 0)
        assert none.high is not None
        assert 0 < none.high < 0.5
    assert section.figures["detection.froc"].between == "no interval"
    recall = section.figures["detection.recall"]
    assert (recall.value, recall.low) == (0, 0)
    assert recall.high is not None
    assert 0 < recall.high < 0.4
    assert "detection.precision" not in section.figures


def test_a_class_whose_boxes_are_all_found_keeps_its_figure(table: Table) -> None:
    marks = [
        Mark(row, one["label"], Box(one["x0"], one["y0"], one["x1"], one["y1"]), 0.9)
        for row, marked in enumerate(table.frame["boxes"].to_list())
        for one in marked or ()
        if one["label"] == "fracture"
    ]
    measured = measure_boxes(detections(table, marks), np.array(table.images), QUICK)
    right, wrong = (measured.figures[f"detection.ap50.{name}"] for name in ("fracture", "metal"))
    assert (right.value, right.high, wrong.value, wrong.low) == (1.0, 1.0, 0.0, 0.0)
    assert 0.7 < right.low < 1.0
    assert 0.0 < wrong.high < 0.6
    assert "15 clusters with an annotated fracture" in right.method


def test_counts_of_boxes_are_those_of_the_confusion_matrix(table: Table) -> None:
    one = detections(table, found(table))
    figures = measure_boxes(one, np.array(table.images), QUICK).figures
    confident = counted_boxes(one, CONFIDENCE)
    cells = detection_confusion(one.truth, confident, classes=len(one.names), iou=IOU, confidence=CONFIDENCE)
    count = {name: figures[f"detection.boxes_{name}"].value for name in ("marked", "found", "missed", "false")}
    hits = np.trace(cells[:-1, :-1])
    assert count["marked"] == len(one.truth) == cells[:-1].sum()
    assert count["found"] == hits > 0
    assert count["missed"] == len(one.truth) - hits > 0
    assert count["false"] == len(confident) - hits > 0
    assert figures["detection.recall"].value == pytest.approx(count["found"] / count["marked"])
    assert figures["detection.precision"].value == pytest.approx(count["found"] / (count["found"] + count["false"]))
    ends = figures["detection.boxes_found"].ends
    assert ends is not None
    assert ends[0] < count["found"] < ends[1]


def test_the_section_shows_films(table: Table, blobs: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    for image in table.images[:20]:
        blobs.save(blobs.film(0.8), tmp_path / image)
    one = detections(table, found(table))
    section = box_section(one, np.array(table.images), table.images, tmp_path, QUICK)
    kinds = {picture.caption.split(":")[0] for picture in section.pictures}
    assert kinds == {"missed", "false positive", "hit"}
    assert section.pictures[0].jpeg.startswith(b"\xff\xd8")
    assert set(section.plots) == {
        "detection_precision_recall",
        "detection_iou",
        "detection_froc",
        "detection_confusion",
    }
    assert "| mAP, IoU 0.5 |" in section.card


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_froc_of_resamples_is_that_of_copied_images(seed: int) -> None:
    random = np.random.default_rng(seed)

    def some(n: int) -> np.ndarray:
        start = random.integers(0, 20, (n, 2))
        return np.hstack([start, start + random.integers(4, 9, (n, 2))])

    truth = boxes(random.integers(0, 6, 8), np.zeros(8), some(8))
    said = boxes(random.integers(0, 6, 25), np.zeros(25), some(25), random.integers(1, 6, 25) / 5)
    matches = match(truth, said, images=6, classes=1)
    statistic = FrocRates(matches)
    curve = froc(matches)
    at = np.searchsorted(curve.alarms, FROC_RATES, "right") - 1
    np.testing.assert_allclose(statistic(np.ones((1, 6)))[0, 1:], curve.sensitivity[at])
    rows = random.integers(0, 6, 6)
    if not np.isin(truth.image, rows).any():
        return

    def copied(source: object) -> object:
        places = [np.flatnonzero(source.image == row) for row in rows]  # pyright: ignore
        chosen = source.select(np.concatenate(places))  # pyright: ignore
        return boxes(np.repeat(np.arange(6), [len(one) for one in places]), chosen.label, chosen.corners, chosen.score)

    again = FrocRates(match(copied(truth), copied(said), images=6, classes=1))(np.ones((1, 6)))  # pyright: ignore
    np.testing.assert_allclose(statistic(np.bincount(rows, minlength=6)[None].astype(float)), again)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000))
def test_pairs_are_those_of_the_yolo_familys_loops(seed: int) -> None:
    random = np.random.default_rng(seed)
    start = random.integers(0, 14, (14, 2))
    corners = np.hstack([start, start + 8]) + random.random((14, 1))
    truth = boxes(np.zeros(6), np.zeros(6), corners[:6])
    said = boxes(np.zeros(8), np.zeros(8), corners[6:], np.ones(8))
    ours = paired(truth, said, 0.45)
    table = [
        (overlap(said.corners[i], truth.corners[j]), i, j)
        for i in range(8)
        for j in range(6)
        if overlap(said.corners[i], truth.corners[j]) >= 0.45
    ]
    best = {i: max((one for one in table if one[1] == i), key=lambda one: one[0]) for i in {one[1] for one in table}}
    kept = {
        j: max((one for one in best.values() if one[2] == j), key=lambda one: one[0])
        for j in range(6)
        if any(one[2] == j for one in best.values())
    }
    assert {(int(i), int(j)) for i, j in zip(ours.found, ours.truth, strict=True)} == {
        (i, j) for _, i, j in kept.values()
    }


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    sides = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    shared = float(sides.prod())
    return shared / float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared)
