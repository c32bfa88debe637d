"""MobileNetV2 with a fused head at stride 16 that learns where a fracture is and from that whether there is one.

A fracture covers 0.4 % of an image (the median of FracAtlas): averaged over all places of a stride-32 map it hardly counts.
So features of stride 16 and 32 are added, a 1 x 1 convolution gives a logit for each place, trained against the boxes by a
focal loss, and the image's logit is the smooth maximum of the places (log-sum-exp) plus a linear term of the average:

    logit = log sum_x exp(l(x)) - log 4 + g . mean_x A(x),    l(x) = w . A(x) + b

Grad-CAM at the last features would average away what the smooth maximum selects and keep what the linear term likes
everywhere. It is taken at the layer of place probabilities s = sigmoid(l) instead, where the gradient of the logit is
softmax(l) / (s (1 - s)), which is positive: the map is the places' probabilities, scaled. The constant log 4 (the usual number
of places in a box) only shifts the bias.
"""

from __future__ import annotations

from math import log

import torch
from torch import Tensor, nn
from torch.nn import functional

from osteon.learning.models.backbones.backbone import Strides, load_backbone
from osteon.learning.models.gradcam import GradCam
from osteon.learning.models.method import Method
from osteon.learning.models.network import Outputs
from osteon.learning.recipe import MobileNetLocator

_PRIOR = -3.0  # logit of a place before training: few places hold a fracture (Lin et al. 2017, section 4.1)


class Locator(GradCam):
    """Backbone, fused features at stride 16, a logit for each place, and their smooth maximum."""

    map_method = Method("Grad-CAM at the layer of place probabilities", "Selvaraju et al. 2017")

    def __init__(self, architecture: MobileNetLocator, labels: int, channels: int, *, empty: bool = False) -> None:
        super().__init__()
        whole, self.weights_source, self.pretrained = load_backbone(architecture.published[0], channels, empty=empty)
        backbone = self.backbone = Strides(whole)
        fusion, width = architecture.fusion, architecture.features
        self.lateral_16 = _projection(backbone.channels[16], fusion)
        self.lateral_32 = _projection(backbone.channels[32], fusion)
        self.fuse = nn.Sequential(
            nn.ReLU6(),
            nn.Conv2d(fusion, fusion, 5, padding=2, groups=fusion, bias=False),
            nn.BatchNorm2d(fusion),
            nn.ReLU6(),
            nn.Conv2d(fusion, width, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU6(),
        )
        self.local = nn.Conv2d(width, labels, 1)
        nn.init.constant_(_bias(self.local), _PRIOR)
        self.dropout = nn.Dropout(architecture.dropout)
        self.overall = nn.Linear(width, labels)

    def features(self, image: Tensor) -> Tensor:
        """Fused features (N, K, H / 16, W / 16), after their ReLU6."""
        at_16, at_32 = self.backbone(image)
        wide = functional.interpolate(self.lateral_32(at_32), scale_factor=2.0, mode="nearest")
        return self.fuse(self.lateral_16(at_16) + wide)

    def head(self, features: Tensor) -> Outputs:
        """Logits, and those of each place."""
        local = self.local(features).float()
        overall = self.overall(self.dropout(features.mean((2, 3)))).float()
        return Outputs(torch.logsumexp(local.flatten(2), 2) - log(4.0) + overall, local)

    def explained(self, features: Tensor) -> Tensor:
        """Probability (N, labels, h, w) that a place holds a fracture."""
        return torch.sigmoid(self.local(features))

    def head_gradient(self, features: Tensor) -> Tensor:
        """Mean over places of softmax(l) / (s (1 - s)), for each label by its own places: (N, labels, labels)."""
        local = self.local(features)
        share = torch.sigmoid(local)
        of_maximum = torch.softmax(local.flatten(2), 2).unflatten(2, local.shape[2:])
        return torch.diag_embed((of_maximum / (share * (1.0 - share))).mean((2, 3)))

    def dense_layers(self) -> list[nn.Module]:
        """The two output layers."""
        return [self.local, self.overall]


def _projection(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))


def _bias(layer: nn.Conv2d) -> Tensor:
    if layer.bias is None:
        raise TypeError("expected a layer with a bias")
    return layer.bias
