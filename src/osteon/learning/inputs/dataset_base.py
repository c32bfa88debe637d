"""Datasets and loaders that classifiers and detectors share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.compute.distributed import dealt, place
from osteon.learning.inputs.canvas import boxes_on_canvas, cache_preprocessing
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.inputs.paste import Pasted, paste
from osteon.learning.inputs.sampler import Draw, Draws
from osteon.learning.recipe import Augmentation, Recipe

_PASTING: Final = 7  # sets the random numbers of pasting apart

Example = TypeVar("Example")
"""One case as a kind of network takes it."""


@dataclass(frozen=True)
class TrainingDataset(Dataset[Example]):
    """Training cases, augmented at random; they are asked for by a ``Draw``.

    Attributes:
        cases: what they show.
        cached: decoded on a square canvas of ``recipe.cache_side``.
        recipe: its canvas and its sampling.
        preprocessing: size of the input in this phase.
        augmentation: ranges of the changes in this phase.
    """

    cases: Cases
    cached: Canvases
    recipe: Recipe
    preprocessing: Preprocessing
    augmentation: Augmentation

    def __len__(self) -> int:
        return len(self.cases)

    def pasted(self, draw: Draw, canvas: NDArray[np.uint8], boxes: NDArray[np.float32]) -> Pasted | None:
        """An image with a finding of another image in it, where the recipe wants that; None where not.

        Args:
            draw: of the image.
            canvas: the image as it is cached.
            boxes: of its findings; with any, it stays as it is.
        """
        share = self.recipe.sampling.paste_share
        if not share or len(boxes) or self.cases.positive[draw.case] or np.isnan(self.cases.targets[draw.case]).any():
            return None
        random = np.random.default_rng((*draw.words, _PASTING))  # the other changes stay what they are without it
        donors = np.flatnonzero(self.cases.positive)
        if random.random() >= share or not len(donors):
            return None
        image = int(self.cases.views[donors[int(random.integers(len(donors)))], 0])
        found = boxes_on_canvas(self.cases, self.cached, image, cache_preprocessing(self.recipe))
        single = found[(self.cases.kinds[image] >= 0) & ~self.cases.crowds[image]]
        return paste(canvas, self.cached.pixels[image], single, random) if len(single) else None

    @abstractmethod
    def collate(self, examples: list[Example]) -> Any:
        """A batch of some cases."""


@dataclass(frozen=True)
class ValidationDataset(Dataset[Example]):
    """Validation cases, exactly as the inference pipeline prepares them.

    Attributes:
        cases: what they show.
        cached: decoded on the network's own canvas.
        preprocessing: of the network.
    """

    cases: Cases
    cached: Canvases
    preprocessing: Preprocessing

    def __len__(self) -> int:
        return len(self.cases)

    @abstractmethod
    def collate(self, examples: list[Example]) -> Any:
        """A batch of some cases."""


def training_loader(data: TrainingDataset[Example], seed: int, phase: int) -> DataLoader[Example]:
    """Batches of augmented cases; the last, smaller one is left out, since batch statistics of a few images mislead.

    Of several processes each loads its part of every batch, so that together they load the recipe's.

    Args:
        data: to draw from.
        seed: of the run.
        phase: its number.
    """
    draws = Draws(data.cases.positive, data.recipe.sampling, seed, phase, place(), data.cases.hard)
    return DataLoader(data, batch_size=draws.batch_size, sampler=draws, drop_last=True, collate_fn=data.collate)


def validation_loader(data: ValidationDataset[Example], batch_size: int) -> DataLoader[Example]:
    """Batches of unchanged cases, in order."""
    return DataLoader(data, batch_size=batch_size, shuffle=False, collate_fn=data.collate)


def distributed_validation_loader(data: ValidationDataset[Example], batch_size: int) -> DataLoader[Example]:
    """As ``validation_loader``, but each of several processes loads its part; ``interleaved`` puts the parts together."""
    here = place()
    size = -(-batch_size // here.world)
    return DataLoader(data, batch_size=size, sampler=dealt(len(data), here), collate_fn=data.collate)
