"""The learned policy: films change, boxes stay on what they mark."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

pytest.importorskip("torch")

from osteon.learning.detection.policy import V2, Operation, apply, apply_policy

pytestmark = pytest.mark.learn

SIDE = 160
MOVING = ("rotate", "shear x", "shear y", "translate y")


def square() -> tuple[np.ndarray, np.ndarray]:
    """A bright disc on black and its box."""
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    canvas = np.where((x - 90) ** 2 + (y - 70) ** 2 < 20**2, 250, 0).astype(np.uint8)
    return canvas, np.array([[70, 50, 110, 90]], np.float32)


def bright(canvas: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(canvas > 200)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


@pytest.mark.parametrize("operation", MOVING)
def test_boxes_stay_on_the_things_that_they_mark(operation):
    for seed in range(6):
        canvas, boxes = square()
        moved, there = apply(operation, 1.0, canvas, boxes, np.random.default_rng(seed))
        assert (moved != canvas).any()
        assert np.abs(bright(moved) - there[0]).max() <= 2.5


@pytest.mark.parametrize("operation", [one for one in get_args(Operation) if one not in MOVING])
def test_other_operations_leave_boxes_and_the_source_alone(operation):
    canvas = np.random.default_rng(0).integers(20, 230, (SIDE, SIDE)).astype(np.uint8)
    before, boxes = canvas.copy(), square()[1]
    changed, there = apply(operation, 0.8, canvas, boxes, np.random.default_rng(1))
    assert (canvas == before).all()
    assert (there == boxes).all()
    assert changed.dtype == np.uint8
    assert (changed == canvas).all() == (operation == "colour")  # grey films have none


def test_hand_examples():
    canvas = np.array([[0, 100], [130, 255]], np.uint8)
    none, random = np.zeros((0, 4), np.float32), np.random.default_rng(0)
    assert apply("solarise", 0.5, canvas, none, random)[0].tolist() == [[0, 100], [125, 0]]
    assert apply("solarise add", 1.0, canvas, none, random)[0].tolist() == [[110, 210], [130, 255]]
    assert apply("brightness", 0.5, canvas, none, random)[0].tolist() == canvas.tolist()  # factor 1
    assert apply("brightness", 0.0, canvas, none, random)[0].tolist() == [[0, 10], [13, 26]]
    narrow = np.array([[50, 70], [100, 50]], np.uint8)
    assert apply("auto contrast", 0.2, narrow, none, random)[0].tolist() == [[0, 102], [255, 0]]
    assert apply("box cutout", 1.0, canvas, none, random)[0].tolist() == canvas.tolist()  # no box


def test_a_cut_out_of_a_box_lies_about_a_point_of_it():
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    changed, _ = apply("box cutout", 0.4, canvas, square()[1], np.random.default_rng(3))
    rows, columns = np.nonzero(changed)
    assert 10 <= np.ptp(rows) + 1 <= 13  # 0.4 x 0.75 of 40
    assert 10 <= np.ptp(columns) + 1 <= 13
    assert 64 <= columns.min() < columns.max() <= 116


def test_the_same_draw_changes_a_film_in_the_same_way():
    canvas, boxes = square()
    first = [apply_policy(canvas, boxes, np.random.default_rng((1, n))) for n in range(30)]
    again = [apply_policy(canvas, boxes, np.random.default_rng((1, n))) for n in range(30)]
    assert all((a == b).all() and (c == d).all() for (a, c), (b, d) in zip(first, again, strict=True))
    assert len({film.tobytes() for film, _ in first}) > 10


def test_the_policy_has_fifteen_rows_of_two_or_three():
    assert len(V2) == 15
    assert {len(row) for row in V2} == {2, 3}
    assert all(0 <= probability <= 1 and 0 <= level <= 10 for row in V2 for _, probability, level in row)
