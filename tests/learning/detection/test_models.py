"""Every detector: what it learns, what it gives out, and that its graph gives out the same."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

import onnxruntime
import torch
from torch import nn

from osteon.core.errors import RecipeError
from osteon.learning.detection.boxes import overlaps
from osteon.learning.detection.models import build
from osteon.learning.detection.onnx import detector_graph

pytestmark = pytest.mark.learn

NAMES = ("point", "point_fine", "point_lite", "retinanet", "faster_rcnn", "efficientdet", "sparse_rcnn")


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_of_a_detector_learns_and_what_it_gives_out_keeps_the_contract(name, small_detector):
    torch.manual_seed(0)
    recipe = small_detector.recipe(name, channels=3)
    network = build(recipe, empty=True).train()
    parts = network.losses(*small_detector.scene(channels=3))
    torch.stack(list(parts.values())).sum().backward()
    idle = [key for key, value in network.named_parameters() if value.grad is None or not value.grad.isfinite().all()]
    assert not idle  # DDP waits for every gradient
    with torch.inference_mode():
        found = network.eval()(torch.randn(3, 3, 96, 64))
    most, labels = recipe.detection.rule.max_detections, len(recipe.task.labels)
    assert found.boxes.shape == (3, most, 4)
    assert found.scores.shape == found.classes.shape == (3, most)
    assert found.classes.dtype == torch.int64
    assert found.classes.min() >= 0
    assert found.classes.max() < labels
    assert (found.scores.diff(dim=1) <= 0).all()
    assert found.scores.min() >= 0
    assert found.scores.max() <= 1
    assert found.boxes.min() >= 0
    assert (found.boxes.amax((0, 1)) <= torch.tensor([64.0, 96.0, 64.0, 96.0])).all()
    assert (found.boxes[..., 2:] >= found.boxes[..., :2]).all()
    assert network.method


@pytest.mark.parametrize("name", NAMES)
def test_images_without_boxes_and_half_precision_give_finite_losses(name, small_detector):
    torch.manual_seed(0)
    network = build(small_detector.recipe(name), empty=True).train()
    image, truth = small_detector.scene()
    nothing = truth._replace(classes=torch.full_like(truth.classes, -1))
    with torch.autocast("cpu", torch.bfloat16):
        for marked in (truth, nothing):
            parts = network.losses(image, marked)
            assert all(part.isfinite() and part.dtype == torch.float32 for part in parts.values())
            torch.stack(list(parts.values())).sum().backward()
        assert network.eval().detect(image).boxes.dtype == torch.float32


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_detector_learns_two_boxes_by_heart_and_finds_them(name, taught, small_detector):
    network, first, last = taught(name)
    assert last < first / 2
    image, truth = small_detector.scene()
    with torch.inference_mode():
        found = network.detect(image)
    for row, label in enumerate((0, 1)):
        own = (found.classes[0] == label) & (found.scores[0] > 0)
        best = found.boxes[0][own][:1]  # of the highest score
        assert overlaps(truth.boxes[0, row : row + 1], best).item() > 0.5
    assert found.scores[1].max() < found.scores[0, 1]  # nothing there


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES[1:])  # the shipped one has a test of its whole release
def test_the_graph_of_a_detector_finds_the_same_boxes(name, taught, small_detector, caplog):
    caplog.set_level(logging.ERROR)
    network = taught(name).network
    graph = detector_graph(network, small_detector.recipe(name))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    scene = small_detector.scene()[0]
    random = torch.Generator().manual_seed(1)
    for count in (1, 3):
        image = scene[:1] + 0.3 * torch.randn(count, 1, 96, 96, generator=random)
        with torch.inference_mode():
            found = network.detect(image)
        boxes, scores, classes = session.run(None, {"image": image.numpy()})
        assert np.abs(scores - found.scores.numpy()).max() < 1e-3
        clear = (np.abs(np.diff(scores, axis=1, append=0)) > 1e-4) & (np.abs(np.diff(scores, axis=1, prepend=1)) > 1e-4)
        assert clear.sum() > count  # rows of nearly equal scores may change places
        assert np.abs(boxes - found.boxes.numpy())[clear].max() < 0.5
        assert (classes == found.classes.numpy())[clear].all()


def test_a_pre_trained_backbone_is_frozen_as_the_recipe_says(small_detector):
    recipe = small_detector.recipe("retinanet")
    recipe = replace(recipe, architecture=replace(recipe.architecture, frozen_stages=2, freeze_batch_norm=True))
    network = build(recipe, empty=True)
    network.pretrained = True
    network.freeze("all")
    backbone = network.backbone
    learning = {name.split(".")[0] for name, value in backbone.named_parameters() if value.requires_grad}
    assert learning == {"layer2", "layer3", "layer4"}
    norms = [part for part in backbone.modules() if isinstance(part, nn.BatchNorm2d)]
    assert not any(part.training or part.weight.requires_grad for part in norms)
    network.freeze("head")
    assert not any(value.requires_grad for value in backbone.parameters())
    network.pretrained = False
    network.freeze("head")  # a backbone that knows nothing has to learn, norms and all
    assert all(value.requires_grad for value in backbone.parameters())
    assert all(part.training for part in norms)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("point")])
def test_a_backbone_of_another_family_is_refused(name, small_detector):
    recipe = small_detector.recipe(name)
    with pytest.raises(RecipeError, match="stands on"):
        build(replace(recipe, architecture=replace(recipe.architecture, model="densenet121")), empty=True)
