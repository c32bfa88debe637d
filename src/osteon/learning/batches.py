"""From decoded images to batches: which images an epoch shows, and how each of them is changed.

Everything random is drawn from (seed, phase, epoch, position), so that a run that was killed goes on exactly as it would
have gone on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from osteon.core.errors import RecipeError
from osteon.imaging.preprocess import Preprocessing, to_input
from osteon.imaging.preprocess import place as put
from osteon.learning.augment import augment, places
from osteon.learning.canvases import Canvases
from osteon.learning.cases import Cases
from osteon.learning.distributed import ALONE, Place, dealt, place
from osteon.learning.recipe import Augmentation, Phase, Recipe, Sampling

STRIDE: Final = 16
"""Distance of two places of a network's local logits, in pixels of its input."""


class Example(NamedTuple):
    """One case, or a batch of them.

    Attributes:
        image: float32 (C, H, W), the network's input; (V, C, H, W) where it sees several films at once.
        target: float32 (labels,) of 1 and 0, NaN where unknown.
        places: float32 (h, w) of 0 and 1, where the boxes of the first film are.
        placed: whether ``places`` is known: the film has boxes or the case no positive label.
    """

    image: Tensor
    target: Tensor
    places: Tensor
    placed: Tensor


class Draw(NamedTuple):
    """A position in the data and the random words that change it."""

    case: int
    words: tuple[int, ...]


class Draws(Sampler[Draw]):
    """Which images an epoch shows, in which order.

    Positives and negatives are each taken from an endless row of shuffled rounds through the data, so that over the epochs
    all images are seen equally often within their class. Several processes divide the positions of each batch among them.

    Args:
        positive: bool (N,), of the training cases.
        sampling: the recipe's record.
        seed: of the run.
        phase: its number.
        here: which of the processes this is.

    Attributes:
        batch_size: cases of a batch that this process shows.

    Raises:
        RecipeError: a batch has fewer cases than there are processes.
    """

    def __init__(
        self, positive: NDArray[np.bool_], sampling: Sampling, seed: int, phase: int, here: Place = ALONE
    ) -> None:
        total = sampling.images_per_epoch or len(positive)
        positives, negatives = np.flatnonzero(positive), np.flatnonzero(~positive)
        share = sampling.positive_share
        # With a share, two rows; without, one row of everything.
        self._rows = [(np.arange(len(positive)), total)]
        if share is not None:
            wanted = round(total * share)
            self._rows = [(positives, wanted), (negatives, total - wanted)]
        self._total = total
        self._seed = (seed, phase)
        self._epoch = 0
        self._batch = min(sampling.batch_size, total)
        self._here = here
        self.batch_size = len(range(here.rank, self._batch, here.world))
        if self._batch < here.world:
            raise RecipeError("a batch cannot be divided", expected=f"{here.world} cases or more", got=str(self._batch))

    def set_epoch(self, epoch: int) -> None:
        """Name the epoch; the trainer calls this before each."""
        self._epoch = epoch

    def __len__(self) -> int:
        # Of several processes none shows what is left of the last batch, so that all make the same number of steps.
        return self._total if self._here.world == 1 else self._total // self._batch * self.batch_size

    def __iter__(self) -> Iterator[Draw]:
        taken = [self._take(row, pool, count) for row, (pool, count) in enumerate(self._rows)]
        order = np.random.default_rng((*self._seed, self._epoch)).permutation(np.concatenate(taken))
        here, whole = self._here, len(order) // self._batch * self._batch
        for position, index in enumerate(order):
            if here.world > 1 and (position >= whole or position % self._batch % here.world != here.rank):
                continue
            yield Draw(int(index), (*self._seed, self._epoch, position))

    def _take(self, row: int, pool: NDArray[np.intp], count: int) -> NDArray[np.intp]:
        start = self._epoch * count
        rounds = range(start // len(pool), (start + count - 1) // len(pool) + 1) if count else range(0)
        shuffled = [np.random.default_rng((*self._seed, row, r)).permutation(pool) for r in rounds]
        if not shuffled:
            return pool[:0]
        first = start - rounds.start * len(pool)
        return np.concatenate(shuffled)[first : first + count]


@dataclass(frozen=True)
class TrainingSet(Dataset[Example]):
    """Training images, changed at random.

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

    def __getitem__(self, draw: Draw) -> Example:
        changed: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
        for film in self.cases.films[draw.case]:
            boxes = boxes_on_canvas(self.cases, self.cached, int(film), cache_preprocessing(self.recipe))
            # All films of a case are changed alike: the same words give the same changes.
            random = np.random.default_rng(draw.words)
            changed.append(augment(self.cached.pixels[film], boxes, self.how, self.what, random))
        return _example(changed, self.cases, draw.case, self.how)


@dataclass(frozen=True)
class ValidationSet(Dataset[Example]):
    """Validation images, exactly as the reader prepares them.

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

    def __getitem__(self, index: int) -> Example:
        shown: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
        for film in self.cases.films[index]:
            boxes = boxes_on_canvas(self.cases, self.cached, int(film), self.how)
            shown.append((self.cached.pixels[film].astype(np.float32) / np.float32(255.0), boxes))
        return _example(shown, self.cases, index, self.how)


def training_batches(data: TrainingSet, seed: int, phase: int) -> DataLoader[Example]:
    """Batches of changed images; the last, smaller one is left out, since batch statistics of a few images mislead.

    Of several processes each shows its part of every batch, so that together they show the recipe's.
    """
    draws = Draws(data.cases.positive, data.recipe.sampling, seed, phase, place())
    return DataLoader(data, batch_size=draws.batch_size, sampler=draws, drop_last=True, collate_fn=collate)


def validation_batches(data: ValidationSet, batch_size: int) -> DataLoader[Example]:
    """Batches of unchanged images, in order."""
    return DataLoader(data, batch_size=batch_size, shuffle=False, collate_fn=collate)


def dealt_batches(data: ValidationSet, batch_size: int) -> DataLoader[Example]:
    """As ``validation_batches``, but of several processes each shows its part; ``interleaved`` puts the parts together."""
    here = place()
    size = -(-batch_size // here.world)
    return DataLoader(data, batch_size=size, sampler=dealt(len(data), here), collate_fn=collate)


def collate(examples: list[Example]) -> Example:
    """Stack examples; images lie channels last, which is what convolutions on processors are fastest with."""
    image, *rest = (torch.stack(column) for column in zip(*examples, strict=True))
    ready = image.contiguous(memory_format=torch.channels_last) if image.ndim == 4 else image
    return Example(ready, *rest)


def phase_preprocessing(recipe: Recipe, phase: Phase) -> Preprocessing:
    """What the network sees while it learns in a phase."""
    how = recipe.preprocessing
    return how if phase.side is None else replace(how, height=phase.side, width=phase.side)


def cache_preprocessing(recipe: Recipe) -> Preprocessing:
    """The square canvas on which training images are kept."""
    return replace(recipe.preprocessing, height=recipe.cache_side, width=recipe.cache_side)


def boxes_on_canvas(cases: Cases, cached: Canvases, film: int, how: Preprocessing) -> NDArray[np.float32]:
    """Boxes (n, 4) of a film, in pixels of its canvas."""
    rows, columns = (int(side) for side in cached.sizes[film])
    at = put((rows, columns), how)
    scale = np.array([at.scale_x, at.scale_y, at.scale_x, at.scale_y], np.float32)
    shift = np.array([at.left, at.top, at.left, at.top], np.float32)
    return cases.boxes[film].reshape(-1, 4) * scale + shift


def _example(
    shown: list[tuple[NDArray[np.float32], NDArray[np.float32]]], cases: Cases, index: int, how: Preprocessing
) -> Example:
    inputs = [np.array(to_input(pixels, how)) for pixels, _boxes in shown]
    boxes = shown[0][1]
    return Example(
        image=torch.from_numpy(inputs[0] if len(inputs) == 1 else np.stack(inputs)),
        target=torch.from_numpy(cases.targets[index]),
        places=torch.from_numpy(places(boxes, how, STRIDE)),
        placed=torch.tensor(bool(len(boxes)) or not cases.positive[index]),
    )
