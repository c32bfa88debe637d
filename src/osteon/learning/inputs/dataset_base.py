"""What showing films to a classifier and to a detector has in common: decoded cases, and loaders of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from torch.utils.data import DataLoader, Dataset

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.compute.distributed import dealt, place
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.inputs.sampler import Draws
from osteon.learning.recipe import Augmentation, Recipe

Shown = TypeVar("Shown")
"""One case as a kind of network takes it."""


@dataclass(frozen=True)
class Changing(Dataset[Shown]):
    """Training cases, changed at random; they are asked for by a ``Draw``.

    Attributes:
        cases: what they show.
        cached: decoded on a square canvas of ``recipe.cache_side``.
        recipe: says on which canvas they lie and how they are drawn.
        how: size of the input in this phase.
        what: how they are changed in this phase.
    """

    cases: Cases
    cached: Canvases
    recipe: Recipe
    how: Preprocessing
    what: Augmentation

    def __len__(self) -> int:
        return len(self.cases)


@dataclass(frozen=True)
class Unchanged(Dataset[Shown]):
    """Validation cases, exactly as the reader prepares them.

    Attributes:
        cases: what they show.
        cached: decoded on the network's own canvas.
        how: the preprocessing.
    """

    cases: Cases
    cached: Canvases
    how: Preprocessing

    def __len__(self) -> int:
        return len(self.cases)


def drawn(data: Changing[Shown], collate: Callable[[list[Shown]], object], seed: int, phase: int) -> DataLoader[Shown]:
    """Batches of changed cases; the last, smaller one is left out, since batch statistics of a few images mislead.

    Of several processes each shows its part of every batch, so that together they show the recipe's.

    Args:
        data: to draw from.
        collate: makes a batch of some cases.
        seed: of the run.
        phase: its number.
    """
    draws = Draws(data.cases.positive, data.recipe.sampling, seed, phase, place())
    return DataLoader(data, batch_size=draws.batch_size, sampler=draws, drop_last=True, collate_fn=collate)


def in_order(data: Unchanged[Shown], collate: Callable[[list[Shown]], object], batch_size: int) -> DataLoader[Shown]:
    """Batches of unchanged cases, in order."""
    return DataLoader(data, batch_size=batch_size, shuffle=False, collate_fn=collate)


def shared(data: Unchanged[Shown], collate: Callable[[list[Shown]], object], batch_size: int) -> DataLoader[Shown]:
    """As ``in_order``, but of several processes each shows its part; ``interleaved`` puts the parts together."""
    here = place()
    size = -(-batch_size // here.world)
    return DataLoader(data, batch_size=size, sampler=dealt(len(data), here), collate_fn=collate)
