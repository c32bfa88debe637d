"""The architectures that a recipe may name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from osteon.learning.recipe.detection import DetectorArchitecture
from osteon.learning.recipe.facts import ArchitectureFacts
from osteon.learning.recipe.published import Lite, find, mobilenet
from osteon.learning.recipe.ranges import Count, Fraction, Positive

STRIDE = 32
"""Of the last features of a MobileNet, in pixels of the input."""


@dataclass(frozen=True, slots=True)
class MobileNetClassifier(ArchitectureFacts):
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

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (mobilenet(self.width),)


@dataclass(frozen=True, slots=True)
class MobileNetLocator(ArchitectureFacts):
    """MobileNetV2 with a fused head at stride 16 that says where and whether; see ``models/locator.py``.

    Attributes:
        width: the width multiplier of a MobileNetV2.
        fusion: channels in which strides 16 and 32 are added.
        features: channels of the last features, on which maps and logits rest.
        dropout: on the pooled features of the global branch.
        backbone: a network in place of MobileNetV2.
    """

    width: Positive
    fusion: Count
    features: Count
    dropout: Fraction
    backbone: Lite | None = None

    local_logits: ClassVar[bool] = True

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (self.backbone or mobilenet(self.width),)

    @property
    def step(self) -> int:
        """The coarser of its two strides, so that both meet."""
        return STRIDE


@dataclass(frozen=True, slots=True)
class Standard(ArchitectureFacts):
    """A published network with its own pooling and a linear output; ``osteon models`` lists them.

    Attributes:
        model: its name in ``recipe/published.py``.
        dropout: before the output layer.
    """

    model: str
    dropout: Fraction

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (self.model,)

    @property
    def step(self) -> int:
        """Side of a transformer's patch."""
        return find(self.model).step


@dataclass(frozen=True, slots=True)
class PairedResNet(ArchitectureFacts):
    """One ResNet backbone for both views of a study, and their fusion: URFNet; see ``models/urfnet.py``.

    Attributes:
        model: the backbone's name in ``recipe/published.py``.
        fusion: of the two views.
        attention: width of queries, keys and values.
        hidden: units of the fully connected layer before the output.
        dropout: before each fully connected layer.
        attends_to: what queries, keys and values are made of in cross-attention. ``other view``: the queries of a view from
            it, keys and values from the other. ``both views``: the places of both views are one sequence, from which all three
            are made. ``joined channels``: the channels of both views are joined at each place, and all three made of that.
        pooling: side of the maps to which adaptive pooling reduces the features before the attention; None leaves them.
    """

    model: str
    fusion: Literal["cross-attention", "concatenation"]
    attention: Count
    hidden: Count
    dropout: Fraction
    attends_to: Literal["other view", "both views", "joined channels"] = "other view"
    pooling: Count | None = None

    images_per_case: ClassVar[int] = 2

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (self.model,)


@dataclass(frozen=True, slots=True)
class MixedViews(ArchitectureFacts):
    """A published network that is shown both views of a study as one picture; see ``models/mixed_views.py``.

    Attributes:
        model: its name in ``recipe/published.py``.
        dropout: before the output layer.
        mix: how the views become one picture: as its ``channels``, as the ``mean`` of both, or ``side by side``.
    """

    model: str
    dropout: Fraction
    mix: Literal["channels", "mean", "side by side"]

    images_per_case: ClassVar[int] = 2

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (self.model,)

    @property
    def step(self) -> int:
        """Side of a transformer's patch."""
        return find(self.model).step


@dataclass(frozen=True, slots=True)
class EmbeddedMlp(ArchitectureFacts):
    """Blocks of linear layer, ReLU, batch norm and dropout on the embedding of a pre-trained network; ``models/mlp.py``.

    Attributes:
        model: the backbone's name in ``recipe/published.py``.
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

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return (self.model,)


@dataclass(frozen=True, slots=True)
class Ensemble(ArchitectureFacts):
    """Networks whose probabilities or logits are averaged; see ``models/ensemble.py``.

    Attributes:
        members: each trained by itself.
        activation: of the task, by which logits become probabilities.
        average: what is averaged.
    """

    members: tuple[Standard, ...]
    activation: Literal["sigmoid", "softmax"]
    average: Literal["probabilities", "logits"] = "probabilities"

    trained: ClassVar[bool] = False

    @property
    def published(self) -> tuple[str, ...]:
        """See ``ArchitectureFacts``."""
        return tuple(member.model for member in self.members)

    @property
    def step(self) -> int:
        """The largest patch among its members."""
        return max(member.step for member in self.members)

    @property
    def required_activation(self) -> Literal["sigmoid", "softmax"]:
        """That of the averaged probabilities."""
        return self.activation


Classification = MobileNetClassifier | MobileNetLocator | Standard | PairedResNet | MixedViews | EmbeddedMlp | Ensemble
Architecture = Classification | DetectorArchitecture
