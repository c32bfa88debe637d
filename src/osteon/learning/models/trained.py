"""A network that starts from trained weights and learns a part at a time."""

from __future__ import annotations

from typing import Literal, Self

from torch import nn

from osteon.core.errors import RecipeError

Trainable = Literal["head", "last 30", "all"]


class Trained(nn.Module):
    """A trunk, which may start from trained weights, and new layers behind it: the head.

    Attributes:
        trunk: the layers that may start from trained weights.
        weights_source: where those came from; ``random: ...`` where there were none.
    """

    trunk: nn.Module
    weights_source: str

    def __init__(self) -> None:
        super().__init__()
        self._resting: list[nn.Module] = []

    @property
    def pretrained(self) -> bool:
        """Whether the trunk started from trained weights."""
        return not self.weights_source.startswith("random")

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
