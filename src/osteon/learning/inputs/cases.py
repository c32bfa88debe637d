"""A table of cases as training sees it: films, targets, boxes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Cases:
    """Cases of one part of a split: V films each, which the network sees at once (V = 1 where each film is a case).

    Attributes:
        root: the dataset's folder.
        images: paths below it, of the films (M).
        films: int (N, V), the rows of ``images`` that make a case, in the order of the recipe's views.
        targets: float32 (N, labels) of 1 and 0; NaN where a label is unknown.
        positive: bool (N,), whether a positive label holds.
        boxes: for each film (M), float32 (n, 4) in source pixels.
        kinds: for each film (M), int (n,), the task's label of each box; -1 for those that it does not name.
        groups: for each case (N), the group that no split divides.
    """

    root: Path
    images: tuple[str, ...]
    films: NDArray[np.intp]
    targets: NDArray[np.float32]
    positive: NDArray[np.bool_]
    boxes: tuple[NDArray[np.float32], ...]
    kinds: tuple[NDArray[np.intp], ...]
    groups: tuple[str, ...]

    def __len__(self) -> int:
        """Number of cases."""
        return len(self.films)

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each case: the path of its first film."""
        return tuple(self.images[row] for row in self.films[:, 0])

    def only(self, keep: NDArray[np.bool_]) -> Cases:
        """The cases marked in ``keep`` (N,); all films stay, so that their rows keep their meaning."""
        chosen = np.flatnonzero(keep)
        return Cases(
            root=self.root,
            images=self.images,
            films=self.films[chosen],
            targets=self.targets[chosen],
            positive=self.positive[chosen],
            boxes=self.boxes,
            kinds=self.kinds,
            groups=tuple(self.groups[i] for i in chosen),
        )
