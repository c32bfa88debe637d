"""Sparse R-CNN (Sun et al. 2021): a few learnt boxes, refined stage by stage, without anchors and without suppression.

Each proposal has a box and features. In each stage proposals attend to each other, the features of a proposal make the two
layers that process its own region (dynamic interaction), and the result moves its box and gives its label.
True boxes are given to proposals one by one (``hungarian.py``), and every stage learns them.
"""

from __future__ import annotations

from math import log
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import sigmoid_focal_loss

from osteon.learning.compute.distributed import place, total
from osteon.learning.detection.boxes import DetectedBoxes, Truth, giou, ignored, top_k
from osteon.learning.detection.models.anchors import Weights, decode
from osteon.learning.detection.models.dense import PRIOR
from osteon.learning.detection.models.hungarian import paired
from osteon.learning.detection.models.regions import GRID, regions
from osteon.learning.detection.models.resnet import STRIDES, Levels, ResNetDetector, image_rows
from osteon.learning.detection.models.results import CANDIDATES, clip_to_image, select_boxes
from osteon.learning.models.method import Method
from osteon.learning.recipe import BoxRule, SparseDetector

_MOVES: Weights = (2.0, 2.0, 1.0, 1.0)
_KIND_LAYERS = 1  # before the label
_SIDE_LAYERS = 3  # before the box


class StageOutputs(NamedTuple):
    """Outputs of a stage: logits (N, Q, labels) and boxes (N, Q, 4)."""

    logits: Tensor
    boxes: Tensor


class Interaction(nn.Module):
    """A proposal's features make the layers that process its region (figure 4 of the paper)."""

    def __init__(self, width: int, dynamic: int) -> None:
        super().__init__()
        self._shape = width, dynamic
        self.layers = nn.Linear(width, 2 * width * dynamic)
        self.norm_first = nn.LayerNorm(dynamic)
        self.norm_second = nn.LayerNorm(width)
        self.output = nn.Linear(width * GRID**2, width)
        self.norm_output = nn.LayerNorm(width)

    def forward(self, features: Tensor, region_features: Tensor) -> Tensor:
        """Of features (R, width) and regions (R, GRID^2, width): new features (R, width)."""
        width, dynamic = self._shape
        first, second = self.layers(features).split(width * dynamic, -1)
        at = torch.relu(self.norm_first(region_features @ first.unflatten(-1, (width, dynamic))))
        at = torch.relu(self.norm_second(at @ second.unflatten(-1, (dynamic, width))))
        return torch.relu(self.norm_output(self.output(at.flatten(1))))


class Stage(nn.Module):
    """One refinement of all proposals."""

    def __init__(self, settings: SparseDetector, labels: int) -> None:
        super().__init__()
        width = settings.pyramid
        self.attention = nn.MultiheadAttention(width, settings.heads, batch_first=True)
        self.norm_attention = nn.LayerNorm(width)
        self.interaction = Interaction(width, settings.dynamic)
        self.norm_interaction = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, settings.hidden), nn.ReLU(), nn.Linear(settings.hidden, width))
        self.norm_feed = nn.LayerNorm(width)
        self.kinds = _layers(width, _KIND_LAYERS)
        self.sides = _layers(width, _SIDE_LAYERS)
        self.score = nn.Linear(width, labels)
        self.move = nn.Linear(width, 4)
        for name, parameter in self.named_parameters():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter)
            elif name == "score.bias":
                nn.init.constant_(parameter, PRIOR)

    def forward(self, levels: list[Tensor], boxes: Tensor, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits (N, Q, labels), boxes (N, Q, 4) and features (N, Q, width) of those of the stage before."""
        region_features = regions(levels, STRIDES, boxes.flatten(0, 1), image_rows(boxes)).flatten(2).transpose(1, 2)
        attended, _ = self.attention(features, features, features, need_weights=False)
        features = self.norm_attention(features + attended)
        found = self.interaction(features.flatten(0, 1), region_features).unflatten(0, boxes.shape[:2])
        features = self.norm_interaction(features + found)
        features = self.norm_feed(features + self.feed(features))
        moved = decode(self.move(self.sides(features)).float(), boxes, _MOVES)
        return self.score(self.kinds(features)).float(), moved, features


class SparseNetwork(ResNetDetector):
    """See the module.

    Args:
        architecture: the recipe's record.
        rule: of the boxes that are given out; the paper drops none, which is an overlap of 1.
        labels: number of kinds of findings.
        channels: of the input.
        empty: look for no trained weights, because others are about to be loaded.
    """

    method = Method("Sparse R-CNN", "Sun et al. 2021")

    def __init__(
        self, architecture: SparseDetector, rule: BoxRule, labels: int, channels: int, *, empty: bool = False
    ) -> None:
        super().__init__(architecture, channels, empty=empty)
        self._architecture, self._rule = architecture, rule
        width = architecture.pyramid
        self.pyramid = Levels(self.widths(), STRIDES, width, None)
        # Middle and the logarithms of the sides as shares of the image: at first all cover the whole of it.
        self.proposals = nn.Parameter(torch.tensor([0.5, 0.5, log(1.0), log(1.0)]).repeat(architecture.proposals, 1))
        self.kept = nn.Parameter(torch.randn(architecture.proposals, width))
        self.stages = nn.ModuleList(Stage(architecture, labels) for _ in range(architecture.stages))

    def losses(self, image: Tensor, truth: Truth) -> dict[str, Tensor]:
        """Focal loss of the labels, distance and generalised overlap of the boxes, summed over the stages."""
        settings, size = self._architecture, _size(image)
        count = total((truth.classes >= 0).sum().float()).clamp_min(1)
        scale = place().world / count
        score = distance = apart = image.new_zeros(())
        for stage in self._stages(image):
            pairs = paired(stage.logits, stage.boxes, size, truth, settings)
            target = torch.zeros_like(stage.logits)
            target[pairs.image, pairs.proposal, truth.classes[pairs.image, pairs.truth]] = 1.0
            boxes, aim = stage.boxes[pairs.image, pairs.proposal], truth.boxes[pairs.image, pairs.truth]
            counted = ~ignored(clip_to_image(stage.boxes, image), truth)
            counted[pairs.image, pairs.proposal] = True
            focal = sigmoid_focal_loss(stage.logits, target, settings.alpha, settings.gamma)
            score = score + (focal * counted.unsqueeze(-1)).sum()
            distance = distance + functional.l1_loss(boxes / size, aim / size, reduction="sum")
            apart = apart + (1 - giou(boxes, aim)[1]).sum()
        return {
            "score_loss": scale * settings.class_weight * score,
            "side_loss": scale * settings.l1_weight * distance,
            "overlap_loss": scale * settings.giou_weight * apart,
        }

    def detect(self, image: Tensor) -> DetectedBoxes:
        """The best boxes of the last stage."""
        last = self._stages(image)[-1]
        share = torch.sigmoid(last.logits)
        return select_boxes(
            top_k(clip_to_image(last.boxes, image), share, CANDIDATES * self._rule.max_detections), self._rule
        )

    def _stages(self, image: Tensor) -> list[StageOutputs]:
        levels: list[Tensor] = self.pyramid(self.features(image))
        middle, half = self.proposals[:, :2], self.proposals[:, 2:].exp() / 2
        boxes = (torch.cat([middle - half, middle + half], -1) * _size(image)).expand(image.shape[0], -1, -1)
        features = self.kept.expand(image.shape[0], -1, -1)
        outputs: list[StageOutputs] = []
        for stage in self.stages:
            logits, boxes, features = cast("tuple[Tensor, Tensor, Tensor]", stage(levels, boxes, features))
            outputs.append(StageOutputs(logits, boxes))
            boxes = boxes.detach()  # no gradient from one stage to the one before
        return outputs


def _layers(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(
        *(part for _ in range(count) for part in (nn.Linear(width, width, bias=False), nn.LayerNorm(width), nn.ReLU()))
    )


def _size(image: Tensor) -> Tensor:
    """Width, height, width, height of images (N, C, H, W)."""
    rows, columns = image.shape[-2:]
    return torch.tensor([columns, rows, columns, rows], dtype=torch.float32, device=image.device)
