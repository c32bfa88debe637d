"""The architectures that a recipe may name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from osteon.learning.recipe.detection import (
    DecisionFusion,
    DetectorArchitecture,
    EfficientDetector,
    FasterDetector,
    PointDetector,
    RetinaDetector,
    SparseDetector,
    YoloDetector,
)
from osteon.learning.recipe.ranges import Count, Fraction, Positive


@dataclass(frozen=True, slots=True)
class MobileNetClassifier:
    """MobileNetV2 with a dense head on the pooled features.

    Attributes:
        width: the width multiplier.
        hidden: units of the hidden dense layer.
        dropout_first: before the hidden layer.
        dropout_second: before the output layer.
    """

    width: Positive
    hidden: Count
    dropout_first: Fraction
    dropout_second: Fraction


@dataclass(frozen=True, slots=True)
class MobileNetLocator:
    """MobileNetV2 with a fused head at stride 16 that says where and whether; see ``models/locator.py``.

    Attributes:
        width: the width multiplier.
        fusion: channels in which strides 16 and 32 are added.
        features: channels of the last features, on which maps and logits rest.
        dropout: on the pooled features of the global branch.
    """

    width: Positive
    fusion: Count
    features: Count
    dropout: Fraction


@dataclass(frozen=True, slots=True)
class Standard:
    """A published network with its own pooling and a linear output; ``osteon models`` lists them.

    Attributes:
        model: its name in ``learning/catalogue.py``.
        dropout: before the output layer.
    """

    model: str
    dropout: Fraction


@dataclass(frozen=True, slots=True)
class PairedResNet:
    """One ResNet trunk for both views of a study, and their fusion: URFNet; see ``models/urfnet.py``.

    Attributes:
        model: the trunk's name in ``learning/catalogue.py``.
        fusion: of the two views.
        attention: width of queries, keys and values.
        hidden: units of the fully connected layer before the output.
        dropout: before each fully connected layer.
    """

    model: str
    fusion: Literal["cross-attention", "concatenation"]
    attention: Count
    hidden: Count
    dropout: Fraction


@dataclass(frozen=True, slots=True)
class EmbeddedMlp:
    """Blocks of linear layer, ReLU, batch norm and dropout on the embedding of a pre-trained network; ``models/mlp.py``.

    Attributes:
        model: the trunk's name in ``learning/catalogue.py``.
        embedding: width of the embedding.
        blocks: how many.
        hidden: units of each.
        dropout: in each.
    """

    model: str
    embedding: Count
    blocks: Count
    hidden: Count
    dropout: Fraction


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Networks whose probabilities are averaged; see ``models/ensemble.py``.

    Attributes:
        members: each trained by itself.
        activation: of the task, by which logits become probabilities.
    """

    members: tuple[Standard, ...]
    activation: Literal["sigmoid", "softmax"]


Classification = MobileNetClassifier | MobileNetLocator | Standard | PairedResNet | EmbeddedMlp | Ensemble
Architecture = Classification | DetectorArchitecture | YoloDetector | DecisionFusion


def published(architecture: Architecture) -> tuple[str, ...]:
    """Names of the published networks that an architecture is made of, as ``learning/catalogue.py`` has them."""
    match architecture:
        case MobileNetClassifier() | MobileNetLocator() | PointDetector():
            return (mobilenet(architecture.width),)
        case Ensemble():
            return tuple(member.model for member in architecture.members)
        case Standard() | PairedResNet() | EmbeddedMlp():
            return (architecture.model,)
        case RetinaDetector() | FasterDetector() | EfficientDetector() | SparseDetector():
            return (architecture.model,)
        case YoloDetector() | DecisionFusion():
            return ()


def mobilenet(width: float) -> str:
    """Name of the MobileNetV2 of a width multiplier, e.g. ``mobilenetv2_075``."""
    return f"mobilenetv2_{round(width * 100):03d}"
