"""Cases as training uses them: images, targets, boxes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Cases:
    """Cases of one part of a split: V images each, which the network sees at once (V = 1 where each image is a case).

    Attributes:
        root: the dataset's folder.
        images: paths below it (M).
        views: int (N, V), the rows of ``images`` that make a case, in the order of the recipe's views.
        targets: float32 (N, labels) of 1 and 0; NaN where a label is unknown.
        positive: bool (N,), whether a positive label holds.
        boxes: for each image (M), float32 (n, 4) in source pixels.
        kinds: for each image (M), int (n,), the task's label of each box; -1 for those that it does not name.
        crowds: for each image (M), bool (n,), whether a box stands for several findings that nobody marked one by one.
        groups: for each case (N), the group that no split divides.
        hard: bool (N,), negatives that a teacher called most likely positive; None where no teacher was asked.
    """

    root: Path
    images: tuple[str, ...]
    views: NDArray[np.intp]
    targets: NDArray[np.float32]
    positive: NDArray[np.bool_]
    boxes: tuple[NDArray[np.float32], ...]
    kinds: tuple[NDArray[np.intp], ...]
    crowds: tuple[NDArray[np.bool_], ...]
    groups: tuple[str, ...]
    hard: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """Number of cases."""
        return len(self.views)

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each case: the path of its first image."""
        return tuple(self.images[row] for row in self.views[:, 0])

    def only(self, keep: NDArray[np.bool_]) -> Cases:
        """The cases marked in ``keep`` (N,); all images stay, so that rows of ``images`` stay valid."""
        chosen = np.flatnonzero(keep)
        return Cases(
            root=self.root,
            images=self.images,
            views=self.views[chosen],
            targets=self.targets[chosen],
            positive=self.positive[chosen],
            boxes=self.boxes,
            kinds=self.kinds,
            crowds=self.crowds,
            groups=tuple(self.groups[i] for i in chosen),
            hard=None if self.hard is None else self.hard[chosen],
        )
