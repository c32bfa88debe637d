"""What every classifier gives to training and to export."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, NamedTuple, Self

import torch
from torch import Tensor, nn

from osteon.core.errors import RecipeError

Trainable = Literal["head", "last 30", "all"]


class Outputs(NamedTuple):
    """What a network says while it learns.

    Attributes:
        logits: (N, labels).
        local: (N, labels, h, w) logits of each place, or None where the network has none.
    """

    logits: Tensor
    local: Tensor | None


class Explanation(NamedTuple):
    """What a network says once it has learnt.

    Attributes:
        logits: (N, labels).
        maps: (N, labels, h, w), not negative, not normalised; (N, labels, V, h, w) where it sees V films at once.
        pooled: (N, K), the mean features, which say how strange the films are.
    """

    logits: Tensor
    maps: Tensor
    pooled: Tensor


class Network(nn.Module, ABC):
    """A classifier that says where it looked, in the same forward pass.

    Most are a ``GradCam``; transformers and ensembles make their maps in another way.

    Attributes:
        trunk: the layers that may start from trained weights.
        weights_source: where those came from; ``random: ...`` where there were none.
        map_method: what the map is, for the model card.
    """

    trunk: nn.Module
    weights_source: str
    map_method: str

    def __init__(self) -> None:
        super().__init__()
        self._resting: list[nn.Module] = []

    @property
    def pretrained(self) -> bool:
        """Whether the trunk started from trained weights."""
        return not self.weights_source.startswith("random")

    @abstractmethod
    def features(self, image: Tensor) -> Tensor:
        """Last features (N, K, h, w) of images (N, C, H, W); the map rests on these.

        With V films at once: (N, V, K, h, w) of images (N, V, C, H, W). Transformers have tokens (N, T, K).
        """

    @abstractmethod
    def explain(self, image: Tensor) -> Explanation:
        """Logits, the map of each label, and the pooled features of images (N, C, H, W) or (N, V, C, H, W)."""

    @abstractmethod
    def forward(self, image: Tensor) -> Outputs:
        """Logits of images (N, C, H, W), or (N, V, C, H, W) with V films at once."""

    def pooled(self, features: Tensor) -> Tensor:
        """Mean (N, K) of the last features over places, and over the films of a case."""
        mean = features.mean((-2, -1))
        return mean if mean.ndim == 2 else mean.mean(1)

    def learning_parts(self, trainable: Trainable) -> list[nn.Module]:
        """The parts of the trunk that learn in a phase; where the trunk started at random, all of it.

        All of the trunk or nothing of it, unless a network knows better.

        Raises:
            RecipeError: a part of the trunk is asked for; this network has no such phase.
        """
        if trainable == "last 30":
            raise RecipeError(
                f"{type(self).__name__} cannot train a part of its trunk", expected="head or all", got=trainable
            )
        return [self.trunk] if trainable == "all" else []

    @abstractmethod
    def dense_layers(self) -> list[nn.Module]:
        """The output layers, whose weights an L2 penalty shrinks."""

    def head_parameters(self) -> list[nn.Parameter]:
        """Parameters of the new layers, behind the trunk."""
        return [parameter for name, parameter in self.named_parameters() if not name.startswith("trunk.")]

    def freeze(self, trainable: Trainable) -> None:
        """Let only the named layers of the trunk learn, and the head; the others keep weights and batch statistics."""
        parts = self.learning_parts(trainable) if self.pretrained else [self.trunk]
        learning = {id(module) for part in parts for module in part.modules()}
        self._resting = [module for module in self.trunk.modules() if id(module) not in learning]
        self.trunk.requires_grad_(requires_grad=False)
        for part in parts:
            part.requires_grad_(requires_grad=True)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """Switch to training or evaluation; resting layers stay in evaluation, with their batch statistics."""
        super().train(mode)
        for module in self._resting:
            # Not eval(), which would reach down to parts that learn.
            module.training = False
        return self

    def l2(self) -> Tensor:
        """Sum of the squared weights of the dense layers, as Keras's kernel regulariser counts them."""
        return torch.stack(
            [w.square().sum() for layer in self.dense_layers() for w in layer.parameters() if w.ndim > 1]
        ).sum()
