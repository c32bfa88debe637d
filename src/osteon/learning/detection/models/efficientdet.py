"""EfficientDet (Tan et al. 2020): EfficientNet, bidirectional pyramid with fast normalised fusion, shared heads.

Levels of strides 8 to 128. Each node of the pyramid adds two or three features by learnt weights

    sum_i w_i f_i / (sum_i w_i + e),   w_i >= 0

and passes the sum through a depthwise separable convolution. Convolutions of the heads are shared by the levels, their batch
norms are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from osteon.core.errors import RecipeError
from osteon.learning.detection.boxes import DetectedBoxes, Truth
from osteon.learning.detection.models.anchors import anchors_of
from osteon.learning.detection.models.dense import PRIOR, AnchorPredictions, dense_boxes, dense_losses
from osteon.learning.detection.models.detector import Detector
from osteon.learning.detection.models.resnet import shapes
from osteon.learning.detection.models.results import rows_of
from osteon.learning.models.backbones.backbone import load_backbone
from osteon.learning.models.method import Method
from osteon.learning.recipe import BoxRule, EfficientDetector

_STRIDES = (8, 16, 32, 64, 128)
_EPSILON = 1e-4  # section 3.3


def _norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, eps=1e-3)


def _entry(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1), _norm(outputs))


def _separable(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False), nn.Conv2d(inputs, outputs, 1)
    )


def _halved(features: Tensor) -> Tensor:
    return functional.max_pool2d(features, 3, 2, 1)


class Fusion(nn.Module):
    """A node of the pyramid: features of one shape, added by learnt weights."""

    def __init__(self, width: int, inputs: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.ones(inputs))
        self.convolution = _separable(width, width)
        self.norm = _norm(width)

    def forward(self, *features: Tensor) -> Tensor:
        """The fused features."""
        weights = torch.relu(self.weights)
        shares = (weights / (weights.sum() + _EPSILON)).unbind()
        mixed = torch.stack([share * one for share, one in zip(shares, features, strict=True)]).sum(0)
        return self.norm(self.convolution(functional.silu(mixed)))


class Layer(nn.Module):
    """Once down the pyramid, from coarse to fine, and once up (figure 2d)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.down = nn.ModuleList(Fusion(width, 2) for _ in _STRIDES[:-1])
        self.up = nn.ModuleList(Fusion(width, 2 if stride == _STRIDES[-1] else 3) for stride in _STRIDES[1:])

    def forward(self, levels: Sequence[Tensor], again: Sequence[Tensor]) -> list[Tensor]:
        """New levels, from fine to coarse.

        Args:
            levels: (N, width, h, w), from fine to coarse, as they enter on the way down.
            again: the same, as they enter on the way up.
        """
        middle = list(levels)
        for number in range(len(levels) - 2, -1, -1):
            coarse = functional.interpolate(middle[number + 1], size=levels[number].shape[-2:], mode="nearest")
            middle[number] = self.down[number](levels[number], coarse)
        out = [middle[0]]
        for number in range(1, len(levels)):
            own = (again[number],) if number == len(levels) - 1 else (again[number], middle[number])
            out.append(self.up[number - 1](*own, _halved(out[-1])))
        return out


class Branch(nn.Module):
    """Separable convolutions shared by all levels, with norms of each level's own, and a last convolution to the outputs."""

    def __init__(self, width: int, blocks: int, outputs: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(_separable(width, width) for _ in range(blocks))
        self.norms = nn.ModuleList(nn.ModuleList(_norm(width) for _ in range(blocks)) for _ in _STRIDES)
        self.last = _separable(width, outputs)

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """Maps (N, outputs, h, w) of each level."""
        maps: list[Tensor] = []
        for features, norms in zip(levels, self.norms, strict=True):
            at = features
            for convolution, norm in zip(self.convolutions, cast("nn.ModuleList", norms), strict=True):
                at = functional.silu(norm(convolution(at)))
            maps.append(self.last(at))
        return maps


class EfficientNetwork(Detector):
    """See the module.

    Args:
        architecture: the recipe's record.
        rule: of the boxes that are given out.
        labels: number of kinds of findings.
        channels: of the input.
        empty: look for no trained weights, because others are about to be loaded.

    Raises:
        RecipeError: the backbone is no EfficientNet.
    """

    method = Method("EfficientDet", "Tan et al. 2020")

    def __init__(
        self, architecture: EfficientDetector, rule: BoxRule, labels: int, channels: int, *, empty: bool = False
    ) -> None:
        super().__init__()
        if not architecture.model.startswith("efficientnet"):
            raise RecipeError("EfficientDet stands on an EfficientNet", expected="e.g. efficientnet_b0")
        self.backbone, self.weights_source, self.pretrained = load_backbone(architecture.model, channels, empty=empty)
        # Only a classifier uses these; here they would learn nothing.
        self.backbone.conv_head, self.backbone.bn2 = nn.Identity(), nn.Identity()
        self._architecture, self._rule, self._labels = architecture, rule, labels
        self._stages, widths = self._ends()
        width = architecture.pyramid
        self.entries = nn.ModuleList(_entry(inputs, width) for inputs in (*widths, widths[-1]))
        self.entries_again = nn.ModuleList(_entry(inputs, width) for inputs in widths[1:])
        self.layers = nn.ModuleList(Layer(width) for _ in range(architecture.layers))
        count = architecture.anchors.octaves * len(architecture.anchors.ratios)
        self.kinds = Branch(width, architecture.blocks, count * labels)
        self.sides = Branch(width, architecture.blocks, count * 4)
        nn.init.constant_(cast("Tensor", self.kinds.last[1].bias), PRIOR)
        for name, part in self.named_modules():
            if isinstance(part, nn.BatchNorm2d) and not name.startswith("backbone."):
                part.momentum = architecture.norm_momentum

    def losses(self, image: Tensor, truth: Truth) -> dict[str, Tensor]:
        """Focal loss of the labels, smooth distance of the sides."""
        return dense_losses(self._predict(image), truth, self._architecture)

    def detect(self, image: Tensor) -> DetectedBoxes:
        """The best boxes of all anchors, after non-maximum suppression."""
        return dense_boxes(self._predict(image), image, self._rule)

    def _ends(self) -> tuple[list[int], list[int]]:
        """The backbone's stages that end at strides 8, 16 and 32, and their channels."""
        info = cast("list[dict[str, Any]]", self.backbone.feature_info)
        ends = [stage for stage in info if stage["reduction"] in _STRIDES]
        return [int(stage["module"].split(".")[1]) for stage in ends], [int(stage["num_chs"]) for stage in ends]

    def _levels(self, image: Tensor) -> list[Tensor]:
        backbone = cast("Any", self.backbone)
        at: Tensor = backbone.bn1(backbone.conv_stem(image))
        features: list[Tensor] = []
        for number, stage in enumerate(backbone.blocks):
            at = stage(at)
            if number in self._stages:
                features.append(at)
        levels = [entry(level) for entry, level in zip(self.entries, (*features, features[-1]), strict=True)]
        levels[3] = _halved(levels[3])
        levels.append(_halved(levels[3]))
        # The way up has its own entries of the two features that it takes a second time.
        again = [entry(level) for entry, level in zip(self.entries_again, features[1:], strict=True)]
        again = [levels[0], *again, *levels[3:]]
        for layer in self.layers:
            levels = again = layer(levels, again)
        return levels

    def _predict(self, image: Tensor) -> AnchorPredictions:
        levels = self._levels(image)
        at = torch.cat(anchors_of(shapes(levels), _STRIDES, self._architecture.anchors, image.device))
        logits = torch.cat([rows_of(level, self._labels) for level in self.kinds(levels)], 1)
        return AnchorPredictions(logits, torch.cat([rows_of(level, 4) for level in self.sides(levels)], 1), at)
