"""A network that starts from trained weights and is trained a part at a time."""

from __future__ import annotations

from typing import Literal, Self

from torch import nn

from osteon.core.errors import RecipeError
from osteon.learning.models.state_names import rename_on_load

Trainable = Literal["head", "last 30", "all"]


class Trained(nn.Module):
    """A backbone, which may start from trained weights, and new layers behind it: the head.

    Attributes:
        backbone: the layers that may start from trained weights.
        weights_source: where those came from, in words.
        pretrained: whether the backbone started from trained weights, not at random.
    """

    backbone: nn.Module
    weights_source: str
    pretrained: bool

    def __init__(self) -> None:
        super().__init__()
        self._frozen: list[nn.Module] = []
        self.register_load_state_dict_pre_hook(rename_on_load)

    def learning_parts(self, trainable: Trainable) -> list[nn.Module]:
        """The parts of the backbone that learn in a phase; where the backbone started at random, all of it.

        All of the backbone or nothing of it, unless a network knows better.

        Raises:
            RecipeError: a part of the backbone is asked for; this network has no such phase.
        """
        if trainable == "last 30":
            raise RecipeError(
                f"{type(self).__name__} cannot train a part of its backbone", expected="head or all", got=trainable
            )
        return [self.backbone] if trainable == "all" else []

    def head_parameters(self) -> list[nn.Parameter]:
        """Parameters of the new layers, behind the backbone."""
        return [parameter for name, parameter in self.named_parameters() if not name.startswith("backbone.")]

    def freeze(self, trainable: Trainable) -> None:
        """Let only the named layers of the backbone learn, and the head; the others keep weights and batch statistics."""
        parts = self.learning_parts(trainable) if self.pretrained else [self.backbone]
        learning = {id(module) for part in parts for module in part.modules()}
        self._frozen = [module for module in self.backbone.modules() if id(module) not in learning]
        self.backbone.requires_grad_(requires_grad=False)
        for part in parts:
            part.requires_grad_(requires_grad=True)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """Switch to training or evaluation; frozen layers stay in evaluation, with their batch statistics."""
        super().train(mode)
        for module in self._frozen:
            # Not eval(), which would reach down to parts that learn.
            module.training = False
        return self
