"""Sparse R-CNN (Sun et al. 2021): a few learnt boxes, refined stage by stage, without anchors and without suppression.

Each proposal has a box and features. In each stage proposals attend to each other, the features of a proposal make the two
layers through which it looks at its own region (dynamic interaction), and what it sees moves its box and tells its label.
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
from osteon.learning.detection.boxes import Found, Truth, generalised, strongest
from osteon.learning.detection.models.anchors import Weights, decoded
from osteon.learning.detection.models.dense import PRIOR
from osteon.learning.detection.models.hungarian import paired
from osteon.learning.detection.models.regions import GRID, regions
from osteon.learning.detection.models.resnet import STRIDES, Levels, ResNetDetector, image_rows
from osteon.learning.detection.models.results import CANDIDATES, bounded, given
from osteon.learning.recipe import BoxRule, SparseDetector

_MOVES: Weights = (2.0, 2.0, 1.0, 1.0)
_KIND_LAYERS = 1  # before the label is told
_SIDE_LAYERS = 3  # before the box is moved


class _Stage(NamedTuple):
    """What a stage says: logits (N, Q, labels) and boxes (N, Q, 4)."""

    logits: Tensor
    boxes: Tensor


class Interaction(nn.Module):
    """A proposal's features make the layers through which it looks at its region (figure 4 of the paper)."""

    def __init__(self, width: int, dynamic: int) -> None:
        super().__init__()
        self._shape = width, dynamic
        self.layers = nn.Linear(width, 2 * width * dynamic)
        self.norm_first = nn.LayerNorm(dynamic)
        self.norm_second = nn.LayerNorm(width)
        self.output = nn.Linear(width * GRID**2, width)
        self.norm_output = nn.LayerNorm(width)

    def forward(self, features: Tensor, seen: Tensor) -> Tensor:
        """Of features (R, width) and regions (R, GRID^2, width): new features (R, width)."""
        width, dynamic = self._shape
        first, second = self.layers(features).split(width * dynamic, -1)
        at = torch.relu(self.norm_first(seen @ first.unflatten(-1, (width, dynamic))))
        at = torch.relu(self.norm_second(at @ second.unflatten(-1, (dynamic, width))))
        return torch.relu(self.norm_output(self.output(at.flatten(1))))


class Stage(nn.Module):
    """One refinement of all proposals."""

    def __init__(self, how: SparseDetector, labels: int) -> None:
        super().__init__()
        width = how.pyramid
        self.attention = nn.MultiheadAttention(width, how.heads, batch_first=True)
        self.norm_attention = nn.LayerNorm(width)
        self.interaction = Interaction(width, how.dynamic)
        self.norm_interaction = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, how.hidden), nn.ReLU(), nn.Linear(how.hidden, width))
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
        seen = regions(levels, STRIDES, boxes.flatten(0, 1), image_rows(boxes)).flatten(2).transpose(1, 2)
        heard, _ = self.attention(features, features, features, need_weights=False)
        features = self.norm_attention(features + heard)
        found = self.interaction(features.flatten(0, 1), seen).unflatten(0, boxes.shape[:2])
        features = self.norm_interaction(features + found)
        features = self.norm_feed(features + self.feed(features))
        moved = decoded(self.move(self.sides(features)).float(), boxes, _MOVES)
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

    method = "Sparse R-CNN (Sun et al. 2021)"

    def __init__(
        self, architecture: SparseDetector, rule: BoxRule, labels: int, channels: int, *, empty: bool = False
    ) -> None:
        super().__init__(architecture, channels, empty=empty)
        self._how, self._rule = architecture, rule
        width = architecture.pyramid
        self.pyramid = Levels(self.widths(), STRIDES, width, None)
        # Middle and the logarithms of the sides as shares of the image: at first all see the whole of it.
        self.proposals = nn.Parameter(torch.tensor([0.5, 0.5, log(1.0), log(1.0)]).repeat(architecture.proposals, 1))
        self.kept = nn.Parameter(torch.randn(architecture.proposals, width))
        self.stages = nn.ModuleList(Stage(architecture, labels) for _ in range(architecture.stages))

    def losses(self, image: Tensor, truth: Truth) -> dict[str, Tensor]:
        """Focal loss of the labels, distance and generalised overlap of the boxes, summed over the stages."""
        how, size = self._how, _size(image)
        count = total((truth.classes >= 0).sum().float()).clamp_min(1)
        scale = place().world / count
        score = distance = apart = image.new_zeros(())
        for stage in self._stages(image):
            pairs = paired(stage.logits, stage.boxes, size, truth, how)
            target = torch.zeros_like(stage.logits)
            target[pairs.image, pairs.proposal, truth.classes[pairs.image, pairs.truth]] = 1.0
            boxes, aim = stage.boxes[pairs.image, pairs.proposal], truth.boxes[pairs.image, pairs.truth]
            score = score + sigmoid_focal_loss(stage.logits, target, how.alpha, how.gamma, "sum")
            distance = distance + functional.l1_loss(boxes / size, aim / size, reduction="sum")
            apart = apart + (1 - generalised(boxes, aim)[1]).sum()
        return {
            "score_loss": scale * how.class_weight * score,
            "side_loss": scale * how.l1_weight * distance,
            "overlap_loss": scale * how.giou_weight * apart,
        }

    def detect(self, image: Tensor) -> Found:
        """The best boxes of the last stage."""
        last = self._stages(image)[-1]
        share = torch.sigmoid(last.logits)
        return given(strongest(bounded(last.boxes, image), share, CANDIDATES * self._rule.most), self._rule)

    def _stages(self, image: Tensor) -> list[_Stage]:
        levels: list[Tensor] = self.pyramid(self.features(image))
        middle, half = self.proposals[:, :2], self.proposals[:, 2:].exp() / 2
        boxes = (torch.cat([middle - half, middle + half], -1) * _size(image)).expand(image.shape[0], -1, -1)
        features = self.kept.expand(image.shape[0], -1, -1)
        said: list[_Stage] = []
        for stage in self.stages:
            logits, boxes, features = cast("tuple[Tensor, Tensor, Tensor]", stage(levels, boxes, features))
            said.append(_Stage(logits, boxes))
            boxes = boxes.detach()  # each stage answers for its own step
        return said


def _layers(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(
        *(part for _ in range(count) for part in (nn.Linear(width, width, bias=False), nn.LayerNorm(width), nn.ReLU()))
    )


def _size(image: Tensor) -> Tensor:
    """Width, height, width, height of images (N, C, H, W)."""
    rows, columns = image.shape[-2:]
    return torch.tensor([columns, rows, columns, rows], dtype=torch.float32, device=image.device)
