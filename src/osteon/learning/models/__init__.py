"""The architectures: one file each, one builder each."""

from __future__ import annotations

from pathlib import Path

from osteon.core.errors import DataError
from osteon.learning.models.classifier import Classifier
from osteon.learning.models.ensemble import AveragedEnsemble, assembled
from osteon.learning.models.locator import Locator
from osteon.learning.models.mlp import EmbeddedClassifier
from osteon.learning.models.network import Explanation, Network, Outputs
from osteon.learning.models.standard import standard
from osteon.learning.models.urfnet import URFNet
from osteon.learning.recipe import (
    Architecture,
    EmbeddedMlp,
    Ensemble,
    MobileNetClassifier,
    MobileNetLocator,
    PairedResNet,
    Standard,
)
from osteon.learning.weights import stored


def build(
    architecture: Architecture, labels: int, channels: int, *, empty: bool = False, start: Path | None = None
) -> Network:
    """The network that a recipe names, with trained weights in its trunk where they can be had.

    Args:
        architecture: the recipe's record.
        labels: number of logits.
        channels: of the input, 1 or 3.
        empty: leave the trunk at random, because weights are about to be loaded.
        start: safetensors of a trunk (``network.trunk.state_dict()``), as a pre-training writes it; in place of published
            weights.

    Raises:
        RecipeError: the catalogue has no network of a name.
        DataError: the file cannot be read, or holds the weights of another trunk.
    """
    network = _built(architecture, labels, channels, empty=empty or start is not None)
    if start is not None:
        _start(network, start)
    return network


def _built(architecture: Architecture, labels: int, channels: int, *, empty: bool) -> Network:
    match architecture:
        case MobileNetClassifier():
            return Classifier(architecture, labels, channels, empty=empty)
        case MobileNetLocator():
            return Locator(architecture, labels, channels, empty=empty)
        case PairedResNet():
            return URFNet(architecture, labels, channels, empty=empty)
        case Standard():
            return standard(architecture, labels, channels, empty=empty)
        case EmbeddedMlp():
            return EmbeddedClassifier(architecture, labels, channels)
        case Ensemble():
            return AveragedEnsemble(architecture, labels, channels, empty=empty)


def _start(network: Network, path: Path) -> None:
    state, source = stored(path)
    try:
        network.trunk.load_state_dict(state)
    except RuntimeError as error:
        raise DataError(
            "these weights do not fit the network",
            expected="those of its trunk, pre-trained with the same architecture and number of channels",
            got=path.name,
        ) from error
    network.weights_source = f"pre-training, {source}"


__all__ = ["Explanation", "Network", "Outputs", "assembled", "build"]
