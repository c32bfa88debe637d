"""RetinaNet (Lin et al. 2017, Focal Loss for Dense Object Detection): torchvision's pyramid and head on a backbone of ours.

Levels of strides 8 to 128, the last two from the backbone's last features; two branches of four convolutions that all levels
share, one for labels, one for sides; focal loss over all anchors.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torchvision.models.detection.retinanet import RetinaNetHead
from torchvision.ops.feature_pyramid_network import LastLevelP6P7

from osteon.learning.detection.boxes import DetectedBoxes, Truth
from osteon.learning.detection.models.anchors import anchors_of
from osteon.learning.detection.models.dense import PRIOR, AnchorPredictions, dense_boxes, dense_losses
from osteon.learning.detection.models.resnet import Levels, ResNetDetector, shapes
from osteon.learning.models.method import Method
from osteon.learning.recipe import BoxRule, RetinaDetector

_STRIDES = (8, 16, 32, 64, 128)


class RetinaNetwork(ResNetDetector):
    """See the module.

    Args:
        architecture: the recipe's record.
        rule: of the boxes that are given out.
        labels: number of kinds of findings.
        channels: of the input.
        empty: look for no trained weights, because others are about to be loaded.
    """

    method = Method("RetinaNet", "Lin et al. 2017")

    def __init__(
        self, architecture: RetinaDetector, rule: BoxRule, labels: int, channels: int, *, empty: bool = False
    ) -> None:
        super().__init__(architecture, channels, empty=empty)
        self._architecture, self._rule = architecture, rule
        widths, width = self.widths(), architecture.pyramid
        self.pyramid = Levels(widths, _STRIDES[:3], width, LastLevelP6P7(widths[32], width))
        count = architecture.anchors.octaves * len(architecture.anchors.ratios)
        self.head = RetinaNetHead(width, count, labels)
        score = cast("nn.Conv2d", cast("Any", self.head).classification_head.cls_logits)
        nn.init.constant_(cast("Tensor", score.bias), PRIOR)

    def losses(self, image: Tensor, truth: Truth) -> dict[str, Tensor]:
        """Focal loss of the labels, smooth distance of the sides."""
        return dense_losses(self._predict(image), truth, self._architecture)

    def detect(self, image: Tensor) -> DetectedBoxes:
        """The best boxes of all anchors, after non-maximum suppression."""
        return dense_boxes(self._predict(image), image, self._rule)

    def _predict(self, image: Tensor) -> AnchorPredictions:
        levels: list[Tensor] = self.pyramid(self.features(image))
        outputs = cast("dict[str, Tensor]", self.head(levels))
        at = torch.cat(anchors_of(shapes(levels), _STRIDES, self._architecture.anchors, image.device))
        return AnchorPredictions(outputs["cls_logits"].float(), outputs["bbox_regression"].float(), at)
