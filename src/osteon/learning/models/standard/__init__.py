"""Published networks by name."""

from __future__ import annotations

from osteon.learning.models.network import Network
from osteon.learning.models.standard.dense import DenseClassifier
from osteon.learning.models.standard.efficientformer import EfficientFormer
from osteon.learning.models.standard.mobilenetv3 import MobileNetV3
from osteon.learning.models.standard.pooled import PooledClassifier
from osteon.learning.models.standard.transformer import VisionTransformer
from osteon.learning.recipe import Standard
from osteon.learning.recipe.published import find


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
