"""The architectures: one file each, one builder each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from osteon.core.errors import DataError, RecipeError
from osteon.learning.models.backbones.pretrained import backbone_state, network_state
from osteon.learning.models.ensemble import AveragedEnsemble, assembled
from osteon.learning.models.locator import Locator
from osteon.learning.models.mixed_views import MixedViewsClassifier
from osteon.learning.models.mlp import EmbeddedClassifier
from osteon.learning.models.mobilenet_classifier import Classifier
from osteon.learning.models.network import Explanation, Network, Outputs
from osteon.learning.models.standard import standard
from osteon.learning.models.trained import Trained
from osteon.learning.models.urfnet import URFNet
from osteon.learning.recipe import (
    Architecture,
    EmbeddedMlp,
    Ensemble,
    MixedViews,
    MobileNetClassifier,
    MobileNetLocator,
    PairedResNet,
    Standard,
)


def build(
    architecture: Architecture, labels: int, channels: int, *, empty: bool = False, start: Path | None = None
) -> Network:
    """The classifier that a recipe names, with trained weights in its backbone where they can be had.

    Args:
        architecture: the recipe's record.
        labels: number of logits.
        channels: of the input, 1 or 3.
        empty: leave the backbone at random, because weights are about to be loaded.
        start: safetensors of a backbone (``network.backbone.state_dict()``), as a pre-training writes it, or the folder of a
            finished run; in place of published weights.

    Raises:
        RecipeError: the catalogue has no network of a name, or it is a detector.
        DataError: the file cannot be read, or holds the weights of another backbone.
    """
    network = _built(architecture, labels, channels, empty=empty or start is not None)
    if start is not None:
        start_from(network, start)
    return network


def _built(architecture: Architecture, labels: int, channels: int, *, empty: bool) -> Network:
    match architecture:
        case MobileNetClassifier():
            return Classifier(architecture, labels, channels, empty=empty)
        case MobileNetLocator():
            return Locator(architecture, labels, channels, empty=empty)
        case PairedResNet():
            return URFNet(architecture, labels, channels, empty=empty)
        case MixedViews():
            return MixedViewsClassifier(architecture, labels, channels, empty=empty)
        case Standard():
            return standard(architecture, labels, channels, empty=empty)
        case EmbeddedMlp():
            return EmbeddedClassifier(architecture, labels, channels)
        case Ensemble():
            return AveragedEnsemble(architecture, labels, channels, empty=empty)
        case _:
            raise RecipeError(
                "this is for classifiers",
                expected="a classifier",
                got=f"a detector, {type(architecture).__name__}",
            )


def start_from(network: Trained, path: Path) -> None:
    """Put trained weights into a network: of a file with a whole network all that fit, else those of the backbone.

    Args:
        network: with a backbone.
        path: safetensors of a backbone or of a whole network, or the folder of a finished run, whose backbone is taken.

    Raises:
        DataError: the weights cannot be read, or are those of another backbone.
    """
    whole = network_state(path)
    state, source = backbone_state(path) if whole is None else whole
    try:
        if whole is None:
            network.backbone.load_state_dict(state)
        else:
            network.load_state_dict(_fitting(state, network))
    except RuntimeError as error:
        raise DataError(
            "these weights do not fit the network",
            expected="those of its backbone, pre-trained with the same architecture and number of channels",
            got=path.name,
        ) from error
    network.weights_source, network.pretrained = source, True


def _fitting(state: Mapping[str, Tensor], network: Trained) -> dict[str, Tensor]:
    """Weights of a whole network, and the network's own in place of layers behind the backbone that have another shape."""
    own = network.state_dict()
    other = [
        name
        for name, value in own.items()
        if not name.startswith("backbone.") and (name not in state or state[name].shape != value.shape)
    ]
    known = {name: value for name, value in state.items() if name in own or name.startswith("backbone.")}
    return {**known, **{name: own[name] for name in other}}


__all__ = ["Explanation", "Network", "Outputs", "Trained", "assembled", "build", "start_from"]
