"""Anchors and what they learn; regions of a pyramid; pairs of proposals and boxes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

pytest.importorskip("torch")

import torch
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import roi_align
from torchvision.ops.poolers import LevelMapper

from osteon.learning.detection.boxes import Truth
from osteon.learning.detection.models.anchors import (
    BACKGROUND,
    IGNORE,
    anchors_of,
    decode,
    encode,
    match_anchors,
    sample,
)
from osteon.learning.detection.models.assignment import assign, places
from osteon.learning.detection.models.hungarian import costs, paired
from osteon.learning.detection.models.regions import regions
from osteon.learning.recipe import Anchors

pytestmark = pytest.mark.learn

SETTINGS = Anchors(side=4.0, octaves=3, ratios=(0.5, 1.0, 2.0), matched=0.5, unmatched=0.4)
PLAIN = replace(SETTINGS, octaves=1, ratios=(1.0,))


def test_anchors_are_those_of_torchvision_about_the_middle_of_each_place():
    sizes = tuple(tuple(stride * 4 * 2 ** (step / 3) for step in range(3)) for stride in (8, 16))
    theirs = AnchorGenerator(sizes, ((0.5, 1.0, 2.0),) * 2)
    images = ImageList(torch.zeros(1, 1, 64, 64), [(64, 64)])
    expected = theirs(images, [torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 4, 4)])[0]
    ours = anchors_of([(8, 8), (4, 4)], (8, 16), SETTINGS, torch.device("cpu"))
    assert [len(level) for level in ours] == [8 * 8 * 9, 4 * 4 * 9]
    shift = torch.cat([torch.full((len(level), 1), stride / 2) for level, stride in zip(ours, (8, 16), strict=True)])
    # torchvision rounds sides to whole pixels and goes through shapes before sizes.
    order = torch.tensor([ratio * 3 + octave for octave in range(3) for ratio in range(3)])
    place = torch.arange(len(expected) // 9).unsqueeze(1) * 9
    assert (torch.cat(ours) - shift - expected[(place + order).flatten()]).abs().max() < 1


def test_boxes_come_back_from_their_differences():
    random = torch.Generator().manual_seed(0)
    low = torch.rand(50, 2, generator=random) * 60
    boxes = torch.cat([low, low + 1 + torch.rand(50, 2, generator=random) * 40], 1)
    anchors = boxes[torch.randperm(50, generator=random)]
    for weights in ((1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)):
        assert torch.allclose(decode(encode(boxes, anchors, weights), anchors, weights), boxes, atol=1e-3)
    assert encode(torch.tensor([10.0, 0, 20, 20]), torch.tensor([0.0, 0, 10, 10])).tolist() == pytest.approx(
        [1.0, 0.5, 0.0, math.log(2)]
    )


def test_an_anchor_learns_the_box_that_it_overlaps_and_no_box_is_left_out():
    # Squares of 32 pixels about the places of a level of 4 x 4.
    anchors = torch.cat(anchors_of([(4, 4)], (8,), PLAIN, torch.device("cpu")))
    same, half, tiny = [-8.0, -4, 24, 28], [-4.0, -12, 20, 12], [26.0, 26, 30, 30]
    boxes = torch.tensor([[same, half, tiny, [0.0, 0, 0, 0]]])
    rows = match_anchors(anchors, Truth(boxes, torch.tensor([[0, 1, 2, -1]])), PLAIN)[0].reshape(4, 4)
    assert rows[1, 0] == 0  # IoU 1
    assert rows[0, 1] == 1  # the best of box 1 (IoU 0.6), though box 0 overlaps it, too
    assert rows[3, 3] == 2  # IoU 0.02, but the best of all
    assert rows[3, 0] == BACKGROUND
    nobody = match_anchors(anchors, Truth(boxes, torch.full((1, 4), -1)), PLAIN)
    assert (nobody == BACKGROUND).all()


def test_between_both_limits_an_anchor_learns_nothing():
    anchors = torch.tensor([[0.0, 0, 10, 10], [0.0, 0, 10, 4.5], [0.0, 0, 10, 3], [20.0, 20, 30, 30]])
    rows = match_anchors(anchors, Truth(torch.tensor([[[0.0, 0, 10, 10]]]), torch.tensor([[0]])), SETTINGS)
    assert rows.tolist() == [[0, IGNORE, BACKGROUND, BACKGROUND]]


def test_a_sample_has_so_many_and_no_more_true_ones_than_its_share():
    torch.manual_seed(0)
    positive = torch.zeros(3, 100, dtype=torch.bool)
    positive[0, :50] = positive[1, :3] = True
    negative = ~positive
    negative[2, 10:] = False
    chosen = sample(positive, negative, 20, 0.5)
    assert (chosen & positive).sum(1).tolist() == [10, 3, 0]
    assert (chosen & negative).sum(1).tolist() == [10, 17, 10]
    again = sample(positive, negative, 20, 0.5)
    assert (chosen != again).any()


def test_places_near_the_middle_learn_a_box_and_the_smallest_wins():
    at = places([(8, 8), (4, 4)], (8, 16), torch.device("cpu"))
    boxes = torch.tensor([[[8.0, 8, 56, 56], [26.0, 26, 38, 38], [0.0, 0, 0, 0]]])
    aim = assign(at, Truth(boxes, torch.tensor([[0, 1, -1]])), 9, 8.0)
    nearest = (at.centres - 32).square().sum(1)[:64].argmin()
    assert aim.positive[0, nearest]
    assert aim.classes[0, nearest] == 1
    assert {0, 1} == set(aim.classes[0][aim.positive[0]].tolist())
    centres = at.centres[aim.positive[0]]
    assert (centres > 8).all()
    assert (centres < 56).all()


def test_regions_come_from_the_level_that_torchvision_takes():
    random = torch.Generator().manual_seed(0)
    strides = (4, 8, 16, 32)
    levels = [torch.randn(2, 3, 512 // stride, 512 // stride, generator=random) for stride in strides]
    low = torch.rand(40, 2, generator=random) * 50
    boxes = torch.cat([low, low + torch.logspace(0.5, 2.7, 40).unsqueeze(1) * torch.tensor([1.0, 1.1])], 1)
    image = torch.arange(40) % 2
    chosen = LevelMapper(2, 5)([boxes])
    assert set(chosen.tolist()) == {0, 1, 2, 3}
    located = torch.cat([image.unsqueeze(1).float(), boxes], 1)
    expected = [
        roi_align(levels[level], located[row : row + 1], 7, 1 / strides[level], 2, aligned=True)
        for row, level in enumerate(chosen.tolist())
    ]
    assert torch.allclose(regions(levels, strides, boxes, image), torch.cat(expected), atol=1e-6)


def test_a_region_is_the_mean_of_what_it_covers():
    ramp = torch.arange(64.0).expand(1, 1, 64, 64)  # the column's number
    features = regions([ramp], (4,), torch.tensor([[40.0, 40, 96, 96]]), torch.tensor([0]))
    columns = torch.linspace(40, 96, 8)
    expected = ((columns[1:] + columns[:-1]) / 2) / 4 - 0.5
    assert torch.allclose(features[0, 0], expected.expand(7, 7), atol=1e-4)


def test_pairs_cost_least_together(small_detector):
    settings = replace(small_detector.recipe("sparse_rcnn").architecture, class_weight=0.0, giou_weight=0.0)
    # On a line: the first proposal is the nearest of both boxes; together it is cheaper to give it the second.
    boxes = torch.tensor([[[10.0, 0, 20, 10], [0.0, 0, 10, 10], [80.0, 0, 90, 10]]])
    truth = Truth(torch.tensor([[[8.0, 0, 18, 10], [14.0, 0, 24, 10], [0.0, 0, 0, 0]]]), torch.tensor([[0, 1, -1]]))
    size = torch.tensor([100.0, 100, 100, 100])
    logits = torch.zeros(1, 3, 2)
    pairs = paired(logits, boxes, size, truth, settings)
    assert dict(zip(pairs.proposal.tolist(), pairs.truth.tolist(), strict=True)) == {0: 1, 1: 0}
    # 5 x (|10 - 8| + |20 - 18|) / 100
    cost = costs(logits[0], boxes[0], truth.boxes[0, :2], truth.classes[0, :2], size, settings)
    assert cost[0].tolist() == pytest.approx([0.2, 0.4], abs=1e-5)
    # A sure label is worth more than a better place.
    settings = replace(settings, class_weight=2.0)
    logits[0, 2, 0] = logits[0, 0, 1] = 5.0
    pairs = paired(logits, boxes, size, truth, settings)
    assert dict(zip(pairs.proposal.tolist(), pairs.truth.tolist(), strict=True)) == {2: 0, 0: 1}
