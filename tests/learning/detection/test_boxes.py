"""Arithmetic of boxes against torchvision's."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.ops import batched_nms, box_iou, generalized_box_iou

from osteon.learning.detection.boxes import DetectedBoxes, best, giou, nms, overlaps, top_k
from osteon.learning.detection.models.results import top_k_of_each_class

pytestmark = pytest.mark.learn


def some_boxes(count: int, seed: int, extent: float = 60.0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    low = torch.rand(count, 2, generator=random) * extent
    return torch.cat([low, low + 4 + torch.rand(count, 2, generator=random) * 30], 1)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 80),
    labels=st.integers(1, 4),
    overlap=st.sampled_from([0.3, 0.5, 0.7]),
)
def test_suppression_keeps_what_torchvisions_loop_keeps(seed, count, labels, overlap):
    random = torch.Generator().manual_seed(seed)
    boxes, scores = some_boxes(count, seed), torch.rand(count, generator=random)
    order = scores.argsort(descending=True)
    boxes, scores = boxes[order], scores[order]
    classes = torch.randint(labels, (count,), generator=random)
    ours = nms(DetectedBoxes(boxes[None], scores[None], classes[None]), overlap, count)
    rows = batched_nms(boxes, scores, classes, overlap)
    kept = ours.scores[0] > 0
    assert ours.boxes[0][kept].tolist() == boxes[rows].tolist()
    assert ours.scores[0][kept].tolist() == scores[rows].tolist()
    assert ours.classes[0][kept].tolist() == classes[rows].tolist()


def test_images_of_a_batch_do_not_suppress_each_other():
    box = torch.tensor([[[0.0, 0, 10, 10]], [[0.0, 0, 10, 10]]])
    found = nms(DetectedBoxes(box, torch.tensor([[0.9], [0.8]]), torch.zeros(2, 1, dtype=torch.int64)), 0.5, 3)
    assert found.boxes.shape == (2, 3, 4)
    assert found.scores.tolist() == [[pytest.approx(0.9), 0, 0], [pytest.approx(0.8), 0, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_overlaps_are_torchvisions(seed):
    first, second = some_boxes(30, seed), some_boxes(30, seed + 100)
    assert torch.allclose(overlaps(first, second), box_iou(first, second), atol=1e-6)
    overlap, generalised = giou(first, second)
    assert torch.allclose(overlap, box_iou(first, second).diagonal(), atol=1e-6)
    assert torch.allclose(generalised, generalized_box_iou(first, second).diagonal(), atol=1e-5)


def test_overlaps_of_empty_and_inverted_boxes_are_none():
    odd = torch.tensor([[5.0, 5, 5, 5], [8.0, 8, 2, 2]])
    whole = torch.tensor([[0.0, 0, 10, 10]])
    assert overlaps(odd, whole).tolist() == [[0], [0]]
    assert giou(odd, whole.expand(2, 4))[1].isfinite().all()


def test_the_highest_scores_come_first_with_their_boxes_and_labels():
    boxes = torch.tensor([[[0.0, 0, 1, 1], [0.0, 0, 2, 2]]])
    scores = torch.tensor([[[0.1, 0.9], [0.5, 0.2]]])
    found = top_k(boxes, scores, 3)
    assert found.scores[0].tolist() == pytest.approx([0.9, 0.5, 0.2])
    assert found.classes[0].tolist() == [1, 0, 1]
    assert found.boxes[0, :, 2].tolist() == [1, 2, 2]
    own = torch.arange(4.0).reshape(1, 2, 2, 1).expand(1, 2, 2, 4)  # a box for each label
    found = top_k_of_each_class(own, scores, 3)
    assert found.classes[0].tolist() == [1, 0, 1]
    assert found.boxes[0, :, 0].tolist() == [1, 2, 3]
    filled = best(found, 5)
    assert filled.scores[0, 3:].tolist() == [0, 0]
