"""The architectures: one file each, one builder each."""

from __future__ import annotations

from osteon.learning.models.classifier import Classifier
from osteon.learning.models.locator import Locator
from osteon.learning.models.network import Explanation, Network, Outputs
from osteon.learning.models.standard import standard
from osteon.learning.models.urfnet import URFNet
from osteon.learning.recipe import Architecture, MobileNetClassifier, MobileNetLocator, PairedResNet, Standard


def build(architecture: Architecture, labels: int, channels: int, *, empty: bool = False) -> Network:
    """The network that a recipe names, with trained weights in its trunk where they can be had.

    Args:
        architecture: the recipe's record.
        labels: number of logits.
        channels: of the input, 1 or 3.
        empty: leave the trunk at random, because weights are about to be loaded.
    """
    match architecture:
        case MobileNetClassifier():
            return Classifier(architecture, labels, channels, empty=empty)
        case MobileNetLocator():
            return Locator(architecture, labels, channels, empty=empty)
        case PairedResNet():
            return URFNet(architecture, labels, channels, empty=empty)
        case Standard():
            return standard(architecture, labels, channels, empty=empty)


__all__ = ["Explanation", "Network", "Outputs", "build"]
