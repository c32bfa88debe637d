"""Every detector, cut down to what a processor trains in seconds, and a picture with two things to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import pytest

pytest.importorskip("torch")

import torch

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.detection.boxes import Truth
from osteon.learning.detection.models import Detector, build
from osteon.learning.recipe import (
    Anchors,
    BoxRule,
    DetectorArchitecture,
    EfficientDetector,
    FasterDetector,
    PointDetector,
    Recipe,
    RetinaDetector,
    SparseDetector,
    Task,
)
from osteon.learning.recipes.fracatlas_detector import DETECTOR

SIDE = 96
LABELS = ("bright", "dark", "never")
RULE = BoxRule(
    max_detections=20,
    nms_iou=0.5,
    score_threshold=0.001,
    doubt_sensitivity=0.75,
    definite_precision=0.75,
    fusion=0.5,
)
SMALL = Anchors(side=2.0, octaves=2, ratios=(0.5, 1.0, 2.0), matched=0.5, unmatched=0.4)

STEPS = {  # and learning rates that teach the scene
    "point": (60, 1e-3),
    "point_fine": (60, 1e-3),
    "point_lite": (60, 1e-3),
    "retinanet": (80, 2e-3),
    "faster_rcnn": (60, 1e-3),
    "efficientdet": (60, 1e-3),
    "sparse_rcnn": (130, 2e-3),
}

ARCHITECTURES: dict[str, DetectorArchitecture] = {
    "point": PointDetector(
        width=0.35, pyramid=32, blocks=1, strides=(8, 16, 32), candidates=9, cell=8.0, gamma=2.0, box_weight=2.0
    ),
    "point_fine": PointDetector(
        width=0.35, pyramid=32, blocks=1, strides=(4, 8, 16, 32), candidates=9, cell=8.0, gamma=2.0, box_weight=2.0
    ),
    "point_lite": PointDetector(
        width=1.0,
        pyramid=32,
        blocks=1,
        strides=(8, 16, 32),
        candidates=9,
        cell=8.0,
        gamma=2.0,
        box_weight=2.0,
        backbone="tf_efficientnet_lite0",
    ),
    "retinanet": RetinaDetector(
        model="resnet18",
        frozen_stages=0,
        freeze_batch_norm=False,
        pyramid=32,
        anchors=SMALL,
        gamma=2.0,
        alpha=0.25,
        box_weight=1.0,
    ),
    "faster_rcnn": FasterDetector(
        model="resnet18",
        frozen_stages=0,
        freeze_batch_norm=False,
        pyramid=32,
        anchors=replace(SMALL, side=4.0, matched=0.7, unmatched=0.3),
        rpn_batch_size=64,
        candidates=(200, 60),
        proposals=(100, 40),
        rpn_nms_iou=0.7,
        roi_batch_size=64,
        roi_positive_fraction=0.25,
        roi_fg_iou=0.5,
        hidden=64,
    ),
    "efficientdet": EfficientDetector(
        model="efficientnet_b0",
        pyramid=32,
        layers=2,
        blocks=1,
        norm_momentum=0.1,
        anchors=replace(SMALL, unmatched=0.5),
        gamma=1.5,
        alpha=0.25,
        box_weight=1.25,
    ),
    "sparse_rcnn": SparseDetector(
        model="resnet18",
        frozen_stages=0,
        freeze_batch_norm=False,
        pyramid=32,
        proposals=10,
        stages=2,
        heads=4,
        dynamic=8,
        hidden=64,
        gamma=2.0,
        alpha=0.25,
        class_weight=2.0,
        l1_weight=5.0,
        giou_weight=2.0,
    ),
}


def small(name: str, channels: int = 1) -> Recipe:
    """The recipe of a small detector."""
    assert DETECTOR.detection is not None
    return replace(
        DETECTOR,
        name=f"small/{name}",
        task=Task(labels=LABELS, positive=LABELS, activation="boxes"),
        preprocessing=Preprocessing(height=SIDE, width=SIDE, fit="letterbox", channels=channels, mean=0.5, std=0.5),
        cache_side=SIDE,
        architecture=ARCHITECTURES[name],
        detection=replace(DETECTOR.detection, rule=RULE),
        phases=(replace(DETECTOR.phases[0], side=None),),
    )


def scene(channels: int = 1) -> tuple[torch.Tensor, Truth]:
    """Two images: one with a bright and a dark rectangle on grey, one with nothing but noise."""
    random = torch.Generator().manual_seed(0)
    image = 0.1 * torch.randn(2, 1, SIDE, SIDE, generator=random)
    image[0, 0, 10:38, 12:44] += 1.0
    image[0, 0, 50:86, 56:80] -= 1.0
    boxes = torch.zeros(2, 3, 4)
    boxes[0, :2] = torch.tensor([[12.0, 10.0, 44.0, 38.0], [56.0, 50.0, 80.0, 86.0]])
    return image.repeat(1, channels, 1, 1), Truth(boxes, torch.tensor([[0, 1, -1], [-1, -1, -1]]))


class Small(NamedTuple):
    """How tests make detectors.

    Attributes:
        recipe: of a name and a number of channels.
        scene: two films of a number of channels, and their boxes.
    """

    recipe: Callable[..., Recipe]
    scene: Callable[..., tuple[torch.Tensor, Truth]]


@pytest.fixture(scope="session")
def small_detector() -> Small:
    return Small(small, scene)


class Taught(NamedTuple):
    """A detector that has learnt the scene by heart.

    Attributes:
        network: in evaluation mode.
        first: its loss before the first step.
        last: its loss after the last.
    """

    network: Detector
    first: float
    last: float


@pytest.fixture(scope="session")
def taught() -> Callable[[str], Taught]:
    """Detectors by name, each taught once."""
    return cache(_teach)


def _teach(name: str) -> Taught:
    torch.manual_seed(0)
    network = build(small(name), empty=True).train()
    image, truth = scene()
    steps, rate = STEPS[name]
    optimizer = torch.optim.AdamW(network.parameters(), rate)
    values: list[float] = []
    for _ in range(steps):
        loss = torch.stack(list(network.losses(image, truth).values())).sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        values.append(loss.item())
    with torch.no_grad():  # running statistics follow the weights slowly
        for _ in range(20):
            network.losses(image, truth)
    return Taught(network.eval(), values[0], values[-1])
