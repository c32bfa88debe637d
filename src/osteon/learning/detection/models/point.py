"""The detector that is shipped: MobileNetV2, a light pyramid, and a head that sees a finding from every place.

Each place predicts for each label whether a finding is there and how far its four sides are (Tian et al. 2019, FCOS). The score
learns the overlap of the place's own box with the true one (quality focal loss, Li et al. 2020), so that scores rank boxes
by how well they lie; sides learn by generalised overlap. Which places learn is chosen by ATSS. Convolutions of the head are
shared by the levels, their norms are not.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from osteon.learning.compute.distributed import place as process
from osteon.learning.compute.distributed import total
from osteon.learning.detection.boxes import DetectedBoxes, Truth, giou, nms, top_k
from osteon.learning.detection.models.assignment import Places, assign, places
from osteon.learning.detection.models.detector import Detector
from osteon.learning.detection.models.pyramid import Pyramid, separable
from osteon.learning.models.backbones.backbone import Strides, load_backbone
from osteon.learning.models.method import Method
from osteon.learning.recipe import BoxRule, PointDetector

_PRIOR = -4.6  # logit of a place before training: one in a hundred (Lin et al. 2017, section 4.1)
_CANDIDATES = 3  # boxes that enter suppression for each that may leave it


class PlacePredictions(NamedTuple):
    """Of all places: logits (N, P, labels), boxes (N, P, 4), and where the places are."""

    logits: Tensor
    boxes: Tensor
    at: Places


class Branch(nn.Module):
    """Separable convolutions shared by all levels, with norms of each level's own."""

    def __init__(self, width: int, blocks: int, levels: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(separable(width, width) for _ in range(blocks))
        self.norms = nn.ModuleList(nn.ModuleList(nn.BatchNorm2d(width) for _ in range(blocks)) for _ in range(levels))

    def forward(self, features: Tensor, level: int) -> Tensor:
        """Features of one level, changed."""
        norms = cast("nn.ModuleList", self.norms[level])
        for convolution, norm in zip(self.convolutions, norms, strict=True):
            features = functional.relu6(norm(convolution(features)))
        return features


class PointNetwork(Detector):
    """See the module.

    Args:
        architecture: the recipe's record.
        rule: of the boxes that are given out.
        labels: number of kinds of findings.
        channels: of the input.
        empty: look for no trained weights, because others are about to be loaded.
    """

    method = Method("anchor-free detector on MobileNetV2", "FCOS, Tian et al. 2019; quality focal loss, Li et al. 2020")

    def __init__(
        self, architecture: PointDetector, rule: BoxRule, labels: int, channels: int, *, empty: bool = False
    ) -> None:
        super().__init__()
        whole, self.weights_source, self.pretrained = load_backbone(architecture.published[0], channels, empty=empty)
        backbone = self.backbone = Strides(whole)
        self._architecture, self._rule = architecture, rule
        width, levels = architecture.pyramid, len(architecture.strides)
        self.pyramid = Pyramid([backbone.channels[stride] for stride in architecture.strides], width)
        self.kinds = Branch(width, architecture.blocks, levels)
        self.sides = Branch(width, architecture.blocks, levels)
        self.score = nn.Conv2d(width, labels, 1)
        self.box_regression = nn.Conv2d(width, 4, 1)
        self.scales = nn.Parameter(torch.ones(levels))
        nn.init.constant_(cast("Tensor", self.score.bias), _PRIOR)
        nn.init.normal_(self.score.weight, std=0.01)
        nn.init.normal_(self.box_regression.weight, std=0.01)
        nn.init.constant_(cast("Tensor", self.box_regression.bias), 1.0)  # sides of e strides

    def losses(self, image: Tensor, truth: Truth) -> dict[str, Tensor]:
        """Quality focal loss of the scores, generalised overlap of the sides."""
        predictions = self._predict(image)
        aim = assign(predictions.at, truth, self._architecture.candidates, self._architecture.cell)
        boxes = predictions.boxes[aim.positive]
        overlap, generalised = giou(boxes, aim.boxes[aim.positive])
        quality = overlap.detach().clamp(0, 1)
        target = torch.zeros_like(predictions.logits)
        image_row, place_row = aim.positive.nonzero(as_tuple=True)
        target[image_row, place_row, aim.classes[aim.positive]] = quality
        cross = functional.binary_cross_entropy_with_logits(predictions.logits, target, reduction="none")
        focus = (torch.sigmoid(predictions.logits) - target).abs() ** self._architecture.gamma
        count = total(aim.positive.sum().float()).clamp_min(1)
        weight = total(quality.sum()).clamp_min(1)
        world = process().world
        return {
            "score_loss": world * (cross * focus * ~aim.ignored.unsqueeze(-1)).sum() / count,
            "side_loss": world * self._architecture.box_weight * ((1 - generalised) * quality).sum() / weight,
        }

    def detect(self, image: Tensor) -> DetectedBoxes:
        """The best boxes of all places, after non-maximum suppression."""
        predictions = self._predict(image)
        rows, columns = image.shape[-2:]
        limit = torch.tensor([columns, rows, columns, rows], dtype=predictions.boxes.dtype, device=image.device)
        boxes = torch.minimum(predictions.boxes.clamp_min(0), limit)
        found = top_k(boxes, torch.sigmoid(predictions.logits), _CANDIDATES * self._rule.max_detections)
        least = (found.scores >= self._rule.score_threshold).to(found.scores.dtype)
        found = found._replace(scores=found.scores * least)
        return nms(found, self._rule.nms_iou, self._rule.max_detections)

    def _predict(self, image: Tensor) -> PlacePredictions:
        features = cast("Strides", self.backbone).levels(image)
        levels = self.pyramid([features[stride] for stride in self._architecture.strides])
        at = places([(level.shape[-2], level.shape[-1]) for level in levels], self._architecture.strides, image.device)
        logits: list[Tensor] = []
        sides: list[Tensor] = []
        for number, level in enumerate(levels):
            logits.append(_rows(self.score(self.kinds(level, number))))
            distances = self.box_regression(self.sides(level, number)).float() * self.scales[number]
            sides.append(_rows(torch.exp(distances.clamp(max=6.0)) * self._architecture.strides[number]))
        left_top, right_bottom = torch.cat(sides, 1).split(2, -1)
        boxes = torch.cat([at.centres - left_top, at.centres + right_bottom], -1)
        return PlacePredictions(torch.cat(logits, 1).float(), boxes, at)


def _rows(features: Tensor) -> Tensor:
    """(N, K, h, w) to (N, h w, K)."""
    return features.flatten(2).transpose(1, 2)
