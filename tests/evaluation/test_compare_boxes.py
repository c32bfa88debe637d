"""Boxes of two detectors compared on the images that both of them read."""

from __future__ import annotations

import numpy as np
import pytest

from osteon.core.errors import DataError
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.compare.boxes import BoxedSystem, compare_boxes
from osteon.evaluation.predictions.detections import Detections
from osteon.stats.detection.boxes import boxes

IMAGES = 30
FEW = Settings(resamples=200)


def detector(name: str, found: np.ndarray, read: np.ndarray) -> BoxedSystem:
    """A detector that finds the finding of some images, and of the others something else."""
    places = np.arange(IMAGES)
    truth = [[10, 10, 30, 30]] * IMAGES
    boxed = [[10, 10, 30, 30] if hit else [60, 60, 80, 80] for hit in found[read]]
    said = boxes(
        places[read], [0] * int(read.sum()), np.reshape(boxed, (-1, 4)), np.linspace(0.2, 0.9, int(read.sum()))
    )
    names = np.array([f"{place:03d}.png" for place in places])
    marked = boxes(places, [0] * IMAGES, truth)
    return BoxedSystem(name, names, names, Detections(("fracture",), marked, said, read))


def test_images_that_one_refused_are_left_out_of_both() -> None:
    random = np.random.default_rng(0)
    found = random.random(IMAGES) < 0.6
    everything = np.ones(IMAGES, np.bool_)
    refused = everything.copy()
    refused[3:9] = False
    whole, part = detector("whole", found, everything), detector("part", found, refused)
    differences = {one.figure: one for one in compare_boxes([whole, part], FEW)}
    froc = differences["detection.froc"]
    assert froc.values[0] == pytest.approx(froc.values[1], abs=0.1)  # the order of their scores alone differs
    again = {one.figure: one for one in compare_boxes([part, part], FEW)}
    assert froc.values[1] == again["detection.froc"].values[0]
    alone = {one.figure: one for one in compare_boxes([whole, whole], FEW)}
    assert froc.values[0] != alone["detection.froc"].values[0]


def test_without_a_common_image_there_is_nothing_to_compare() -> None:
    found = np.ones(IMAGES, np.bool_)
    first, second = np.arange(IMAGES) < 10, np.arange(IMAGES) >= 10
    with pytest.raises(DataError, match="no image that all detectors read"):
        compare_boxes([detector("a", found, first), detector("b", found, second)], FEW)
