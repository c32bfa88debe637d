"""Crowds, boxes around several findings that nobody marked one by one: nothing is learnt in them, and nothing counts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from PIL import Image

from osteon.data.datasets import read
from osteon.inference.networks.detect import Boxes as ImageBoxes
from osteon.learning.detection.batches import TrainingBoxes, ValidationBoxes, within
from osteon.learning.detection.boxes import CROWD, DetectedBoxes, Truth, ignored, in_crowds
from osteon.learning.detection.calibrate import ValidationDetections, matched
from osteon.learning.detection.models import build
from osteon.learning.detection.models.anchors import BACKGROUND, IGNORE, match_anchors
from osteon.learning.detection.models.assignment import assign, places
from osteon.learning.detection.validation import TrueBoxes, box_figures, true_boxes
from osteon.learning.inputs.image_cache import canvases, no_progress
from osteon.learning.inputs.load_cases import cases_of
from osteon.learning.inputs.sampler import Draw
from osteon.learning.recipe import Anchors
from osteon.stats.detection.boxes import boxes

NAMES = ["point", "retinanet", "faster_rcnn", "efficientdet", "sparse_rcnn"]
PLAIN = Anchors(side=4.0, octaves=1, ratios=(1.0,), matched=0.5, unmatched=0.4)
EVERYWHERE = [-500.0, -500.0, 600.0, 600.0]


def test_a_box_lies_in_a_crowd_by_the_share_of_its_own_area():
    crowds = torch.tensor([[0.0, 0, 100, 100]])
    inside, mostly, hardly, around = [10.0, 10, 20, 20], [-2.0, 0, 8, 10], [-4.0, 0, 6, 10], [-100.0, -100, 200, 200]
    assert in_crowds(torch.tensor([inside, mostly, hardly, around]), crowds).tolist() == [True, True, False, False]
    assert not in_crowds(torch.tensor([inside]), crowds[:0]).any()


def test_crowds_are_those_of_the_own_image():
    found = torch.tensor([[[10.0, 10, 20, 20]], [[10.0, 10, 20, 20]], [[10.0, 10, 20, 20]]])
    truth = Truth(torch.tensor([[[0.0, 0, 50, 50]]] * 3), torch.tensor([[CROWD], [0], [-1]]))
    assert ignored(found, truth).tolist() == [[True], [False], [False]]


def test_anchors_on_a_crowd_are_neither_positive_nor_negative():
    anchors = torch.tensor([[0.0, 0, 10, 10], [20.0, 0, 30, 10], [40.0, 0, 50, 10], [80.0, 0, 90, 10]])
    crowd, single = [-5.0, -5, 55, 15], [20.0, 0, 30, 9]
    rows = match_anchors(anchors, Truth(torch.tensor([[crowd, single]]), torch.tensor([[CROWD, 1]])), PLAIN)
    assert rows.tolist() == [[IGNORE, 1, IGNORE, BACKGROUND]]
    # As an ordinary box of the same place, the crowd would have been learnt or told apart.
    rows = match_anchors(anchors, Truth(torch.tensor([[crowd, single]]), torch.tensor([[0, 1]])), PLAIN)
    assert IGNORE not in rows


def test_places_in_a_crowd_are_neither_positive_nor_negative():
    at = places([(8, 8), (4, 4)], (8, 16), torch.device("cpu"))
    truth = Truth(torch.tensor([[[0.0, 0, 32, 64], [4.0, 4, 14, 14]]]), torch.tensor([[CROWD, 1]]))
    aim = assign(at, truth, 9, 8.0)
    left = at.centres[:, 0] < 32
    assert (aim.ignored[0] == left & ~aim.positive[0]).all()
    assert aim.positive.any()
    assert set(aim.classes[aim.positive].tolist()) == {1}


@pytest.mark.parametrize("name", NAMES)
def test_an_image_that_is_one_crowd_teaches_nothing(small_detector, name):
    torch.manual_seed(0)
    network = build(small_detector.recipe(name), empty=True).train()
    image, _ = small_detector.scene()
    crowd = Truth(torch.tensor([[EVERYWHERE]] * 2), torch.tensor([[CROWD]] * 2))
    nothing = crowd._replace(classes=torch.tensor([[-1]] * 2))
    losses = network.losses(image, crowd)
    assert {key: value.item() for key, value in losses.items()} == dict.fromkeys(losses, 0.0)
    assert torch.stack(list(network.losses(image, nothing).values())).sum().item() > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_finding_in_a_crowd_is_learnt_all_the_same(small_detector, name):
    torch.manual_seed(0)
    network = build(small_detector.recipe(name), empty=True).train()
    image, truth = small_detector.scene()
    boxes, classes = truth.boxes.clone(), truth.classes.clone()
    boxes[:, 2], classes[:, 2] = torch.tensor(EVERYWHERE), CROWD
    torch.manual_seed(1)
    losses = network.losses(image, Truth(boxes, classes))
    torch.manual_seed(1)
    plain = network.losses(image, truth)
    assert 0 < losses["score_loss"].item() < plain["score_loss"].item()
    assert losses["side_loss"].item() > 0
    assert all(value.isfinite() for value in losses.values())


def test_any_part_of_a_crowd_stays_one():
    cut = np.array([[-90.0, 0, 10, 10], [-90.0, 0, 10, 10]], np.float32)
    kept, which = within(cut, (50, 50), 2.0, crowd=np.array([False, True]))
    assert (kept.tolist(), which.tolist()) == ([[0, 0, 10, 10]], [False, True])


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A COCO dataset of one image, with a box, and a crowd of the same label."""
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (96, 96), np.uint8)).save(tmp_path / "a.png")
    marks = [([10, 10, 20, 20], 0), ([50, 40, 40, 50], 1)]
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 96, "height": 96}],
        "categories": [{"id": 1, "name": "bright"}],
        "annotations": [
            {"id": number, "image_id": 1, "category_id": 1, "bbox": box, "area": box[2] * box[3], "iscrowd": crowd}
            for number, (box, crowd) in enumerate(marks, 1)
        ],
    }
    (tmp_path / "annotations.json").write_text(json.dumps(content))
    return tmp_path


def test_a_dataset_s_crowds_come_to_training_and_validation(small_detector, dataset, tmp_path):
    recipe = replace(small_detector.recipe("point"), dataset="coco")
    cases = cases_of(read("coco", dataset), dataset, recipe, "train")
    cached = canvases(cases, recipe.preprocessing, tmp_path / "cache", no_progress)
    assert cases.targets.tolist() == [[1.0, 0.0, 0.0]]
    data = ValidationBoxes(cases, cached, recipe.preprocessing)
    assert data[0].classes.tolist() == [0, CROWD]
    batch = data.collate([data[0]])
    assert batch.truth.boxes.tolist() == [[[10, 10, 30, 30], [50, 40, 90, 90]]]
    truth = true_boxes(data)
    assert (truth.single.corners.tolist(), truth.single.label.tolist()) == ([[10, 10, 30, 30]], [0])
    assert (truth.crowds.corners.tolist(), truth.crowds.label.tolist()) == ([[50, 40, 90, 90]], [0])
    training = TrainingBoxes(cases, cached, recipe, recipe.preprocessing, recipe.augmentation)
    drawn = training[Draw(0, (1, 2))]
    assert CROWD in drawn.classes.tolist()


def test_boxes_found_in_a_crowd_count_neither_way():
    truth = TrueBoxes(boxes([0], [0], [[10, 10, 30, 30]]), boxes([0], [0], [[50, 40, 90, 90]]))
    corners = torch.tensor([[[55.0, 45, 70, 60], [10.0, 10, 30, 30]]])
    found = DetectedBoxes(corners, torch.tensor([[0.9, 0.8]]), torch.tensor([[0, 0]]))
    assert box_figures(truth, found, ("bright",))["val_map50"] == pytest.approx(1.0)
    without = truth._replace(crowds=boxes([], [], np.zeros((0, 4))))
    assert box_figures(without, found, ("bright",))["val_map50"] == pytest.approx(0.5)
    image = ImageBoxes(corners[0].double().numpy(), np.array([0.9, 0.8]), np.array([0, 0]))
    validation = ValidationDetections((image,), truth, np.zeros((1, 1, 8, 8), np.float32), np.array([True]))
    assert matched(validation, 1).hit[:, 0].tolist() == [True]
    assert matched(replace(validation, truth=without), 1).hit[:, 0].tolist() == [False, True]
