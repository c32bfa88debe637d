"""ResNets with torchvision's feature pyramid, on which RetinaNet, Faster R-CNN and Sparse R-CNN stand."""

from __future__ import annotations

from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.feature_pyramid_network import ExtraFPNBlock

from osteon.core.errors import RecipeError
from osteon.learning.detection.models.detector import Detector
from osteon.learning.models.backbones.backbone import load_backbone
from osteon.learning.models.trained import Trainable
from osteon.learning.recipe import FasterDetector, RetinaDetector, SparseDetector

STRIDES: Final = (4, 8, 16, 32)
"""Of the features of a ResNet's four stages."""

_STAGES = (("conv1", "bn1"), ("layer1",), ("layer2",), ("layer3",), ("layer4",))


class ResNetDetector(Detector):
    """A detector whose backbone is a ResNet.

    Args:
        architecture: the recipe's record.
        channels: of the input.
        empty: look for no trained weights, because others are about to be loaded.

    Raises:
        RecipeError: the backbone is no ResNet.
    """

    def __init__(
        self, architecture: RetinaDetector | FasterDetector | SparseDetector, channels: int, *, empty: bool
    ) -> None:
        super().__init__()
        if not architecture.model.startswith("resnet"):
            raise RecipeError("this detector stands on a ResNet", expected="e.g. resnet50", got=architecture.model)
        self.backbone, self.weights_source, self.pretrained = load_backbone(architecture.model, channels, empty=empty)
        self._frozen_stages, self._freeze_batch_norm = architecture.frozen_stages, architecture.freeze_batch_norm

    def learning_parts(self, trainable: Trainable) -> list[nn.Module]:
        """Of a pre-trained backbone, without the frozen stages; without its batch norms where those are frozen."""
        if trainable != "all":
            return super().learning_parts(trainable)
        stages = [
            cast("nn.Module", getattr(self.backbone, name))
            for names in _STAGES[self._frozen_stages :]
            for name in names
        ]
        if not self._freeze_batch_norm:
            return stages
        leaves = [part for stage in stages for part in stage.modules() if not any(part.children())]
        return [part for part in leaves if not isinstance(part, nn.BatchNorm2d)]

    def features(self, image: Tensor) -> dict[int, Tensor]:
        """Features of images (N, C, H, W) by their stride s, each (N, c, ceil(H / s), ceil(W / s))."""
        backbone = cast("Any", self.backbone)
        found: dict[int, Tensor] = {}
        at: Tensor = backbone.maxpool(backbone.act1(backbone.bn1(backbone.conv1(image))))
        for stride, names in zip(STRIDES, _STAGES[1:], strict=True):
            at = found[stride] = getattr(backbone, names[0])(at)
        return found

    def widths(self) -> dict[int, int]:
        """Channels of the features by their stride."""
        info = cast("list[dict[str, Any]]", self.backbone.feature_info)
        return {int(stage["reduction"]): int(stage["num_chs"]) for stage in info}


class Levels(nn.Module):
    """torchvision's feature pyramid (Lin et al. 2017), from a dict of features to a list of levels.

    Args:
        widths: channels of the features by their stride.
        strides: of the features that enter.
        channels: of all levels.
        further: makes coarser levels of the last.
    """

    def __init__(
        self, widths: dict[int, int], strides: tuple[int, ...], channels: int, further: ExtraFPNBlock | None
    ) -> None:
        super().__init__()
        self._strides = strides
        self.pyramid = FeaturePyramidNetwork([widths[stride] for stride in strides], channels, further)

    def forward(self, features: dict[int, Tensor]) -> list[Tensor]:
        """Levels (N, channels, h, w), from fine to coarse."""
        levels = cast("dict[str, Tensor]", self.pyramid({str(stride): features[stride] for stride in self._strides}))
        return list(levels.values())


def shapes(levels: list[Tensor]) -> list[tuple[int, int]]:
    """(h, w) of each level."""
    return [(level.shape[-2], level.shape[-1]) for level in levels]


def image_rows(boxes: Tensor) -> Tensor:
    """Which image each of the boxes (N, R, 4) belongs to, (N R,) int64."""
    number = torch.arange(boxes.shape[0], device=boxes.device)
    return number.unsqueeze(-1).expand(boxes.shape[:2]).flatten()
