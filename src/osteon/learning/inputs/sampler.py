"""Which cases an epoch consists of, in which order.

Everything random is seeded by (seed, phase, epoch, position), so that a resumed run is the same as one that was never
interrupted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler

from osteon.core.errors import RecipeError
from osteon.learning.compute.distributed import ALONE, Place
from osteon.learning.recipe import Sampling


class Draw(NamedTuple):
    """A case and the seed of its augmentation."""

    case: int
    words: tuple[int, ...]


class Draws(Sampler[Draw]):
    """Which cases an epoch consists of, in which order.

    Positives and negatives are each taken from an endless sequence of shuffled rounds through the data, so that over the
    epochs all cases are used equally often within their class. Several processes divide the positions of each batch among them.

    Args:
        positive: bool (N,), of the training cases.
        sampling: the recipe's record.
        seed: of the run.
        phase: its number.
        here: which of the processes this is.
        hard: bool (N,), negatives of which the recipe may want more.

    Attributes:
        batch_size: cases of a batch that this process loads.

    Raises:
        RecipeError: a batch has fewer cases than there are processes.
    """

    def __init__(
        self,
        positive: NDArray[np.bool_],
        sampling: Sampling,
        seed: int,
        phase: int,
        here: Place = ALONE,
        hard: NDArray[np.bool_] | None = None,
    ) -> None:
        total = sampling.images_per_epoch or len(positive)
        positives, negatives = np.flatnonzero(positive), np.flatnonzero(~positive)
        share = sampling.positive_share
        # With a share, two sequences; without, or where all cases are of one kind, one sequence of everything.
        self._rows = [(np.arange(len(positive)), total)]
        if share is not None and len(positives) and len(negatives):
            wanted = round(total * share)
            self._rows = [(positives, wanted), (negatives, total - wanted)]
            if sampling.hard_share and hard is not None and hard.any():
                often = round((total - wanted) * sampling.hard_share)
                self._rows = [(positives, wanted), (negatives, total - wanted - often), (np.flatnonzero(hard), often)]
        self._total = total
        self._seed = (seed, phase)
        self._epoch = 0
        self._batch = min(sampling.batch_size, total)
        self._here = here
        self.batch_size = len(range(here.rank, self._batch, here.world))
        if self._batch < here.world:
            raise RecipeError("a batch cannot be divided", expected=f"{here.world} cases or more", got=str(self._batch))

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch; the trainer calls this before each."""
        self._epoch = epoch

    def __len__(self) -> int:
        # With several processes the incomplete last batch is left out, so that all make the same number of steps.
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
