"""Published networks by name."""

from __future__ import annotations

from osteon.learning.models.dense import DenseClassifier
from osteon.learning.models.efficientformer import EfficientFormer
from osteon.learning.models.mobilenetv3 import MobileNetV3
from osteon.learning.models.network import Network
from osteon.learning.models.pooled import PooledClassifier
from osteon.learning.models.published import find
from osteon.learning.models.transformer import VisionTransformer
from osteon.learning.recipe import Standard


def standard(architecture: Standard, labels: int, channels: int, *, empty: bool = False) -> Network:
    """The network of that name; see ``osteon.learning.models.build``.

    Raises:
        RecipeError: the catalogue has no network of that name.
    """
    match find(architecture.model).family:
        case "pooled":
            return PooledClassifier(architecture, labels, channels, empty=empty)
        case "mobilenetv3":
            return MobileNetV3(architecture, labels, channels, empty=empty)
        case "dense":
            return DenseClassifier(architecture, labels, channels, empty=empty)
        case "transformer":
            return VisionTransformer(architecture, labels, channels, empty=empty)
        case "efficientformer":
            return EfficientFormer(architecture, labels, channels, empty=empty)
